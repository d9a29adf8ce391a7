// The strip that shows the drawings of this visit, the newest first.

import { paintCanvas } from "./ink.js";
import { texts } from "./texts.js";

const THUMBNAIL = 128; // pixels

/** Fires "open" with the entry that was chosen. */
export class Strip extends EventTarget {
  #list;
  #visit;
  #items = new WeakMap(); // entry -> its element; an entry is never altered

  constructor(list, visit) {
    super();
    this.#list = list;
    this.#visit = visit;
  }

  /** @param current the id of the drawing that is on the paper */
  show(current) {
    const items = this.#visit.entries.reverse().map((entry) => this.#itemOf(entry));
    for (const old of [...this.#list.children]) if (!items.includes(old)) old.remove();
    items.forEach((item, i) => {
      // Only what is new is put in: an element that is moved loses the keyboard's focus.
      if (this.#list.children[i] !== item) this.#list.insertBefore(item, this.#list.children[i]);
      item.firstChild.setAttribute("aria-current", Number(item.dataset.id) === current);
    });
  }

  #itemOf(entry) {
    if (!this.#items.has(entry)) this.#items.set(entry, this.#makeItem(entry));
    return this.#items.get(entry);
  }

  #makeItem(entry) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = THUMBNAIL;
    paintCanvas(canvas, entry.marks);
    const caption = document.createElement("span");
    caption.textContent = texts.caption(entry);
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", texts.openDrawing(entry));
    button.append(canvas, caption);
    button.addEventListener("click", () => {
      this.dispatchEvent(new CustomEvent("open", { detail: entry }));
    });
    const item = document.createElement("li");
    item.dataset.id = entry.id;
    if (entry.label !== null) item.className = entry.label === entry.read ? "right" : "wrong";
    item.append(button);
    return item;
  }
}
