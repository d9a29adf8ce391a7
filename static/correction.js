// "What was it?": buttons with which the person answers, or takes the answer back.

import { NONE } from "./drawing.js";
import { texts } from "./texts.js";

/** Fires "label" with 0..9, NONE or null. */
export class Correction extends EventTarget {
  #buttons = new Map(); // by label
  #enabled = false;

  constructor(row) {
    super();
    for (const label of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, NONE]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = texts.wasShort(label);
      button.setAttribute("aria-label", texts.was(label));
      button.addEventListener("click", () => this.#choose(label));
      this.#buttons.set(label, button);
    }
    row.append(...this.#buttons.values());
    this.show(null, false);
  }

  /** @param chosen what the person said, or null
   *  @param enabled whether there is a reading to correct */
  show(chosen, enabled) {
    this.#enabled = enabled;
    for (const [label, button] of this.#buttons) {
      button.setAttribute("aria-pressed", label === chosen);
      button.setAttribute("aria-disabled", !enabled);
    }
  }

  #choose(label) {
    if (!this.#enabled) return;
    const taken = this.#buttons.get(label).getAttribute("aria-pressed") === "true";
    this.dispatchEvent(new CustomEvent("label", { detail: taken ? null : label }));
  }
}
