// A row of buttons: one for each digit of a number, which selects it; one for each piece of ink that was
// left out, which has it read; and one with which the number is typed instead.

import { fire } from "../events.js";
import { NONE } from "../paper/drawing.js";
import { readAs } from "../question/reading.js";
import { texts } from "../texts.js";
import { kindOf, readable } from "./pieces.js";

/** Fires "select" with the place of a digit, "piece" with the box of what was left out, and "typed" with
 *  a number. */
export class Chips extends EventTarget {
  #row;
  #type;
  #field;
  #number = ""; // what it is taken for
  #shown = "";

  /** @param {(id: string) => any} find */
  constructor(find) {
    super();
    this.#row = find("chips");
    this.#type = find("type");
    this.#field = find("typed");
    this.#type.addEventListener("click", () => this.#open());
    this.#field.addEventListener("blur", () => this.#close());
    this.#field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#field.value = "";
      else if (event.key !== "Enter") return;
      event.preventDefault(); // the button that gets the focus would take the key for its own
      this.#type.hidden = false;
      this.#type.focus(); // which closes the field
    });
  }

  /** @param {import("../state.js").State} state */
  show({ reading, signs, label, selected, isDrawing, sheet }) {
    const digits = reading && reading.digits.length > 1 ? reading.digits : [];
    const texted = digits.map(({ digit, verdict }, i) => {
      if (signs) return signs[i];
      return { digit: String(digit), unsure: `${digit}?`, "not a digit": NONE }[verdict];
    });
    const pieces = readable(reading, sheet);
    this.#number = reading ? (label ?? readAs(reading)).replaceAll(NONE, "") : "";
    this.#type.setAttribute("aria-disabled", String(!reading || isDrawing));
    const chips = [...this.#row.querySelectorAll(".chip")];
    const wanted = JSON.stringify([texted, pieces]);
    if (wanted !== this.#shown) {
      this.#shown = wanted;
      const made = [...texted.map((text, i) => this.#digitChip(text, i)), ...pieces.map((box) => this.#pieceChip(box, sheet))];
      const focused = chips.indexOf(document.activeElement);
      for (const old of chips) old.remove();
      this.#type.before(...made);
      if (focused >= 0) (made[focused] ?? this.#type).focus();
    }
    this.#row.querySelectorAll(".digit").forEach((chip, i) => {
      chip.setAttribute("aria-pressed", String(!isDrawing && i === selected));
    });
  }

  #digitChip(text, place) {
    const chip = makeChip("chip digit", text);
    chip.addEventListener("click", () => fire(this, "select", place));
    return chip;
  }

  #pieceChip(box, paper) {
    const chip = makeChip("chip piece", "");
    chip.title = texts.readPiece(kindOf(box, paper));
    chip.setAttribute("aria-label", chip.title);
    chip.addEventListener("click", () => fire(this, "piece", box));
    return chip;
  }

  #open() {
    if (this.#type.getAttribute("aria-disabled") === "true") return;
    this.#field.value = this.#number;
    this.#type.hidden = true;
    this.#field.hidden = false;
    this.#field.focus();
    this.#field.select();
  }

  #close() {
    const typed = this.#field.value.replace(/\D/g, "");
    this.#field.hidden = true;
    this.#type.hidden = false;
    if (typed && typed !== this.#number) fire(this, "typed", typed);
  }
}

function makeChip(name, text) {
  const chip = document.createElement("button");
  chip.type = "button";
  chip.className = name;
  chip.textContent = text;
  return chip;
}
