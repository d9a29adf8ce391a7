// What the network says: a column for each digit and one for "no digit". Each is a button, too, with
// which the person says what it was, or takes that back.

import { fire } from "../events.js";
import { NONE } from "../paper/drawing.js";
import { percent } from "../texts.js";

const SHOWN_FROM = 0.005; // a smaller probability has no figure on its column

/** Fires "label" with 0..9, NONE or null. */
export class Columns extends EventTarget {
  #buttons = new Map(); // by label
  #canChoose = false;

  /** @param {HTMLElement} row  of eleven buttons, the last for NONE */
  constructor(row) {
    super();
    [...row.querySelectorAll("button")].forEach((button, i) => {
      const label = i < 10 ? i : NONE;
      this.#buttons.set(label, button);
      button.addEventListener("click", () => this.choose(label));
    });
  }

  /** @param {import("../state.js").State} state */
  show(state) {
    const digit = state.shown?.digits[0];
    this.#canChoose = state.reading !== null && !state.isDrawing;
    for (const [label, button] of this.#buttons) {
      // While the pen moves nothing is said about what may not be a digit yet.
      const none = state.isDrawing ? 0 : 1 - (digit?.isDigit ?? 1);
      const probability = digit ? (label === NONE ? none : digit.probabilities[label]) : 0;
      button.style.setProperty("--part", `${100 * probability}%`);
      // What is seen is part of what is heard.
      const [figure, sign] = percent(probability).split(/(?=\s%)/);
      const isShown = probability >= SHOWN_FROM;
      button.querySelector(".value").textContent = isShown ? figure : "";
      button.querySelector(".unseen").textContent = !digit ? "" : isShown ? sign : figure + sign;
      button.setAttribute("aria-disabled", String(!this.#canChoose));
      button.setAttribute("aria-pressed", String(label === state.label));
      const wins = state.name === "not-a-digit" ? label === NONE : label === digit?.digit;
      button.classList.toggle("wins", wins);
    }
  }

  /** @param {number | "none"} label */
  choose(label) {
    if (!this.#canChoose) return;
    const taken = this.#buttons.get(label).getAttribute("aria-pressed") === "true";
    fire(this, "label", taken ? null : label);
  }
}
