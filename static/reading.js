// The reading made visible: the digit, words, the ten bars, and the frame that the network saw.

import { grey, paintBitmap } from "./bitmap.js";
import { percent, texts } from "./texts.js";

const SURE = 0.98; // probability from which the words leave no doubt
const LIKELY = 0.9;
const CLOSE = 0.1; // of the runner-up, from which the doubt is between two digits
const BLANK = Array.from({ length: 28 }, () => Array(28).fill(0));

export class ReadingView {
  #find;
  #bars;

  constructor(root) {
    this.#find = (id) => root.querySelector(`#${id}`);
    this.#bars = Array.from({ length: 10 }, (_, digit) => makeBar(digit));
    this.#find("bars").append(...this.#bars);
    this.clear();
  }

  /** @param answer what POST /predict says, in detail. Returns it in words. */
  show(answer) {
    const words = inWords(answer);
    this.#write(words, answer.verdict);
    this.#find("digit").textContent = answer.digit;
    answer.probabilities.forEach((probability, digit) => {
      setBar(this.#bars[digit], probability, digit === answer.digit);
    });
    paintBitmap(this.#find("frame"), answer.pixels, grey);
    return words;
  }

  /** Nothing is drawn. */
  clear() {
    this.#write([texts.nothing, texts.nothingMore], "none");
    this.#find("digit").textContent = "";
    for (const bar of this.#bars) setBar(bar, 0, false);
    paintBitmap(this.#find("frame"), BLANK, grey);
  }

  #write([words, more], verdict) {
    this.#find("words").textContent = words;
    this.#find("more").textContent = more;
    this.#find("reading").dataset.verdict = verdict.replaceAll(" ", "-");
  }
}

/** The verdict, and the figures behind it. */
function inWords({ verdict, confidence, alternatives: [first, second] }) {
  if (verdict === "not a digit") return [texts.notADigit, texts.closest(first)];
  const figures = texts.confidence(first, second);
  if (verdict === "unsure") {
    const between = second.probability >= CLOSE;
    return [between ? texts.unsure(first.digit, second.digit) : texts.odd(first.digit), figures];
  }
  const kind = confidence >= SURE ? "sure" : confidence >= LIKELY ? "likely" : "probable";
  return [texts[kind](first.digit), figures];
}

function makeBar(digit) {
  const bar = document.createElement("div");
  bar.className = "bar";
  bar.setAttribute("role", "meter");
  bar.setAttribute("aria-label", digit);
  bar.setAttribute("aria-valuemin", 0);
  bar.setAttribute("aria-valuemax", 100);
  for (const [part, text] of [["name", digit], ["track", ""], ["value", ""]]) {
    const span = document.createElement("span");
    span.className = part;
    span.textContent = text;
    bar.append(span);
  }
  return bar;
}

function setBar(bar, probability, wins) {
  bar.setAttribute("aria-valuenow", Math.round(probability * 1000) / 10);
  bar.setAttribute("aria-valuetext", percent(probability));
  bar.classList.toggle("wins", wins);
  bar.style.setProperty("--percent", `${probability * 100}%`);
  bar.querySelector(".value").textContent = percent(probability);
}
