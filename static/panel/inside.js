// The inside of the network: the frame that it sees, what its first layer finds there, and what speaks
// for the reading.

import { fire } from "../events.js";
import { explain } from "../question/reading.js";
import { Trouble } from "../question/service.js";
import { texts } from "../texts.js";

const FOR = [255, 133, 82];
const AGAINST = [92, 160, 255];

/** @typedef {Awaited<ReturnType<typeof explain>>} Explanation */

/** Fires "judged" when it is known whether a digit of a number is one at all. */
export class Inside extends EventTarget {
  #find;
  #known = new WeakMap(); // a digit that was read -> its explanation
  #asked = new AbortController();

  /** @param {(id: string) => HTMLElement} find */
  constructor(find) {
    super();
    this.#find = find;
  }

  /** @param {import("../state.js").State} state */
  show(state) {
    // What is explained is the explanation's own frame.
    const { pixels } = this.#known.get(state.digit) ?? state.digit ?? {};
    if (pixels) paintBitmap(this.#find("frame"), pixels, grey);
    // What is older than the frame is out of date.
    this.#find("inside").classList.toggle("old", state.isDrawing || state.trouble !== null);
  }

  /** Ask about a digit on a finished sheet, and show the answer unless something newer was asked about.
   *  @param {import("../paper/drawing.js").Sheet} sheet  @param {import("../question/reading.js").Reading} reading
   *  @param {import("../question/reading.js").Digit} digit  one of those that were read */
  async explain(sheet, reading, digit) {
    const part = reading.digits.length > 1 ? digit.box : undefined;
    this.#asked.abort();
    const { signal } = (this.#asked = new AbortController());
    try {
      const known = this.#known.get(digit) ?? (await explain(sheet, signal, part));
      this.#known.set(digit, known);
      if (signal.aborted) return;
      this.#paint(known);
      if (!part) return; // of a lone digit the reading told all
      if (digit.isAlone) digit.isDigit ??= known.is_digit;
      fire(this, "judged");
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Trouble)) throw error;
      this.#find("inside-message").textContent = texts.insideTrouble;
    }
  }

  #paint({ digit, pixels, feature_maps: maps, influence }) {
    const ink = pixels.flat();
    let i = 0;
    paintBitmap(this.#find("influence"), influence, (value) => over(ink[i++], value));
    this.#find("why").textContent = texts.why(digit);
    this.#find("inside-message").textContent = "";
    const place = this.#find("maps");
    while (place.children.length < maps.length) place.append(document.createElement("canvas"));
    maps.forEach((map, k) => paintBitmap(place.children[k], map, brightened));
  }
}

/** Paint rows of values into a canvas, one pixel each; colour gives [red, green, blue, alpha]. */
function paintBitmap(canvas, rows, colour) {
  const [height, width] = [rows.length, rows[0].length];
  const image = new ImageData(width, height);
  rows.flat().forEach((value, i) => image.data.set(colour(value), 4 * i));
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(image, 0, 0);
}

const grey = (value) => [value, value, value, 255];
const brightened = (value) => grey(255 * (value / 255) ** 0.6); // weak values can be seen, too

// The colour of a signed influence, over a faint picture of the ink that it is about.
function over(ink, value) {
  const colour = value > 0 ? FOR : AGAINST;
  const strength = Math.abs(value) ** 0.7; // so that weak influence can be seen as well
  const mixed = colour.map((part) => (1 - strength) * 0.3 * ink + strength * part);
  return [...mixed, 255];
}
