// The number that was read, and the same in words.

import { pictureOn } from "../paper/drawing.js";
import { kindOf } from "../paper/overlay.js";
import { readAs } from "../question/reading.js";
import { texts } from "../texts.js";

const CLOSE = 0.1; // of the runner-up, from which a doubt is between two digits
const WORTH_NAMING = 0.01; // of the runner-up, from which it is named at all
const LINES = new Set(["line", "frame"]); // what a form has
const SURE = 0.95; // a number that is as probable is doubtful for another reason: its lines

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
    const number = state.isDrawing ? state.soFar : (state.reading?.number ?? "");
    this.#digit.textContent = number;
    this.#digit.style.setProperty("--length", String(number.length || 1));
    this.#digit.dataset.example = isExample ? state.example.number : "";
    this.#words.textContent = words;
    this.#more.textContent = more;
  }
}

/** What it is, and the figures behind it.
 *  @param {import("../state.js").State} state  @returns {[string, string]} */
export function inWords({ name, reading, soFar, example, label, sheet }) {
  if (name === "trouble") return [reading?.number ? texts.before : texts.notRead, ""];
  if (name === "drawing") return [texts.soFar(soFar), ""];
  if (name === "empty") return [texts.empty, example ? texts.example : ""];
  const read = readAs(reading);
  if (label !== null && label !== read) return [texts.said(label), texts.readAs(read)];
  const [verdict, figures] = reading.digits.length > 1 ? ofNumber(reading) : ofDigit(reading);
  const said = label === null ? figures : texts.agreed;
  const kinds = reading.ignored.map((box) => kindOf(box, sheet));
  if (isForm(reading, kinds, sheet)) return [verdict, texts.form];
  return [verdict, kinds.length ? `${said} ${texts.leftOut(kinds)}` : said];
}

/** Whether a picture may show a form with more than one cell: nothing can be read in it, or little for
 *  certain within its lines. */
function isForm({ verdict }, kinds, sheet) {
  if (!pictureOn(sheet)) return false;
  return verdict === "not a digit" || (verdict === "unsure" && kinds.some((kind) => LINES.has(kind)));
}

/** The same for those who hear it, with the number.
 *  @param {import("../state.js").State} state */
export function spoken(state) {
  const number = state.reading?.digits.length > 1 ? [`${state.reading.number}.`] : [];
  return [...number, ...inWords(state)].join(" ");
}

function ofDigit({ verdict, digits }) {
  const [{ digit, probabilities, isDigit }] = digits;
  if (verdict === "not a digit") return [texts.notADigit, texts.choose];
  const [first, second] = ranked(probabilities);
  const next = second.probability < WORTH_NAMING ? "" : ` ${texts.next(second.digit, second.probability)}`;
  const figures = texts.sure(first.probability) + next;
  if (verdict === "digit") return [texts.isDigit(digit), figures];
  if (second.probability >= CLOSE) return [texts.maybe(digit, second.digit), figures];
  return [texts.maybeNone(digit), texts.noDigit(1 - isDigit)];
}

function ofNumber({ number, verdict, confidence, digits, other }) {
  const figures = texts.sure(confidence);
  if (verdict === "number") return [texts.count(digits.length), figures];
  const next = other ? `${figures} ${texts.next(other.number, other.probability)}` : figures;
  const place = digits.findIndex((each) => each.verdict !== "digit");
  const { digit, probabilities, verdict: doubt } = digits[place];
  if (doubt === "not a digit") return [texts.markIsNone(place + 1), figures];
  if (confidence >= SURE) return [texts.lines, next];
  if (other && other.number.length !== number.length) return [texts.maybeNumber(number, other.number), next];
  const rival = other ? other.number[place] : ranked(probabilities)[1].digit;
  const isOnly = number.indexOf(digit) === number.lastIndexOf(digit);
  return [texts.maybeAt(isOnly ? digit : null, place + 1, rival), next];
}

function ranked(probabilities) {
  const each = probabilities.map((probability, digit) => ({ digit, probability }));
  return each.sort((a, b) => b.probability - a.probability);
}
