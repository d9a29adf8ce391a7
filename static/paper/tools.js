// The tools beside the pad, and their keys.

import { texts } from "../texts.js";
import { hasInk } from "./drawing.js";

const WIDTHS = ["fine", "medium", "broad"];
const UNITS = { fine: 12, medium: 20, broad: 32 };

export class Tools {
  #find;
  #pad;
  #drawing;

  /** @param {Document} root  @param {import("./pad.js").Pad} pad
   *  @param {import("./drawing.js").Drawing} drawing */
  constructor(root, pad, drawing) {
    this.#find = (id) => root.getElementById(id);
    this.#pad = pad;
    this.#drawing = drawing;
    this.#onClick("pen", () => this.#take(false));
    this.#onClick("eraser", () => this.#take(true));
    this.#onClick("width", () => this.#turnWidth(+1, true));
    this.#onClick("undo", () => drawing.undo());
    this.#onClick("redo", () => drawing.redo());
    this.#onClick("clear", () => this.#clear());
    drawing.addEventListener("change", () => this.#enable());
    root.addEventListener("keydown", (event) => {
      if (!pad.isDrawing && this.#onKey(event)) event.preventDefault();
    });
    this.#enable();
  }

  #onClick(id, act) {
    this.#find(id).addEventListener("click", act);
  }

  #take(erase) {
    this.#pad.erase = erase;
    this.#find("pen").setAttribute("aria-pressed", String(!erase));
    this.#find("eraser").setAttribute("aria-pressed", String(erase));
  }

  #turnWidth(step, around) {
    const button = this.#find("width");
    const wanted = WIDTHS.indexOf(button.dataset.width) + step;
    const width = WIDTHS[around ? wanted % WIDTHS.length : Math.max(0, Math.min(WIDTHS.length - 1, wanted))];
    this.#pad.width = UNITS[width];
    button.dataset.width = width;
    button.setAttribute("aria-label", texts.width[width]);
  }

  #clear() {
    if (hasInk(this.#pad.sheet)) this.#drawing.start();
  }

  #enable() {
    // Not the attribute "disabled": it would take the keyboard's focus from the button just used.
    this.#find("undo").setAttribute("aria-disabled", String(!this.#drawing.canUndo));
    this.#find("redo").setAttribute("aria-disabled", String(!this.#drawing.canRedo));
  }

  /** Do what a key stands for; false if it stands for nothing. Plain letters and signs work on the pad
   *  alone, so that they get in nobody's way elsewhere. */
  #onKey(event) {
    const key = event.key.toLowerCase();
    const onPad = event.target === this.#find("pad");
    if (event.altKey) return false;
    if (event.ctrlKey || event.metaKey) {
      if (key === "z" && event.shiftKey) this.#drawing.redo();
      else if (key === "z") this.#drawing.undo();
      else if (key === "y") this.#drawing.redo();
      else return false;
    } else if (key === "delete") this.#clear();
    else if (onPad && key === "backspace") this.#drawing.undo();
    else if (onPad && key === "p") this.#take(false);
    else if (onPad && key === "e") this.#take(true);
    else if (onPad && key === "[") this.#turnWidth(-1, false);
    else if (onPad && key === "]") this.#turnWidth(+1, false);
    else return false;
    return true;
  }
}
