// A drawing: the marks on the paper now, and the way back. Knows neither canvas nor network.
//
// A mark is a stroke, {points: [{x, y, width}, ...], erase: boolean}, or a picture, {image}.
// All lengths are in units of the paper, which is SIZE units wide and high, whatever its size on
// the screen; x grows to the right, y down.

export const SIZE = 280;

/** What a drawing is taken for, when it is none of the digits 0 to 9. */
export const NONE = "none";

/** Fires "change" after everything that alters the marks. Marks and their lists are never altered
 *  once they are in a drawing, so that a state can be kept by keeping its list. */
export class Drawing extends EventTarget {
  #lastId = Date.now(); // so no drawing that was kept before a reload has the same number
  #states = [{ id: this.#lastId, marks: [] }];
  #now = 0;

  /** The number of this drawing; a cleared paper begins another. */
  get id() {
    return this.#states[this.#now].id;
  }

  get marks() {
    return this.#states[this.#now].marks;
  }

  get isEmpty() {
    return !hasInk(this.marks);
  }

  get canUndo() {
    return this.#now > 0;
  }

  get canRedo() {
    return this.#now < this.#states.length - 1;
  }

  add(mark) {
    this.#push({ id: this.id, marks: [...this.marks, mark] });
  }

  /** Begin another drawing, on empty paper or with marks to start from. It can be undone. */
  start(marks = []) {
    this.#push({ id: ++this.#lastId, marks });
  }

  /** Go on with a drawing that was kept. */
  resume(id, marks) {
    this.#push({ id, marks });
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

export const hasInk = (marks) => marks.some((mark) => !mark.erase);
