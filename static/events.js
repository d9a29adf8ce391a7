// How the parts tell each other things: each fires events, and the page listens.

/** @param {EventTarget} part  @param {string} type  @param {any} [detail] */
export function fire(part, type, detail) {
  part.dispatchEvent(new CustomEvent(type, { detail }));
}

/** @param {EventTarget} part  @param {string} type  @param {(detail: any) => void} act */
export function listen(part, type, act) {
  part.addEventListener(type, (event) => act(/** @type {CustomEvent} */ (event).detail));
}
