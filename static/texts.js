// Every word that a person reads or hears on the page. A translation replaces this file.

const percentages = new Intl.NumberFormat("en", {
  style: "percent",
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

/** @param {number} probability 0..1 */
export const percent = (probability) => percentages.format(probability);

// With a space that does not break: a digit alone on the next line looks lost.
const article = (digit) => (digit === 8 ? "an\u00a08" : `a\u00a0${digit}`);

export const texts = {
  title: "Draw a digit",
  lead: "A small neural network reads it while you write.",
  api: "API",
  about: "The model",

  pad: "Drawing area",
  padHelp:
    "Draw with mouse, pen or finger. By keyboard: arrow keys move the cursor, Space puts the pen down and lifts it.",
  hint: "Write a digit here",
  tools: "Drawing tools",
  pen: "Pen",
  eraser: "Eraser",
  widths: "Pen width",
  fine: "Fine",
  medium: "Medium",
  broad: "Broad",
  undo: "Undo",
  redo: "Redo",
  clear: "Clear",
  penDown: "Pen down",
  penUp: "Pen up",

  reading: "Reading",
  frame: "What the network sees",
  probabilities: "Probability of each digit",
  nothing: "Waiting for a digit.",
  nothingMore: "The reading follows your pen.",
  sure: (digit) => `This is ${article(digit)}.`,
  likely: (digit) => `Very likely ${article(digit)}.`,
  probable: (digit) => `Probably ${article(digit)}.`,
  unsure: (first, second) => `Looks like ${article(first)}, or ${article(second)}.`,
  notADigit: "This does not look like a digit.",
  confidence: (first, second) =>
    `${percent(first.probability)} sure.\nNext: ${second.digit}, ${percent(second.probability)}.`,
  closest: (first) => `The closest is ${article(first.digit)}, ${percent(first.probability)}.`,
  announce: (words, confidence) => `${words} ${confidence}`,

  was: "Which digit was it?",
  wasLabel: (digit) => `It was ${article(digit)}`,
  thanks: (digit) => `Kept as ${article(digit)}.`,

  slow: "The service is slow to answer. Still waiting.",
  unreachable: "The service cannot be reached. Your drawing is kept; trying again.",
  broken: "The service has a problem. Your drawing is kept; trying again.",
  busy: (seconds) =>
    `The service is busy. Trying again in ${seconds === 1 ? "a second" : `${seconds} seconds`}.`,
  refused: (detail) => `The service could not read this drawing. ${detail}`,
};

/** Put the texts into the elements of the page that name them. */
export function fill(root) {
  for (const element of root.querySelectorAll("[data-text]")) {
    element.textContent = texts[element.dataset.text];
  }
  for (const element of root.querySelectorAll("[data-label]")) {
    const label = texts[element.dataset.label];
    element.setAttribute("aria-label", label);
    if (element.matches("button, label")) {
      const keys = element.getAttribute("aria-keyshortcuts");
      element.title = keys ? `${label} (${keys.split(" ")[0].replaceAll("+", " ")})` : label;
    }
  }
  document.title = texts.title;
}
