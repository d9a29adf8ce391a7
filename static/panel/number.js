// The number that was read, and the same in words.

import { readAs } from "../question/service.js";
import { texts } from "../texts.js";

const CLOSE = 0.1; // of the runner-up, from which a doubt is between two digits
const WORTH_NAMING = 0.01; // of the runner-up, from which it is named at all

export class NumberView {
  #digit;
  #words;
  #more;

  /** @param {(id: string) => HTMLElement} find */
  constructor(find) {
    this.#digit = find("digit");
    this.#words = find("words");
    this.#more = find("more");
  }

  /** @param {import("../state.js").State} state */
  show(state) {
    const [words, more] = inWords(state);
    const isExample = state.name === "empty" && state.example;
    this.#digit.textContent = state.isDrawing ? state.soFar : (state.reading?.number ?? "");
    this.#digit.dataset.example = isExample ? state.example.number : "";
    this.#words.textContent = words;
    this.#more.textContent = more;
  }
}

/** What it is, and the figures behind it.
 *  @param {import("../state.js").State} state  @returns {[string, string]} */
export function inWords({ name, reading, soFar, example, label }) {
  if (name === "trouble") return [reading?.number ? texts.before : texts.notRead, ""];
  if (name === "drawing") return [texts.soFar(soFar), ""];
  if (name === "empty") return [texts.empty, example ? texts.example : ""];
  const read = readAs(reading);
  if (label !== null && label !== read) return [texts.said(label), texts.readAs(read)];
  const [verdict, figures] = verdictInWords(reading);
  return [verdict, label === null ? figures : texts.agreed];
}

function verdictInWords({ verdict, digits }) {
  const [{ digit, probabilities, isDigit }] = digits;
  if (verdict === "not a digit") return [texts.notADigit, texts.choose];
  const ranked = probabilities.map((probability, each) => ({ digit: each, probability }));
  const [first, second] = ranked.sort((a, b) => b.probability - a.probability);
  const next = second.probability < WORTH_NAMING ? "" : ` ${texts.next(second)}`;
  const figures = texts.sure(first.probability) + next;
  if (verdict === "digit") return [texts.isDigit(digit), figures];
  if (second.probability >= CLOSE) return [texts.maybe(digit, second.digit), figures];
  return [texts.maybeNone(digit), texts.noDigit(1 - isDigit)];
}
