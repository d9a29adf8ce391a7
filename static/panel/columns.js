// What the network says: a column for each digit and one for "no digit". Each is a button, too, with
// which the person says what it was, or takes that back.

import { fire } from "../events.js";
import { NONE } from "../paper/drawing.js";
import { percent, texts } from "../texts.js";

const SHOWN_FROM = 0.005; // a smaller probability has no figure on its column

/** Fires "choose" with a digit, as a text, or NONE. */
export class Columns extends EventTarget {
  #buttons = new Map(); // by label
  #canChoose = false;

  /** @param {HTMLElement} row  of eleven buttons, the last for NONE */
  constructor(row) {
    super();
    [...row.querySelectorAll("button")].forEach((button, i) => {
      const label = i < 10 ? String(i) : NONE;
      this.#buttons.set(label, button);
      button.addEventListener("click", () => this.choose(label));
    });
  }

  /** @param {import("../state.js").State} state */
  show(state) {
    const { digit } = state;
    const said = state.signs?.[state.selected];
    const isNone = !state.isDrawing && digit?.verdict === "not a digit";
    this.#canChoose = state.reading !== null && !state.isDrawing;
    for (const [label, button] of this.#buttons) {
      // While the pen moves nothing is said about what may not be a digit yet.
      const none = state.isDrawing ? 0 : 1 - (digit?.isDigit ?? 1);
      const probability = digit ? (label === NONE ? none : digit.probabilities[label]) : 0;
      const isKnown = digit && (label !== NONE || digit.isDigit !== null);
      const isMissing = label === NONE && !state.isDrawing && digit?.isAlone === false;
      button.style.setProperty("--part", `${100 * probability}%`);
      // What is seen is part of what is heard.
      const [figure, sign] = percent(probability).split(/(?=\s%)/);
      const isShown = probability >= SHOWN_FROM;
      button.querySelector(".value").textContent = isMissing ? "?" : isShown ? figure : "";
      const heard = isShown ? sign : figure + sign;
      button.querySelector(".unseen").textContent = isMissing ? texts.touches : isKnown ? heard : "";
      button.title = isMissing ? texts.touches : "";
      button.classList.toggle("missing", isMissing);
      button.setAttribute("aria-disabled", String(!this.#canChoose));
      button.setAttribute("aria-pressed", String(label === said));
      const wins = digit !== undefined && label === (isNone ? NONE : String(digit.digit));
      button.classList.toggle("wins", wins);
    }
  }

  /** @param {string} label */
  choose(label) {
    if (this.#canChoose) fire(this, "choose", label);
  }
}
