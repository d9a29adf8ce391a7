// The paper: turns a pointer's way over a canvas into strokes. Knows nothing of the network.

import { paint, paintCanvas } from "./ink.js";

const TAP = 4; // units: a stroke that stays within is a touch
const NEAR = 0.4; // units: points closer than this add tremor, not shape
const PALM = 60; // CSS pixels: a contact this wide is no fingertip
const PEN_KEEPS_HANDS_OFF = 1000; // ms after a stylus was near: a touch is the hand that holds it
const ERASER_BUTTON = 5; // of a stylus turned around (Pointer Events, "button")
const ERASER_SIZE = 1.8; // times the pen's width, so that one pass rubs out a line
const MOST_PIXELS = 1680; // of a canvas's side; beyond that no eye sees a difference

/** Fires "ink" while what is on the paper grows, "begin" before the pen is put down, and "tap" where it
 *  only touched the paper, which leaves no dot if that is prevented; a finished stroke goes into the
 *  drawing.
 *  @typedef {{x: number, y: number, pressure?: number}} PenPoint  pressure is 0..1 */
export class Pad extends EventTarget {
  width = 20; // units
  erase = false;

  #canvas;
  #drawing;
  #settled = document.createElement("canvas"); // the finished marks, at the canvas's resolution
  #settledSheet = null;
  #preview = null;
  #stroke = null; // the one that grows
  #predicted = []; // where the browser thinks the pen is by the time this is on the screen
  #pointer = null; // {id, type} of the pointer that draws
  #penSeen = -Infinity;
  #frame = 0;

