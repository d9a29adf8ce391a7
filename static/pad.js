// The paper: turns a pointer's way over a canvas into strokes. Knows nothing of the network.

import { SIZE } from "./drawing.js";
import { paint, paintCanvas } from "./ink.js";

const NEAR = 0.4; // units: points closer than this add tremor, not shape
const PALM = 60; // CSS pixels: a contact this wide is no fingertip
const PEN_KEEPS_HANDS_OFF = 1000; // ms after a stylus was near: a touch is the hand that holds it
const ERASER_BUTTON = 5; // of a stylus turned around (Pointer Events, "button")
const ERASER_SIZE = 1.8; // times the pen's width, so that one pass rubs out a line
const MOST_PIXELS = 1680; // of a canvas's side; beyond that no eye sees a difference

/** Fires "ink" while a stroke grows; the finished stroke goes into the drawing. */
export class Pad extends EventTarget {
  width = 20; // units
  erase = false;

  #canvas;
  #drawing;
  #settled = document.createElement("canvas"); // the finished marks, at the canvas's resolution
  #settledMarks = null;
  #stroke = null; // the one that grows
  #predicted = []; // where the browser thinks the pen is by the time this is on the screen
  #pointer = null; // {id, type} of the pointer that draws
  #penSeen = -Infinity;
  #frame = 0;

  constructor(canvas, drawing) {
    super();
    this.#canvas = canvas;
    this.#drawing = drawing;
    for (const type of ["down", "move", "up", "cancel"]) {
      canvas.addEventListener(`pointer${type}`, (event) => this.#onPointer(type, event));
    }
    // A long press with a stylus or finger asks for a menu, in the midst of a stroke.
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    drawing.addEventListener("change", () => this.#schedule());
    new ResizeObserver(() => this.#resize()).observe(canvas);
    addEventListener("resize", () => this.#resize()); // zoomed, or on a screen of another density
    this.#resize();
  }

  /** All marks, with the stroke that is being drawn. */
  get marks() {
    return this.#stroke ? [...this.#drawing.marks, this.#snapshot()] : this.#drawing.marks;
  }

  get isDrawing() {
    return this.#stroke !== null;
  }

  /** Put the pen down at a point {x, y} of the paper. */
  begin(point, { erase = this.erase, pressure } = {}) {
    this.#stroke = { points: [], erase };
    this.extend([{ ...point, pressure }]);
  }

  /** Draw on through points {x, y, pressure}, pressure being 0..1 or absent. */
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
    this.begin(this.#toPaper(event), {
      erase: this.erase || event.button === ERASER_BUTTON,
      pressure: pressureOf(event),
    });
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
    return {
      x: ((event.clientX - box.left) / box.width) * SIZE,
      y: ((event.clientY - box.top) / box.height) * SIZE,
      pressure: pressureOf(event),
    };
  }

  #resize() {
    const { width } = this.#canvas.getBoundingClientRect();
    const pixels = Math.min(MOST_PIXELS, Math.round(width * devicePixelRatio));
    if (!pixels || pixels === this.#canvas.width) return;
    for (const canvas of [this.#canvas, this.#settled]) canvas.width = canvas.height = pixels;
    this.#settledMarks = null;
    this.#paint(); // at once: a canvas whose size was set is blank
  }

  #schedule() {
    this.#frame ||= requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.#settledMarks !== this.#drawing.marks) {
      this.#settledMarks = this.#drawing.marks;
      paintCanvas(this.#settled, this.#settledMarks);
    }
    const context = this.#canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalCompositeOperation = "copy"; // replaces all that was there
    context.drawImage(this.#settled, 0, 0);
    if (!this.#stroke) return;
    const scale = this.#canvas.width / SIZE;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    const { points, erase } = this.#stroke;
    const ahead = this.#predicted.map((point) => ({ ...point, width: points.at(-1).width }));
    paint(context, [{ points: [...points, ...ahead], erase }]);
  }
}

const pressureOf = (event) => (event.pointerType === "pen" ? event.pressure : undefined);
const hundredth = (units) => Math.round(100 * units) / 100; // a stroke is kept as text, too
