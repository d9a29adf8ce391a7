// A row of buttons: one for each digit of a number, which selects it; two for the ink that was left out,
// which hide it or have it read, and one for each of several pieces; and one with which the number is
// typed instead.

import { fire } from "../events.js";
import { NONE } from "../paper/drawing.js";
import { kindOf, readable } from "../paper/overlay.js";
import { readAs } from "../question/reading.js";
import { texts } from "../texts.js";

/** Fires "select" with the place of a digit, "pieces" with boxes of what was left out, which are to be
 *  read, "hide" when all of them are to be hidden, or shown again, and "typed" with a number. */
export class Chips extends EventTarget {
  #row;
  #hide;
  #readAll;
  #type;
  #field;
  #pieces = []; // that were left out, and can be read
  #number = ""; // what it is taken for
  #shown = "";

  /** @param {(id: string) => any} find */
  constructor(find) {
    super();
    this.#row = find("chips");
    this.#hide = find("hide");
    this.#readAll = find("read-too");
    this.#type = find("type");
    this.#field = find("typed");
    this.#hide.addEventListener("click", () => fire(this, "hide"));
    this.#readAll.addEventListener("click", () => fire(this, "pieces", this.#pieces));
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
  show({ reading, signs, label, selected, isDrawing, marksLeftOut, sheet }) {
    const digits = reading && reading.digits.length > 1 ? reading.digits : [];
    const texted = digits.map(({ digit, verdict }, i) => {
      if (signs) return signs[i];
      return { digit: String(digit), unsure: `${digit}?`, "not a digit": NONE }[verdict];
    });
    this.#pieces = readable(reading, sheet);
    const pieces = marksLeftOut && this.#pieces.length > 1 ? this.#pieces : [];
    this.#offer(this.#hide, reading?.ignored.length, texts.hide(marksLeftOut));
    this.#offer(this.#readAll, this.#pieces.length, texts.readToo(this.#pieces.length));
    this.#number = reading ? (label ?? readAs(reading)).replaceAll(NONE, "") : "";
    this.#type.setAttribute("aria-disabled", String(!reading || isDrawing));
    const chips = [...this.#row.querySelectorAll(".chip")];
    const wanted = JSON.stringify([texted, pieces]);
    if (wanted !== this.#shown) {
      this.#shown = wanted;
      const ofDigits = texted.map((text, i) => this.#digitChip(text, i));
      const ofPieces = pieces.map((box) => this.#pieceChip(box, sheet));
      const focused = chips.indexOf(document.activeElement);
      for (const old of chips) old.remove();
      this.#hide.before(...ofDigits);
      this.#readAll.after(...ofPieces);
      if (focused >= 0) ([...ofDigits, ...ofPieces][focused] ?? this.#type).focus();
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
    chip.addEventListener("click", () => fire(this, "pieces", [box]));
    return chip;
  }

  #offer(button, isOffered, text) {
    if (!isOffered && button === document.activeElement) this.#type.focus();
    button.hidden = !isOffered;
    button.textContent = text;
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
