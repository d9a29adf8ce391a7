// What the page knows. All that it shows is derived from this.

import { fire } from "./events.js";
import { NONE } from "./paper/drawing.js";
import { nearestTo } from "./paper/overlay.js";
import { readAs } from "./question/reading.js";

/**
 * @typedef {import("./question/reading.js").Reading} Reading
 *
 * @typedef {"empty" | "drawing" | "digit" | "number" | "unsure" | "not-a-digit" | "trouble"} StateName
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
  /** Which of the digits is explained, and corrected. */
  selected = 0;
  isDrawing = false;
  /** Whether what was left out is marked on the paper. */
  marksLeftOut = true;
  /** @type {{trouble: import("./question/service.js").Trouble, retryAt: number | null} | null} */
  trouble = null;
  /** Whether an answer is long in coming. */
  isSlow = false;
  /** What the person says it is: a number, in which NONE stands for a mark that is no digit; or null.
   *  @type {string | null} */
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

  /** The digit that is selected of that. */
  get digit() {
    return this.shown?.digits[Math.min(this.selected, this.shown.digits.length - 1)];
  }

  /** What the person says of each digit, where that can be told: a sign each, or null. */
  get signs() {
    return this.label?.length === this.reading?.digits.length ? this.label : null;
  }

  /** What the person then says, who says this of the selected digit; said twice, it is taken back.
   *  @param {string} sign  a digit or NONE  @returns {string | null} */
  labelWith(sign) {
    const read = this.reading.digits.map(({ digit, verdict }) => (verdict === "not a digit" ? NONE : digit));
    const signs = [...(this.signs ?? read.join(""))];
    const isTakenBack = this.signs?.[this.selected] === sign;
    signs[this.selected] = isTakenBack ? String(read[this.selected]) : sign;
    const label = signs.join("");
    return isTakenBack && label === readAs(this.reading) ? null : label;
  }

  /** Empty paper. */
  clear() {
    this.set({ ...SETTLED, reading: null, soFar: "", selected: 0 });
  }

  /** A stroke grows.  @param {import("./paper/drawing.js").Sheet} sheet */
  draw(sheet) {
    this.sheet = sheet; // shown with the next answer: the pen is faster than anybody reads
    if (!this.isDrawing) this.set({ isDrawing: true });
  }

  /** The pen only touched the paper, and left no ink. */
  rest(sheet) {
    this.set({ ...SETTLED, sheet });
  }

  /** The paper has changed, perhaps into another drawing, and will be read. */
  turnTo(id, sheet, label) {
    const fresh = id === this.id ? {} : { reading: null, live: null, soFar: "", marksLeftOut: true };
    this.set({ ...fresh, id, sheet, label, isDrawing: true });
  }

  /** An answer about the growing drawing. Its number counts once two answers in a row say the same. */
  hear(reading) {
    const agrees = reading.number !== "" && reading.number === this.live?.number;
    const soFar = agrees ? reading.number : this.soFar;
    const selected = nearestTo(reading.digits, this.sheet);
    this.set({ live: reading, soFar, selected, trouble: null, isSlow: false });
  }

  /** The answer about the finished drawing. What was said of it while it had other digits is void. */
  settle(reading) {
    const isOther = this.reading && reading.digits.length !== this.reading.digits.length;
    const doubtful = reading.digits.findIndex(({ verdict }) => verdict !== "digit");
    this.set({
      ...SETTLED,
      reading,
      soFar: reading.number,
      selected: doubtful < 0 ? nearestTo(reading.digits, this.sheet) : doubtful,
      label: isOther ? null : this.label,
    });
  }
}
