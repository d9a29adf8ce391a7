// Asks the service.

const TIMEOUT = 15_000; // ms, after which an answer is no longer expected

/** @param {string} path */
export const address = (path) => new URL(path, document.baseURI);

/** Why there is no answer. kind: "unreachable", "broken", "busy", "absent", "empty", "refused",
 *  or "fault": the page itself did not get as far as asking. */
export class Trouble extends Error {
  constructor(kind, { seconds = 0, detail = "" } = {}) {
    super(kind);
    this.kind = kind;
    this.seconds = seconds; // that the service wants to be left alone; 0 if it did not say
    this.detail = detail;
  }

  /** Whether the same question may be answered later. */
  get passes() {
    return ["unreachable", "broken", "busy", "absent"].includes(this.kind);
  }
}

/** What the service answers to a picture. Throws Trouble.
 *  @param {string} path  @param {Uint8Array} png  @param {AbortSignal} signal  @returns {Promise<any>} */
export async function ask(path, png, signal) {
  const until = new AbortController();
  const stop = () => until.abort();
  const timer = setTimeout(stop, TIMEOUT);
  signal.addEventListener("abort", stop);
  try {
    const request = new Request(address(path), {
      method: "POST",
      headers: { "Content-Type": "image/png" },
      body: /** @type {any} */ (png),
      signal: until.signal,
    });
    const response = await arrived(() => fetch(request));
    const answer = parsed(await arrived(() => response.text()));
    if (response.ok) return answer;
    throw troubleFrom(response, answer);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

// Only what is on its way can be lost: all that is done before and after lies outside, so that no
// fault of this page is taken for the network's.
async function arrived(transfer) {
  try {
    return await transfer();
  } catch {
    throw new Trouble("unreachable");
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Trouble("broken");
  }
}

function troubleFrom(response, problem) {
  const isAbout = (kind) => problem.type?.endsWith(`:${kind}`);
  if (response.status === 429 || response.status === 503) {
    // The other form of Retry-After, a date, is not worth a parser: it is asked again in a second.
    const seconds = Math.ceil(Number(response.headers.get("Retry-After"))) || 1;
    return new Trouble(isAbout("not-ready") ? "absent" : "busy", { seconds });
  }
  if (response.status >= 500) return new Trouble("broken");
  if (isAbout("empty-drawing")) return new Trouble("empty");
  return new Trouble("refused", { detail: problem.detail });
}
