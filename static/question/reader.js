// Has the newest sheet read, again and again while it grows.

import { fire } from "../events.js";
import { Trouble } from "./service.js";

const PACE = 50; // ms between two questions: more than 20 readings a second nobody can follow
const PATIENCE = 500; // ms that a growing drawing waits for the answer to an older state of it
const SLOW = 1000; // ms without an answer, after which to say so
const FIRST_PAUSE = 1000; // ms before trying again; doubled each time up to the longest
const LONGEST_PAUSE = 3000;

/**
 * At most one question is under way, and only the newest counts: an answer that comes after a newer
 * question is dropped. Fires "reading" {reading, sheet, final}; "slow"; and
 * "trouble" {trouble, retryAt, sheet}, where retryAt is when it is asked again (performance.now, ms), or null if that would not help.
 */
export class Reader extends EventTarget {
  #askService;
  #wanted = null; // {sheet, final}, not asked yet
  #flight = null; // {abort, started} of the question under way
  #lastStart = -Infinity;
  #pausedUntil = -Infinity;
  #pause = FIRST_PAUSE;
  #timer = 0;
  #slowTimer = 0;

  /** @param {(sheet: import("./reading.js").Sheet, signal: AbortSignal) =>
   *    Promise<import("./reading.js").Reading>} askService  the question; throws Trouble */
  constructor(askService) {
    super();
    this.#askService = askService;
    addEventListener("online", () => this.retry());
  }

  /** Ask for a reading; final when the pen was lifted.
   *  @param {import("./reading.js").Sheet} sheet  @param {boolean} final */
  read(sheet, final) {
    this.#wanted = { sheet, final };
    this.#slowTimer ||= setTimeout(() => this.#slow(), SLOW);
    this.#next();
  }

  /** There is nothing to read any more. */
  forget() {
    this.#wanted = null;
    this.#settle();
  }

  /** Do not wait any longer to ask again. */
  retry() {
    this.#pausedUntil = -Infinity;
    this.#next();
  }

  #slow() {
    if (this.#flight) fire(this, "slow"); // else it pauses after a trouble
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
    const { sheet, final } = this.#wanted;
    this.#wanted = null;
    this.#flight?.abort();
    const controller = new AbortController();
    const flight = { started: performance.now(), abort: () => controller.abort() };
    this.#flight = flight;
    this.#lastStart = flight.started;
    let reading, trouble;
    try {
      reading = await this.#askService(sheet, controller.signal);
    } catch (error) {
      trouble = error;
    }
    if (this.#flight !== flight) return; // a newer question is under way, or none is wanted
    this.#settle();
    if (reading) {
      this.#pause = FIRST_PAUSE;
      fire(this, "reading", { reading, sheet, final });
    } else this.#onTrouble(trouble, { sheet, final });
    this.#next();
  }

  #onTrouble(trouble, question) {
    if (!(trouble instanceof Trouble)) {
      reportError(trouble); // a fault of the page, which asking again does not mend
      trouble = new Trouble("fault");
    }
    let retryAt = null;
    if (trouble.passes) {
      this.#wanted ??= question;
      retryAt = performance.now() + (trouble.seconds * 1000 || this.#pause);
      this.#pausedUntil = retryAt;
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
    }
    fire(this, "trouble", { trouble, retryAt, sheet: question.sheet });
  }
}
