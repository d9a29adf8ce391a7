// "Which digit was it?": ten buttons with which the person answers, or takes the answer back.

import { texts } from "./texts.js";

/** Fires "label" with a digit, or null. */
export class Correction extends EventTarget {
  #buttons;
  #enabled = false;

  constructor(row) {
    super();
    this.#buttons = Array.from({ length: 10 }, (_, digit) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = digit;
      button.setAttribute("aria-label", texts.wasLabel(digit));
      button.addEventListener("click", () => this.#choose(digit));
      return button;
    });
    row.append(...this.#buttons);
    this.show(null, false);
  }

  /** @param label the digit that the person named, or null
   *  @param enabled whether there is a reading to correct */
  show(label, enabled) {
    this.#enabled = enabled;
    this.#buttons.forEach((button, digit) => {
      button.setAttribute("aria-pressed", digit === label);
      button.setAttribute("aria-disabled", !enabled);
    });
  }

  #choose(digit) {
    if (!this.#enabled) return;
    const taken = this.#buttons[digit].getAttribute("aria-pressed") === "true";
    this.dispatchEvent(new CustomEvent("label", { detail: taken ? null : digit }));
  }
}
