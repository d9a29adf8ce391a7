// The two questions that the page asks of the service.

import { NONE } from "../paper/drawing.js";
import { toPng, toPngAndBox } from "./sent.js";

const TIMEOUT = 15_000; // ms, after which an answer is no longer expected
const address = (path) => new URL(path, document.baseURI);

export const predictAddress = address("predict");

/** Why there is no answer. kind: "unreachable", "broken", "busy", "empty", "refused",
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
    return ["unreachable", "broken", "busy"].includes(this.kind);
  }
}

/**
 * @typedef {"digit" | "unsure" | "not a digit"} Verdict
 * @typedef {object} Digit  one digit that was read
 * @property {number} digit  the most probable one
 * @property {number[]} probabilities  of 0 to 9; they sum to 1
 * @property {number} isDigit  0..1, that it is a digit at all; 1 where the network cannot tell
 * @property {Verdict} verdict
 * @property {number[][]} pixels  28x28, 0..255, 255 is ink: what the network saw
 * @property {import("../paper/overlay.js").Box | null} box  where it lies on the paper, if known
 *
 * @typedef {object} Reading  what was read on a sheet; one digit is a number of length one
 * @property {string} number  its digits; empty if there is none
 * @property {Digit[]} digits
 * @property {Verdict} verdict
 *
 * @typedef {import("../paper/drawing.js").Sheet} Sheet
 */

/** What digit a sheet shows. Throws Trouble.
 *  @param {Sheet} sheet  @param {AbortSignal} signal  @returns {Promise<Reading>} */
export async function readDigit(sheet, signal) {
  const { png, box } = toPngAndBox(sheet);
  const answer = await ask("predict?detail=true", png, signal);
  const { digit, probabilities, verdict, pixels } = answer;
  return {
    number: verdict === "not a digit" ? "" : String(digit),
    digits: [{ digit, probabilities, isDigit: answer.is_digit ?? 1, verdict, pixels, box }],
    verdict,
  };
}

/** What a reading takes a drawing for: 0..9 or NONE.  @param {Reading} reading */
export const readAs = ({ verdict, digits }) => (verdict === "not a digit" ? NONE : digits[0].digit);

/** What moved the network. Throws Trouble.
 *  @param {Sheet} sheet  @param {AbortSignal} signal
 *  @returns {Promise<{digit: number, pixels: number[][], feature_maps: number[][][], influence: number[][]}>} */
export const explain = (sheet, signal) => ask("explain", toPng(sheet), signal);

async function ask(path, png, signal) {
  const until = new AbortController();
  const stop = () => until.abort();
  const timer = setTimeout(stop, TIMEOUT);
  signal.addEventListener("abort", stop);
  try {
    const request = new Request(address(path), {
      method: "POST",
      headers: { "Content-Type": "image/png" },
      body: png,
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
  if (response.status === 429 || response.status === 503) {
    // The other form of Retry-After, a date, is not worth a parser: it is asked again in a second.
    return new Trouble("busy", { seconds: Math.ceil(Number(response.headers.get("Retry-After"))) || 1 });
  }
  if (response.status >= 500) return new Trouble("broken");
  if (problem.type?.endsWith("empty-drawing")) return new Trouble("empty");
  return new Trouble("refused", { detail: problem.detail });
}
