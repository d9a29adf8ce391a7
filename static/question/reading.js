// What is read on a sheet. One network of the service reads a digit, another a number: the first is
// asked first, and what may be more than a digit goes to the second.

import { NONE } from "../paper/drawing.js";
import { address, ask, Trouble } from "./service.js";
import { toBox, toSent } from "./sent.js";

const NARROW = 0.9; // times as wide as high: two digits are seldom so narrow

/**
 * @typedef {import("../paper/drawing.js").Sheet} Sheet
 * @typedef {import("../paper/overlay.js").Box} Box
 *
 * @typedef {object} Digit  one digit that was read
 * @property {number} digit  the most probable one
 * @property {number[]} probabilities  of 0 to 9; they sum to 1
 * @property {number | null} isDigit  0..1, that it is a digit at all; null where that is not known, or not
 *   yet: of a digit of a number its explanation tells
 * @property {boolean} isAlone  whether it touches no other: only then can that be known
 * @property {"digit" | "unsure" | "not a digit"} verdict
 * @property {number[][]} pixels  28x28, 0..255, 255 is ink: what the network saw
 * @property {Box | null} box  where it lies on the paper, if known
 *
 * @typedef {object} Reading  what was read on a sheet; one digit is a number of length one
 * @property {string} number  its digits, and NONE for each mark that is none; empty if there is no digit
 * @property {Digit[]} digits  from left to right
 * @property {"digit" | "number" | "unsure" | "not a digit"} verdict
 * @property {number} confidence  0..1, that all of it is right
 * @property {{number: string, probability: number} | null} other  the number that is next likely
 * @property {Box[]} ignored  ink that was left out
 * @property {URL} address  which question this is the answer to
 */

/** What a sheet, or a part of it, shows. Throws Trouble.
 *  @param {Sheet} sheet  @param {AbortSignal} signal  @param {Box} [part]  @returns {Promise<Reading>} */
export async function readSheet(sheet, signal, part) {
  const sent = toSent(sheet, part);
  const one = await ask("predict?detail=true", sent.png, signal);
  if (isDigit(one, sent)) return ofDigit(one, sent);
  const number = await askForNumber(sent.png, signal);
  return number && isNumber(number, one) ? ofNumber(number, sent) : ofDigit(one, sent);
}

/** The answer for a number; null where the service has no network for numbers, or sees none. */
async function askForNumber(png, signal) {
  try {
    return await ask("read?detail=true", png, signal);
  } catch (error) {
    if (error instanceof Trouble && ["absent", "empty"].includes(error.kind)) return null;
    throw error;
  }
}

// Of two digits side by side one may be taken for a neighbour, and left out. In a picture from outside
// it mostly is one; whoever writes on this paper means all of it.
function isDigit({ verdict, ignored }, { inkBox: box }) {
  if (verdict !== "digit") return false;
  return !box || (!ignored?.length && box.right - box.left <= NARROW * (box.bottom - box.top));
}

// What the one network takes for a digit, or nearly, is a number only if the other is sure.
function isNumber({ verdict, digits }, one) {
  if (digits.length < 2 || verdict === "not a number") return false;
  return verdict === "number" || one.verdict === "not a digit";
}

function ofDigit({ digit, confidence, probabilities, is_digit: isDigit, verdict, pixels, ignored = [] }, sent) {
  return {
    number: verdict === "not a digit" ? "" : String(digit),
    digits: [{ digit, probabilities, isDigit, isAlone: true, verdict, pixels, box: sent.inkBox }],
    verdict,
    confidence,
    other: null,
    ignored: ignored.map((box) => toBox(box, sent)),
    address: address("predict"),
  };
}

function ofNumber({ number, confidence, verdict, digits, alternatives, ignored }, sent) {
  const other = alternatives[1] ?? null;
  const least = Math.min(...digits.map((each) => each.confidence));
  const isDoubtful = (each, i) =>
    other?.number.length === number.length ? other.number[i] !== number[i] : each.confidence === least;
  return {
    number,
    digits: digits.map((each, i) => ({
      digit: each.digit,
      probabilities: each.probabilities,
      isDigit: null,
      isAlone: digits.every((other) => other === each || isApart(each.box, other.box)),
      verdict: verdict === "unsure" && isDoubtful(each, i) ? "unsure" : "digit",
      pixels: each.pixels,
      box: toBox(each.box, sent),
    })),
    verdict,
    confidence,
    other,
    ignored: ignored.map((box) => toBox(box, sent)),
    address: address("read"),
  };
}

const isApart = (a, b) => a.left + a.width < b.left || b.left + b.width < a.left;

/** A reading with what was read in a piece of ink that it had left out.
 *  @param {Reading} reading  @param {Box} piece  one of its `ignored`  @param {Reading} more
 *  @returns {Reading} */
export function joined(reading, piece, more) {
  const digits = [...reading.digits, ...more.digits.map((each) => ({ ...each, box: each.box ?? piece }))];
  digits.sort((a, b) => (a.box?.left ?? 0) - (b.box?.left ?? 0));
  return {
    ...reading,
    number: digits.map(({ digit, verdict }) => (verdict === "not a digit" ? NONE : digit)).join(""),
    digits,
    verdict: digits.every(({ verdict }) => verdict === "digit") ? "number" : "unsure",
    confidence: reading.confidence * more.confidence,
    other: null,
    ignored: reading.ignored.filter((box) => box !== piece),
  };
}

/** What a reading takes a drawing for: a number, or NONE.  @param {Reading} reading */
export const readAs = ({ number }) => number || NONE;

/** What moved the network that reads a digit, on a sheet or a part of it. Throws Trouble.
 *  @param {Sheet} sheet  @param {AbortSignal} signal  @param {Box} [part]
 *  @returns {Promise<{digit: number, is_digit: number | null, pixels: number[][], feature_maps: number[][][], influence: number[][]}>} */
export const explain = (sheet, signal, part) => ask("explain", toSent(sheet, part).png, signal);
