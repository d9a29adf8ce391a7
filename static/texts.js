// The words that change while the page is used; all others stand in index.html. A translation
// replaces both files.

import { NONE } from "./paper/drawing.js";

/** Whole per cents, and no certainty where there is none.  @param {number} probability 0..1 */
export function percent(probability) {
  if (probability < 0.01) return "<1\u00a0%";
  if (probability > 0.99) return ">99\u00a0%";
  return `${Math.round(100 * probability)}\u00a0%`;
}

// With a space that does not break: a digit alone on the next line looks lost.
const article = (digit) => (String(digit) === "8" ? "an\u00a08" : `a\u00a0${digit}`);
const short = (label) => (label === NONE ? "no digit" : label);
const named = (label) => (label.length === 1 && label !== NONE ? article(label) : short(label));
// What was left out, one of it and several.
const PIECES = {
  frame: ["a frame", "frames"],
  line: ["a line", "lines"],
  edge: ["a piece at the edge", "pieces at the edge"],
  mark: ["a mark", "marks"],
};
const counted = (kinds) =>
  Object.keys(PIECES)
    .map((kind) => [PIECES[kind], kinds.filter((each) => each === kind).length])
    .filter(([, count]) => count)
    .map(([[one, several], count]) => (count === 1 ? one : `${count} ${several}`))
    .join(", ");
const COUNTS = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"];
const inSeconds = (seconds) => (seconds > 0 ? `trying again in ${seconds}\u00a0s` : "trying again now");

export const texts = {
  empty: "A neural network reads it while you write.",
  example: "An example:",
  soFar: (number) => (number ? `So far ${number}…` : "Keep writing…"),
  isDigit: (digit) => `This is ${article(digit)}.`,
  maybe: (first, second) => `This may be ${article(first)} or ${article(second)}.`,
  maybeNone: (digit) => `This may be ${article(digit)}, or no digit.`,
  notADigit: "This does not look like a digit.",
  count: (digits) => `${COUNTS[digits] ?? digits} digits.`,
  maybeAt: (digit, place, rival) =>
    `${digit === null ? `Digit\u00a0${place}` : `The\u00a0${digit}`} may be ${article(rival)}.`,
  maybeNumber: (first, second) => `This may be ${first} or ${second}.`,
  markIsNone: (place) => `Mark\u00a0${place} is no digit.`,
  lines: "This may be more than one line.",
  form: "Is it a form? Cut out the cell with the number, and open that alone.",
  leftOut: (kinds) => `Left out: ${counted(kinds)}.`,
  readPiece: (kind) => `Read ${PIECES[kind][0]}, too`,
  readToo: (count) => (count === 1 ? "Read it too" : "Read them too"),
  hide: (isShown) => (isShown ? "Hide" : "Show"),
  pieceTrouble: "The service did not read what was left out. Your drawing is safe; try it again.",
  pieceEmpty: "Nothing in what was left out can be read.",
  notRead: "Not read yet.",
  before: "This was read before the last stroke.",
  sure: (probability) => `${percent(probability)} sure.`,
  next: (number, probability) => `Next: ${number}, ${percent(probability)}.`,
  noDigit: (probability) => `No digit: ${percent(probability)}.`,
  touches: "not known: it touches another digit",
  choose: "If it is one, choose which.",
  agreed: "You say so, too.",
  said: (label) => `You say it is ${named(label)}.`,
  readAs: (label) => `It was read as ${named(label)}.`,

  labelKept: (label) => `Kept as ${named(label)}.`,
  labelTaken: "Taken back.",

  width: { fine: "Pen width: fine", medium: "Pen width: medium", broad: "Pen width: broad" },
  penDown: "Pen down.",

  why: (digit) => `What speaks for ${article(digit)} (orange), and against it (blue)`,
  insideTrouble: "The service did not say. It will be asked with the next drawing.",

  slow: "The service is slow to answer. Your drawing is safe.",
  unreachable: (seconds) => `No connection. Your drawing is safe; ${inSeconds(seconds)}.`,
  broken: (seconds) => `The service has a problem. Your drawing is safe; ${inSeconds(seconds)}.`,
  absent: (seconds) => `The service is not ready. Your drawing is safe; ${inSeconds(seconds)}.`,
  busy: (seconds) => `The service is busy. Your drawing is safe; ${inSeconds(seconds)}.`,
  fault: () => "This page has a fault and could not ask. Your drawing is safe; loading the page anew may help.",
  refused: (_, detail) => `The service did not read this drawing. ${detail}`,
  now: "Now",

  unreadable: "This file is no picture that can be read. PNG, JPEG, WebP, GIF and BMP can.",
  blank: "This picture is blank: nothing in it differs from its paper.",
  noFile: "That was no picture, but a text or an address. Save the picture, and open or drop its file.",
  noInk: "Nothing in this picture stands out from its paper. Draw over it, or try another one.",
  hidden:
    "This browser hides pictures from pages that want to read them, so only what you draw can be read. " +
    "It may ask you, or have a setting, to allow this page to use image data.",
  full: "This tab's store is full: new drawings are lost when the page is closed or loaded anew.",
  dismiss: "Close",

  copied: "Copied",
  caption: ({ read, label }) =>
    (read === null ? "not read" : short(read)) +
    (label === null || label === read ? "" : `, was ${short(label)}`),
  openDrawing: (entry) => `Drawing, ${texts.caption(entry)}`,
  removed: (count) => `Removed ${count}.`,
};
