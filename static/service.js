// The two questions that the page asks of the service.

const TIMEOUT = 15_000; // ms, after which an answer is no longer expected
const address = (path) => new URL(path, document.baseURI);

export const predictAddress = address("predict");

/** Why there is no answer. kind: "unreachable", "broken", "busy", "empty" or "refused". */
export class Trouble extends Error {
  constructor(kind, { seconds = 0, detail = "" } = {}) {
    super(kind);
    Object.assign(this, { kind, seconds, detail });
  }

  /** Whether the same question may be answered later. */
  get passes() {
    return ["unreachable", "broken", "busy"].includes(this.kind);
  }
}

/** What digit a PNG shows, with the frame that the network saw. Throws Trouble. */
export const predict = (png, signal) => ask("predict?detail=true", png, signal);

/** What moved the network: feature maps and influence. Throws Trouble. */
export const explain = (png, signal) => ask("explain", png, signal);

async function ask(path, png, signal) {
  let response, answer;
  try {
    response = await fetch(address(path), {
      method: "POST",
      headers: { "Content-Type": "image/png" },
      body: png,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
    });
    answer = await response.json();
  } catch (error) {
    signal.throwIfAborted();
    throw new Trouble(response && error instanceof SyntaxError ? "broken" : "unreachable");
  }
  if (response.ok) return answer;
  throw troubleFrom(response, answer);
}

function troubleFrom(response, problem) {
  if (response.status === 429 || response.status === 503) {
    // The other form of Retry-After, a date, is not worth a parser: it is asked again in a second.
    return new Trouble("busy", { seconds: Math.ceil(Number(response.headers.get("Retry-After"))) || 1 });
  }
  if (response.status >= 500) return new Trouble("broken");
  if (problem.type?.endsWith("empty-drawing")) return new Trouble("empty");
  return new Trouble("refused", { detail: problem.detail });
}
