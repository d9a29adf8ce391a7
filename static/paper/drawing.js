// A drawing: the marks on the paper now, and the way back. Knows neither canvas nor network.
//
// All lengths are in units of the paper: x grows to the right, y down. The paper is 280 units high and
// 280 or more wide; its size belongs to the drawing, so that a drawing means the same on every screen.

/**
 * @typedef {{x: number, y: number, width: number}} Point  with the pen's width there
 * @typedef {{points: Point[], erase?: boolean}} Stroke
 * @typedef {object} Picture  from outside, over the whole paper
 * @property {HTMLCanvasElement} image  as it is shown
 * @property {Uint8Array} grey   as it is read, 0 black to 255 white, by rows
 * @property {number} scale      its pixels for each unit, there
 * @property {number} paper      the grey of its paper, 0..255, which an eraser leaves
 * @property {string} source     a data URL that keeps it
 * @typedef {Partial<Stroke & Picture>} Mark  the one or the other
 *
 * @typedef {object} Sheet  paper with what is on it; neither it nor its list of marks is ever altered
 * @property {number} width
 * @property {number} height
 * @property {Mark[]} marks
 */

export const HEIGHT = 280; // units, of every paper

/** Empty paper.  @param {number} width  units, 280 or more  @returns {Sheet} */
export const blank = (width) => ({ width, height: HEIGHT, marks: [] });

/** What stands in a number for a mark that is none of the digits 0 to 9. */
export const NONE = "·";

/** @param {Sheet} sheet */
export const hasInk = (sheet) => sheet.marks.some((mark) => !mark.erase);

/** @param {Sheet} sheet  @returns {Mark | undefined} */
export const pictureOn = (sheet) => sheet.marks.find((mark) => mark.image);

/** Fires "change" after everything that alters the sheet. */
export class Drawing extends EventTarget {
  /** Units that new paper is wide. */
  room;

  #lastId = Date.now(); // so no drawing that was kept before a reload has the same number
  #states;
  #now = 0;

  /** @param {number} room */
  constructor(room) {
    super();
    this.room = room;
    this.#states = [{ id: this.#lastId, sheet: blank(room), isSample: false }];
  }

  /** The number of this drawing; new paper begins another. */
  get id() {
    return this.#states[this.#now].id;
  }

  get sheet() {
    return this.#states[this.#now].sheet;
  }

  /** Whether it is a sample as it came. */
  get isSample() {
    return this.#states[this.#now].isSample;
  }

  get isEmpty() {
    return !hasInk(this.sheet);
  }

  /** Whether nobody has done anything yet. */
  get isUntouched() {
    return this.#states.length === 1;
  }

  get canUndo() {
    return this.#now > 0;
  }

  get canRedo() {
    return this.#now < this.#states.length - 1;
  }

  /** @param {Mark} mark */
  add(mark) {
    const sheet = { ...this.sheet, marks: [...this.sheet.marks, mark] };
    this.#push({ id: this.id, sheet, isSample: false });
  }

  /** Begin another drawing, on empty paper or with something to start from. It can be undone.
   *  @param {Sheet} sheet */
  start(sheet = blank(this.room), { isSample = false } = {}) {
    this.#push({ id: ++this.#lastId, sheet, isSample });
  }

  /** Go on with a drawing that was kept.  @param {number} id  @param {Sheet} sheet */
  resume(id, sheet) {
    this.#push({ id, sheet, isSample: false });
  }

  undo() {
    this.#go(-1);
  }

  redo() {
    this.#go(+1);
  }

  #push(state) {
    this.#states.splice(this.#now + 1, Infinity, state);
    this.#go(+1);
  }

  #go(step) {
    if (!this.#states[this.#now + step]) return;
    this.#now += step;
    this.dispatchEvent(new Event("change"));
  }
}
