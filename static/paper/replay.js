// A sample writes itself, as a pen would, and is read while it does.

import { blank, HEIGHT } from "./drawing.js";

const SPEED = 1.2; // units in a millisecond: a digit takes about half a second

/** Writes sheets on a pad. When one is finished, or something else happens to the paper first, all of
 *  it goes into the drawing as a sample. */
export class Replay {
  #pad;
  #drawing;
  #sheet = null; // the sample that is being written
  #started = 0;
  #frame = 0;

  constructor(pad, drawing) {
    this.#pad = pad;
    this.#drawing = drawing;
    pad.addEventListener("begin", () => this.finish());
    drawing.addEventListener("change", () => this.#stop()); // undo, new paper: that was meant
  }

  /** @param {import("./drawing.js").Stroke[]} marks */
  write(marks) {
    this.finish();
    const { room } = this.#drawing;
    this.#sheet = { ...blank(room), marks: moved(marks, (room - HEIGHT) / 2) };
    this.#started = performance.now();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.finish();
    else this.#grow();
  }

  finish() {
    if (this.#sheet) this.#drawing.start(this.#sheet, { isSample: true });
  }

  #stop() {
    cancelAnimationFrame(this.#frame);
    this.#sheet = null;
    this.#pad.preview(null);
  }

  #grow() {
    const written = begun(this.#sheet.marks, (performance.now() - this.#started) * SPEED);
    if (!written) return this.finish();
    this.#pad.preview({ ...this.#sheet, marks: written });
    this.#frame = requestAnimationFrame(() => this.#grow());
  }
}

/** Marks of square paper, in the middle of wider paper. */
function moved(marks, right) {
  return marks.map((mark) => ({ ...mark, points: mark.points.map((point) => ({ ...point, x: point.x + right })) }));
}

/** The marks as far as a pen has come that went so many units along; null when it is through. */
function begun(marks, way) {
  const written = [];
  for (const mark of marks) {
    for (let i = 1; i < mark.points.length; i++) {
      const [a, b] = [mark.points[i - 1], mark.points[i]];
      way -= Math.hypot(b.x - a.x, b.y - a.y);
      if (way < 0) return [...written, { ...mark, points: mark.points.slice(0, i) }];
    }
    written.push(mark);
  }
  return null;
}
