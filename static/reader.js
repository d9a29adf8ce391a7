// Has the newest drawing read, again and again while it grows.

import { toPng } from "./sent.js";
import { predict, Trouble } from "./service.js";

const PACE = 50; // ms between two questions: more than 20 readings a second nobody can follow
const PATIENCE = 500; // ms that a growing drawing waits for the answer to an older state of it
const SLOW = 1000; // ms without an answer, after which to say so
const FIRST_PAUSE = 1000; // ms before trying again; doubled each time up to the longest
const LONGEST_PAUSE = 3000;

/** At most one question is under way, and only the newest counts: an answer that comes after a
 *  newer question is dropped. Fires "reading" {answer, marks, final}, "slow", and
 *  "trouble" {trouble}; a trouble that may pass is retried until it has. */
export class Reader extends EventTarget {
  #wanted = null; // {marks, final}, not asked yet
  #flight = null; // {abort, started} of the question under way
  #lastStart = -Infinity;
  #pausedUntil = -Infinity;
  #pause = FIRST_PAUSE;
  #timer = 0;
  #slowTimer = 0;

  constructor() {
    super();
    addEventListener("online", () => this.#wake());
  }

  /** Ask for a reading of marks; final when the pen was lifted. */
  read(marks, final) {
    this.#wanted = { marks, final };
    this.#slowTimer ||= setTimeout(() => this.#slow(), SLOW);
    this.#next();
  }

  /** There is nothing to read any more. */
  forget() {
    this.#wanted = null;
    this.#settle();
  }

  #slow() {
    if (this.#flight) this.dispatchEvent(new Event("slow")); // else it pauses after a trouble
  }

  #wake() {
    this.#pausedUntil = -Infinity;
    this.#next();
  }

  #settle() {
    this.#flight?.abort();
    this.#flight = null;
    clearTimeout(this.#slowTimer);
    this.#slowTimer = 0;
  }

  #next() {
    clearTimeout(this.#timer);
    if (!this.#wanted) return;
    const patience = this.#flight && !this.#wanted.final ? this.#flight.started + PATIENCE : 0;
    const due = Math.max(this.#lastStart + PACE, this.#pausedUntil, patience);
    const wait = due - performance.now();
    if (wait > 0) this.#timer = setTimeout(() => this.#next(), wait);
    else this.#ask();
  }

  async #ask() {
    const { marks, final } = this.#wanted;
    this.#wanted = null;
    this.#flight?.abort();
    const controller = new AbortController();
    const flight = { started: performance.now(), abort: () => controller.abort() };
    this.#flight = flight;
    this.#lastStart = flight.started;
    let answer, trouble;
    try {
      answer = await predict(toPng(marks), controller.signal);
    } catch (error) {
      trouble = error;
    }
    if (this.#flight !== flight) return; // a newer question is under way, or none is wanted
    this.#settle();
    if (answer) {
      this.#pause = FIRST_PAUSE;
      this.dispatchEvent(new CustomEvent("reading", { detail: { answer, marks, final } }));
    } else {
      if (!(trouble instanceof Trouble)) {
        reportError(trouble); // a fault of the page, which asking again does not mend
        trouble = new Trouble("fault");
      }
      if (trouble.passes) this.#retry(trouble, { marks, final });
      this.dispatchEvent(new CustomEvent("trouble", { detail: trouble }));
    }
    this.#next();
  }

  #retry(trouble, question) {
    this.#wanted ??= question;
    const pause = trouble.seconds * 1000 || this.#pause;
    this.#pausedUntil = performance.now() + pause;
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
  }
}
