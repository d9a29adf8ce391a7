// What is read, on the paper itself: a tab for each digit, brackets around it, and hatching over ink that
// was left out.

import { NONE } from "./drawing.js";

const MARGIN = 6; // units between ink and frame
const TAB = 30; // units that a tab needs below or above the ink
const THIN = 6; // times as long as it is wide: a line
const NEAR = 4; // units from the paper's edge: it goes on beyond
const FRAMES = { digit: "brackets", unsure: "dashed", "not a digit": "dotted" }; // by verdict

/**
 * @typedef {{left: number, top: number, right: number, bottom: number}} Box  in units of the paper
 * @typedef {object} Label
 * @property {Box} box
 * @property {string} text  on the tab; without one there is none
 * @property {string} frame  "none", "brackets", "dashed", "dotted", "hatched" or "outlined"
 * @property {boolean} [isSelected]
 */
export class Overlay {
  #layer;

  /** @param {HTMLElement} layer  lies over the paper */
  constructor(layer) {
    this.#layer = layer;
  }

  /** @param {Label[]} labels  @param {{width: number, height: number}} paper */
  show(labels, paper) {
    while (this.#layer.children.length > labels.length) this.#layer.lastChild.remove();
    while (this.#layer.children.length < labels.length) this.#layer.append(makeFrame());
    labels.forEach((label, i) => place(this.#layer.children[i], label, paper));
  }
}

function makeFrame() {
  const frame = document.createElement("div");
  frame.append(document.createElement("span"));
  return frame;
}

/** @param {any} frame  @param {Label} label  @param {{width: number, height: number}} paper */
function place(frame, { box, text, frame: kind, isSelected }, paper) {
  const left = Math.max(0, box.left - MARGIN);
  const top = Math.max(0, box.top - MARGIN);
  const right = Math.min(paper.width, box.right + MARGIN);
  const bottom = Math.min(paper.height, box.bottom + MARGIN);
  const percent = (length, whole) => `${(100 * length) / whole}%`;
  frame.className = `frame ${kind}${isSelected ? " selected" : ""}`;
  frame.dataset.tab = bottom + TAB <= paper.height ? "below" : top >= TAB ? "above" : "inside";
  frame.style.left = percent(left, paper.width); // of the ink, which no direction of writing mirrors
  frame.style.top = percent(top, paper.height);
  frame.style.width = percent(right - left, paper.width);
  frame.style.height = percent(bottom - top, paper.height);
  frame.firstChild.textContent = text;
  frame.firstChild.hidden = text === "";
}

/** What to show of the last reading, and of what the person says instead. While something is drawn
 *  only what it does not touch stays: it may be another digit by then.
 *  @param {import("../state.js").State} state  @returns {Label[]} */
export function labelsOf({ reading, isDrawing, marksLeftOut, selected, signs, sheet }) {
  if (!reading) return [];
  const whole = { left: MARGIN, top: MARGIN, right: sheet.width - MARGIN, bottom: sheet.height - MARGIN };
  const isOne = reading.digits.length === 1;
  const digits = reading.digits.map(({ digit, verdict, box }, i) => {
    const said = signs?.[i];
    const label = { box: box ?? whole, isSelected: !isDrawing && i === selected };
    if (said !== undefined) return { ...label, text: said === NONE ? "" : said, frame: isOne ? "none" : FRAMES.digit };
    const text = { digit: String(digit), unsure: `${digit}?`, "not a digit": "" }[verdict];
    return { ...label, text, frame: isOne && verdict === "digit" ? "none" : FRAMES[verdict] };
  });
  const around = (box) => reading.digits.some((each) => each.box && contains(box, each.box));
  const ignored = marksLeftOut ? reading.ignored : [];
  const leftOut = ignored.map((box) => ({ box, text: "", frame: around(box) ? "outlined" : "hatched" }));
  const pen = isDrawing ? boxOf(sheet.marks[sheet.marks.length - 1]) : null;
  return [...leftOut, ...digits].filter(({ box }) => !pen || box.right < pen.left || box.left > pen.right);
}

/** What ink that was left out seems to be.
 *  @param {Box} box  @param {{width: number, height: number}} paper
 *  @returns {"frame" | "line" | "edge" | "mark"} */
export function kindOf({ left, top, right, bottom }, { width, height }) {
  const [short, long] = [right - left, bottom - top].sort((a, b) => a - b);
  if (right - left > 0.6 * width && bottom - top > 0.6 * height) return "frame";
  if (long > THIN * short && long > height / 4) return "line";
  const atEdge = left < NEAR || top < NEAR || right > width - NEAR || bottom > height - NEAR;
  return atEdge ? "edge" : "mark";
}

/** What was left out of a reading and can be read by itself: all but what goes around the digits.
 *  @param {import("../question/reading.js").Reading | null} reading
 *  @param {{width: number, height: number}} paper  @returns {Box[]} */
export const readable = (reading, paper) =>
  (reading?.ignored ?? []).filter((box) => kindOf(box, paper) !== "frame");

/** @param {Box} box  @param {{x: number, y: number}} point */
export const holds = ({ left, top, right, bottom }, { x, y }) => x >= left && x <= right && y >= top && y <= bottom;

const contains = (box, other) =>
  box.left < other.left && box.top < other.top && box.right > other.right && box.bottom > other.bottom;

/** Around a stroke; of a picture, nothing is outside.  @returns {Box} */
function boxOf(mark) {
  if (!mark?.points) return { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity };
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { x, y, width } of mark.points) {
    box.left = Math.min(box.left, x - width / 2);
    box.top = Math.min(box.top, y - width / 2);
    box.right = Math.max(box.right, x + width / 2);
    box.bottom = Math.max(box.bottom, y + width / 2);
  }
  return box;
}

/** Which digit of a reading the last stroke is about.
 *  @param {import("../question/reading.js").Digit[]} digits  @param {import("./drawing.js").Sheet} sheet */
export function nearestTo(digits, sheet) {
  const pen = boxOf(sheet.marks[sheet.marks.length - 1]);
  const away = ({ box }) => (box ? Math.abs(box.left + box.right - pen.left - pen.right) : 0);
  return digits.reduce((best, each, i) => (away(each) < away(digits[best]) ? i : best), 0);
}
