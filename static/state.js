// What the page knows. All that it shows is derived from this.

import { fire } from "./events.js";

/**
 * @typedef {import("./question/service.js").Reading} Reading
 *
 * @typedef {"empty" | "drawing" | "digit" | "unsure" | "not-a-digit" | "trouble"} StateName
 *   drawing: the pen is down, or was lifted and what it drew is not read yet
 */

const SETTLED = { live: null, isDrawing: false, isSlow: false, trouble: null };

/** Fires "change". */
export class State extends EventTarget {
  /** What is on the paper, with the stroke that grows. */
  sheet;
  /** The number of the drawing on the paper. */
  id = 0;
  /** Of the drawing as it was when the pen was last lifted.  @type {Reading | null} */
  reading = null;
  /** Of the drawing while it grows.  @type {Reading | null} */
  live = null;
  /** The number while the drawing grows: what two answers agreed on. */
  soFar = "";
  isDrawing = false;
  /** @type {{trouble: import("./question/service.js").Trouble, retryAt: number | null} | null} */
  trouble = null;
  /** Whether an answer is long in coming. */
  isSlow = false;
  /** What the person says it is: 0..9, NONE, or null.  @type {number | "none" | null} */
  label = null;
  /** Of a sample, to show while there is no drawing.  @type {Reading | null} */
  example = null;

  /** @param {import("./paper/drawing.js").Sheet} sheet */
  constructor(sheet) {
    super();
    this.sheet = sheet;
  }

  /** @param {Partial<State>} knowledge */
  set(knowledge) {
    Object.assign(this, knowledge);
    fire(this, "change");
  }

  /** @returns {StateName} */
  get name() {
    if (this.trouble) return "trouble";
    if (this.isDrawing) return "drawing";
    if (!this.reading) return "empty";
    return /** @type {StateName} */ (this.reading.verdict.replaceAll(" ", "-"));
  }

  /** What the panel is about: it may be of the growing drawing, or an example. */
  get shown() {
    if (this.name === "empty") return this.example;
    return (this.isDrawing ? this.live : null) ?? this.reading;
  }

  /** Empty paper. */
  clear() {
    this.set({ ...SETTLED, reading: null, soFar: "" });
  }

  /** A stroke grows.  @param {import("./paper/drawing.js").Sheet} sheet */
  draw(sheet) {
    this.sheet = sheet;
    if (!this.isDrawing) this.set({ isDrawing: true });
  }

  /** The paper has changed, perhaps into another drawing, and will be read. */
  turnTo(id, sheet, label) {
    const fresh = id === this.id ? {} : { reading: null, live: null, soFar: "" };
    this.set({ ...fresh, id, sheet, label, isDrawing: true });
  }

  /** An answer about the growing drawing. Its digit counts once two answers in a row say the same. */
  hear(reading) {
    const agrees = reading.number !== "" && reading.number === this.live?.number;
    const soFar = agrees ? reading.number : this.soFar;
    this.set({ live: reading, soFar, trouble: null, isSlow: false });
  }

  /** The answer about the finished drawing. */
  settle(reading) {
    this.set({ ...SETTLED, reading, soFar: reading.number });
  }
}
