// The drawings of this visit. The list of them stays in this tab's own storage and is sent nowhere.

import { revivePicture } from "./picture.js";

const STORE = "drawings"; // in sessionStorage, which ends with the tab

/** Fires "change". An entry, never altered once it is kept, is {id, marks, read, label}: what was
 *  read, 0..9 or NONE, and what the person says it was, the same or null while nothing is said. */
export class Visit extends EventTarget {
  #entries = new Map(); // by id, in the order of their drawing

  /** Bring back what was kept before the page was loaded anew. */
  async restore() {
    const kept = await Promise.all(stored().map(revive));
    this.#entries = new Map([...kept.map((entry) => [entry.id, entry]), ...this.#entries]);
    this.#changed();
  }

  get entries() {
    return [...this.#entries.values()];
  }

  entry(id) {
    return this.#entries.get(id);
  }

  /** Keep a drawing, or what has become of it. */
  keep(id, marks, read) {
    this.#entries.set(id, { label: null, ...this.entry(id), id, marks, read });
    this.#changed();
  }

  /** Say what a drawing was; null takes it back. */
  label(id, label) {
    this.#entries.set(id, { ...this.entry(id), label });
    this.#changed();
  }

  remove(id) {
    if (this.#entries.delete(id)) this.#changed();
  }

  removeAll() {
    this.#entries.clear();
    this.#changed();
  }

  #changed() {
    try {
      sessionStorage.setItem(STORE, JSON.stringify(this.entries));
    } catch {
      // Storage is full or forbidden: the drawings still last as long as the page is open.
    }
    this.dispatchEvent(new Event("change"));
  }
}

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(STORE)) ?? [];
  } catch {
    return [];
  }
}

async function revive(entry) {
  const marks = entry.marks.map((mark) => (mark.source ? revivePicture(mark.source) : mark));
  return { ...entry, marks: await Promise.all(marks) };
}
