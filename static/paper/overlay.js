// What is read, on the paper itself: a tab with the digit, and around doubtful ink a frame.

import { NONE } from "./drawing.js";

const MARGIN = 6; // units between ink and frame
const TAB = 30; // units that a tab needs below or above the ink
const FRAMES = { digit: "none", unsure: "dashed", "not a digit": "dotted" }; // by verdict

/**
 * @typedef {{left: number, top: number, right: number, bottom: number}} Box  in units of the paper
 * @typedef {object} Label
 * @property {Box} box
 * @property {string} text  on the tab; without one there is none
 * @property {string} frame  "none", "dashed" or "dotted"
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

function place(frame, { box, text, frame: kind }, paper) {
  const left = Math.max(0, box.left - MARGIN);
  const top = Math.max(0, box.top - MARGIN);
  const right = Math.min(paper.width, box.right + MARGIN);
  const bottom = Math.min(paper.height, box.bottom + MARGIN);
  const percent = (length, whole) => `${(100 * length) / whole}%`;
  frame.className = `frame ${kind}`;
  frame.dataset.tab = bottom + TAB <= paper.height ? "below" : top >= TAB ? "above" : "inside";
  frame.style.left = percent(left, paper.width); // of the ink, which no direction of writing mirrors
  frame.style.top = percent(top, paper.height);
  frame.style.width = percent(right - left, paper.width);
  frame.style.height = percent(bottom - top, paper.height);
  frame.firstChild.textContent = text;
  frame.firstChild.hidden = text === "";
}

/** What to show of a reading, and of what the person says instead; nothing while the pen moves.
 *  @param {import("../state.js").State} state  @returns {Label[]} */
export function labelsOf({ reading, isDrawing, label, sheet }) {
  if (!reading || isDrawing) return [];
  const whole = { left: MARGIN, top: MARGIN, right: sheet.width - MARGIN, bottom: sheet.height - MARGIN };
  return reading.digits.map(({ digit, verdict, box }) => {
    const place = box ?? whole;
    if (label !== null) return { box: place, text: label === NONE ? "" : String(label), frame: "none" };
    const text = { digit: String(digit), unsure: `${digit}?`, "not a digit": "" }[verdict];
    return { box: place, text, frame: FRAMES[verdict] };
  });
}
