// Drawing without a pointer: a cursor on the paper, moved by arrow keys, its pen put down by Space.

import { fire } from "../events.js";

const STEP = 10; // units for each press or repeat; with Shift a fifth of it
const EDGE = 10; // units that the cursor keeps from the paper's edge
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
// As on a number pad; with two arrows held at once the cursor goes diagonally as well.
const DIAGONALS = { Home: [-1, -1], PageUp: [1, -1], End: [-1, 1], PageDown: [1, 1] };

/** Fires "pen" when the pen is put down or lifted. */
export class KeyboardPen extends EventTarget {
  #pad;
  #cursor;
  #at;
  #held = new Set(); // arrow keys
  #down = false;
  #movedSinceSpace = false;

  /** @param {HTMLCanvasElement} canvas
   *  @param {HTMLElement} cursor  marks the place; a child of the paper's box
   *  @param {import("./pad.js").Pad} pad */
  constructor(canvas, cursor, pad) {
    super();
    this.#pad = pad;
    this.#cursor = cursor;
    this.#at = { x: pad.sheet.width / 2, y: pad.sheet.height / 2 };
    canvas.addEventListener("keydown", (event) => this.#onKeyDown(event));
    canvas.addEventListener("keyup", (event) => this.#onKeyUp(event));
    canvas.addEventListener("blur", () => this.#leave());
    canvas.addEventListener("pointerdown", () => this.#leave(), { capture: true });
    this.#place();
  }

  get isDown() {
    return this.#down;
  }

  #onKeyDown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) this.#held.add(event.key);
    if (event.key in ARROWS || event.key in DIAGONALS) this.#move(event);
    else if (event.key === " ") {
      if (!event.repeat) this.#press();
    } else return;
    this.#cursor.classList.add("used");
    event.preventDefault(); // the page must not scroll under the cursor
  }

  #onKeyUp(event) {
    this.#held.delete(event.key);
    // Space works both ways: pressed once it stays down, held while drawing it lifts with the key.
    if (event.key === " " && this.#down && this.#movedSinceSpace) this.#lift();
  }

  #press() {
    this.#movedSinceSpace = false;
    if (this.#down) this.#lift();
    else if (!this.#pad.isDrawing) {
      this.#down = true;
      this.#pad.begin(this.#at);
      this.#announce();
    }
  }

  #lift() {
    this.#down = false;
    this.#pad.end();
    this.#announce();
  }

  #leave() {
    this.#cursor.classList.remove("used");
    this.#held.clear();
    if (this.#down) this.#lift();
  }

  #move(event) {
    const step = event.shiftKey ? STEP / 5 : STEP;
    const ways = event.key in DIAGONALS ? [DIAGONALS[event.key]] : [...this.#held].map((key) => ARROWS[key]);
    const within = (value, size) => Math.min(size - EDGE, Math.max(EDGE, value));
    const { width, height } = this.#pad.sheet;
    for (const [right, down] of ways) {
      this.#at = {
        x: within(this.#at.x + right * step, width),
        y: within(this.#at.y + down * step, height),
      };
    }
    this.#movedSinceSpace = true;
    this.#place();
    if (this.#down) this.#pad.extend([this.#at]);
  }

  #announce() {
    this.#cursor.classList.toggle("down", this.#down);
    fire(this, "pen");
  }

  #place() {
    const { width, height } = this.#pad.sheet;
    this.#cursor.style.left = `${(this.#at.x / width) * 100}%`;
    this.#cursor.style.top = `${(this.#at.y / height) * 100}%`;
  }
}