  /** @param {HTMLCanvasElement} canvas  alone in the box that has the paper's form
   *  @param {import("./drawing.js").Drawing} drawing */
  constructor(canvas, drawing) {
    super();
    this.#canvas = canvas;
    this.#drawing = drawing;
    for (const type of ["down", "move", "up", "cancel"]) {
      canvas.addEventListener(`pointer${type}`, (event) => this.#onPointer(type, event));
    }
    // A long press with a stylus or finger asks for a menu, in the midst of a stroke.
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    drawing.addEventListener("change", () => this.#turnTo());
    new ResizeObserver(() => this.#resize()).observe(canvas);
    addEventListener("resize", () => this.#resize()); // zoomed, or on a screen of another density
    this.#resize();
  }

  /** What is on the paper, with the stroke that is being drawn. */
  get sheet() {
    if (this.#preview) return this.#preview;
    const { sheet } = this.#drawing;
    return this.#stroke ? { ...sheet, marks: [...sheet.marks, this.#snapshot()] } : sheet;
  }

  get isDrawing() {
    return this.#stroke !== null;
  }

  /** Show a sheet that is not the drawing, as a sample that is being written; null ends that. */
  preview(sheet) {
    this.#preview = sheet;
    this.#schedule();
    if (sheet) this.dispatchEvent(new Event("ink"));
  }

  /** Put the pen down.  @param {PenPoint} point */
  begin(point, erase = this.erase) {
    this.dispatchEvent(new Event("begin"));
    this.#stroke = { points: [], erase };
    this.extend([point]);
  }

  /** Draw on.  @param {PenPoint[]} points */
  extend(points) {
    const stroke = this.#stroke;
    for (const { x, y, pressure } of points) {
      const last = stroke.points.at(-1);
      if (last && Math.hypot(x - last.x, y - last.y) < NEAR) continue;
      const width = this.#widthAt(pressure, last?.width);
      stroke.points.push({ x: hundredth(x), y: hundredth(y), width: hundredth(width) });
    }
    this.#schedule();
    this.dispatchEvent(new Event("ink"));
  }

  /** Lift the pen. */
  end() {
    const stroke = this.#snapshot();
    this.#stroke = null;
    this.#predicted = [];
    const [first] = stroke.points;
    if (stroke.points.every(({ x, y }) => Math.hypot(x - first.x, y - first.y) < TAP)) {
      const tap = new CustomEvent("tap", { detail: first, cancelable: true });
      if (!this.dispatchEvent(tap)) return this.#schedule();
    }
    this.#drawing.add(stroke);
  }

  #snapshot() {
    return { ...this.#stroke, points: [...this.#stroke.points] };
  }

  #widthAt(pressure, last) {
    if (this.#stroke.erase) return this.width * ERASER_SIZE;
    if (pressure === undefined) return this.width;
    const width = this.width * (0.7 + 0.6 * pressure); // half pressure is the plain width
    return last === undefined ? width : 0.6 * last + 0.4 * width; // a stylus reports in jumps
  }

  #onPointer(type, event) {
    if (event.pointerType === "pen") this.#penSeen = event.timeStamp;
    if (type === "down") this.#down(event);
    else if (event.pointerId !== this.#pointer?.id) return; // a second finger, or just passing by
    else if (type === "move") this.#move(event);
    else this.#lift();
  }

  #down(event) {
    if (!this.#accepts(event)) return;
    if (this.#stroke) this.#drop();
    this.#pointer = { id: event.pointerId, type: event.pointerType };
    try {
      this.#canvas.setPointerCapture(event.pointerId);
    } catch {
      // Already lifted again: the stroke is a dot and needs no capture.
    }
    this.begin(this.#toPaper(event), this.erase || event.button === ERASER_BUTTON);
  }

  #accepts(event) {
    if (event.pointerType === "touch") {
      if (this.#stroke) return false;
      if (Math.max(event.width, event.height) > PALM) return false;
      return event.timeStamp - this.#penSeen > PEN_KEEPS_HANDS_OFF;
    }
    if (event.button !== 0 && event.button !== ERASER_BUTTON) return false;
    // The hand often lands before the stylus: then the stylus takes over.
    return !this.#stroke || (event.pointerType === "pen" && this.#pointer?.type === "touch");
  }

  #move(event) {
    const exact = event.getCoalescedEvents?.() ?? [];
    const points = (exact.length ? exact : [event]).map((each) => this.#toPaper(each));
    this.#predicted = (event.getPredictedEvents?.() ?? []).map((each) => this.#toPaper(each));
    this.extend(points);
  }

  #lift() {
    this.#pointer = null;
    if (this.#stroke) this.end();
  }

  #drop() {
    this.#pointer = this.#stroke = null;
    this.#predicted = [];
  }

  #toPaper(event) {
    const box = this.#canvas.getBoundingClientRect();
    const { width, height } = this.#drawing.sheet;
    return {
      x: ((event.clientX - box.left) / box.width) * width,
      y: ((event.clientY - box.top) / box.height) * height,
      pressure: pressureOf(event),
    };
  }

  #turnTo() {
    const { width, height } = this.#drawing.sheet;
    this.#canvas.parentElement.style.setProperty("--aspect", String(width / height));
    this.#resize();
    this.#schedule();
  }

  #resize() {
    const box = this.#canvas.getBoundingClientRect();
    const most = Math.min(devicePixelRatio, MOST_PIXELS / Math.max(box.width, box.height));
    const [width, height] = [box.width, box.height].map((side) => Math.round(side * most));
    if (!width || (width === this.#canvas.width && height === this.#canvas.height)) return;
    for (const canvas of [this.#canvas, this.#settled]) Object.assign(canvas, { width, height });
    this.#settledSheet = null;
    this.#paint(); // at once: a canvas whose size was set is blank
  }

  #schedule() {
    this.#frame ||= requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const sheet = this.#preview ?? this.#drawing.sheet;
    if (this.#settledSheet !== sheet) {
      this.#settledSheet = sheet;
      paintCanvas(this.#settled, sheet);
    }
    const context = this.#canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalCompositeOperation = "copy"; // replaces all that was there
    context.drawImage(this.#settled, 0, 0);
    if (!this.#stroke) return;
    const { points, erase } = this.#stroke;
    const ahead = this.#predicted.map((point) => ({ ...point, width: points.at(-1).width }));
    context.setTransform(this.#canvas.width / sheet.width, 0, 0, this.#canvas.height / sheet.height, 0, 0);
    paint(context, sheet, [{ points: [...points, ...ahead], erase }]);
  }
}

const pressureOf = (event) => (event.pointerType === "pen" ? event.pressure : undefined);
const hundredth = (units) => Math.round(100 * units) / 100; // a stroke is kept as text, too
