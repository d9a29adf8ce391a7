// Every word that a person reads or hears on the page. A translation replaces this file.

import { NONE } from "./drawing.js";

const percentages = new Intl.NumberFormat("en", {
  style: "percent",
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

/** @param {number} probability 0..1 */
export const percent = (probability) => percentages.format(probability);

// With a space that does not break: a digit alone on the next line looks lost.
const article = (digit) => (digit === 8 ? "an\u00a08" : `a\u00a0${digit}`);

const named = (label) => (label === NONE ? "no digit" : article(label));

export const texts = {
  title: "Draw a digit",
  lead: "A small neural network reads it while you write.",
  about: "The model",
  api: "API",

  pad: "Drawing area",
  padHelp: "Arrow keys move the cursor. Space puts the pen down, and lifts it.",
  hint: "Write a digit here",
  tool: "Tool",
  pen: "Pen",
  eraser: "Eraser",
  widths: "Pen width",
  fine: "Fine",
  medium: "Medium",
  broad: "Broad",
  history: "Steps",
  undo: "Undo",
  redo: "Redo",
  clear: "Clear",
  penDown: "Pen down.",

  reading: "Reading",
  frame: "What the network sees",
  probabilities: "Probability of each digit",
  nothing: "Waiting for a digit.",
  nothingMore: "The reading follows your pen.",
  sure: (digit) => `This is ${article(digit)}.`,
  likely: (digit) => `Very likely ${article(digit)}.`,
  probable: (digit) => `Probably ${article(digit)}.`,
  unsure: (first, second) => `Looks like ${article(first)}, or ${article(second)}.`,
  odd: (digit) => `Perhaps ${article(digit)}, or no digit.`,
  notADigit: "This does not look like a digit.",
  confidence: (first, second) =>
    `${percent(first.probability)} sure.\nNext: ${second.digit}, ${percent(second.probability)}.`,
  closest: (first) => `The closest is ${article(first.digit)}.`,

  correction: "What was it?",
  was: (label) => `It was ${named(label)}`,
  wasShort: (label) => (label === NONE ? "no digit" : String(label)),
  labelKept: (label) => `Kept as ${named(label)}.`,
  labelTaken: "Taken back.",

  slow: "The service is slow to answer. Still waiting.",
  unreachable: "The service cannot be reached. Your drawing is kept; trying again.",
  broken: "The service has a problem. Your drawing is kept; trying again.",
  busy: (seconds) =>
    `The service is busy. Trying again in ${seconds === 1 ? "a second" : `${seconds} seconds`}.`,
  fault: "This page has a fault and could not ask. Your drawing is kept; loading the page anew may help.",
  refused: (detail) => `The service did not read this drawing. ${detail}`,
  unreadable: "This file is no picture that can be read. PNG, JPEG, WebP, GIF and BMP can.",

  ways: "Other ways to start",
  samples: "Start from a sample",
  sampleLabel: (digit) => `Sample ${digit}`,
  open: "Open a picture",
  openMore: "or drop or paste one",
  curl: "Copy as curl",
  copied: "Copied",

  inside: "Look inside",
  insideEmpty: "Draw a digit to see what moves the network.",
  insideTrouble: "The service did not say what moved the network. It will be asked with the next drawing.",
  influence: (digit) => `What speaks for ${article(digit)} (orange) and against it (blue)`,
  maps: "What the first layer finds",

  kept: "Drawings of this visit",
  keptMore:
    "They stay in this browser tab and are gone when it closes. Choose one to go on drawing it.",
  caption: ({ read, label }) =>
    texts.wasShort(read) + (label === null || label === read ? "" : `, was ${texts.wasShort(label)}`),
  openDrawing: (entry) => `Drawing read as ${texts.caption(entry)}`,
  remove: "Remove this one",
  removeAll: "Remove all",
  export: "Export as ZIP",
};

/** Put the texts into the elements of the page that name them. */
export function fill(root) {
  for (const element of root.querySelectorAll("[data-text]")) {
    element.textContent = texts[element.dataset.text];
  }
  for (const element of root.querySelectorAll("[data-label]")) {
    const label = texts[element.dataset.label];
    element.setAttribute("aria-label", label);
    const keys = element.getAttribute("aria-keyshortcuts")?.replace("Control", "Ctrl");
    if (!keys) continue;
    // A radio button has its legend on the label around it, for that is what is seen.
    const shown = element.closest("label") ?? element;
    shown.title = `${label} (${keys.replaceAll("+", " ")})`;
    shown.dataset.keys = keys.replaceAll("+", " ");
  }
  document.title = texts.title;
}
