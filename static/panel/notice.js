// News in a place of its own: about the service, which stays until all is well again, and about what
// the person just did, which stays until the next thing is done.

import { fire } from "../events.js";
import { texts } from "../texts.js";

const TICK = 250; // ms

/** Fires "now" when the person does not want to wait. */
export class Notice extends EventTarget {
  #box;
  #message;
  #button;
  #home; // of the keyboard's focus, when this goes away
  #news = ""; // about what was just done
  #trouble = null; // {trouble, retryAt}
  #isSlow = false; // the service
  #timer = 0;

  /** @param {(id: string) => HTMLElement} find */
  constructor(find) {
    super();
    this.#box = find("notice");
    this.#message = find("message");
    this.#button = find("act");
    this.#home = find("pad");
    this.#button.addEventListener("click", () => {
      if (this.#news) this.tell("");
      else fire(this, "now");
    });
  }

  /** Say something until the next thing is done; nothing takes it back. */
  tell(news) {
    this.#news = news;
    this.#write();
  }

  /** @param {import("../state.js").State} state */
  show({ trouble, isSlow }) {
    this.#trouble = trouble;
    this.#isSlow = isSlow;
    this.#write();
  }

  #write() {
    clearTimeout(this.#timer);
    const { retryAt } = this.#trouble ?? {};
    const text = this.#news || inWords(this.#trouble) || (this.#isSlow ? texts.slow : "");
    if (this.#message.textContent !== text) this.#message.textContent = text;
    this.#button.textContent = this.#news ? texts.dismiss : texts.now;
    this.#button.hidden = !this.#news && !retryAt;
    if (text === "" && this.#box.contains(document.activeElement)) this.#home.focus();
    this.#box.hidden = text === "";
    this.#box.classList.toggle("trouble", this.#trouble !== null && !this.#news);
    if (retryAt) this.#timer = setTimeout(() => this.#write(), TICK);
  }
}

/** @param {import("../state.js").State["trouble"]} trouble */
export function inWords(trouble) {
  if (!trouble) return "";
  const { trouble: { kind, detail }, retryAt } = trouble;
  const seconds = retryAt === null ? 0 : Math.ceil((retryAt - performance.now()) / 1000);
  return texts[kind](seconds, detail);
}
