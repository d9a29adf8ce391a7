// The strip that shows the drawings of this visit, the newest first.

import { fire } from "../events.js";
import { pictureOn } from "../paper/drawing.js";
import { paintCanvas } from "../paper/ink.js";
import { texts } from "../texts.js";

const THUMBNAIL = 128; // pixels high

/** Fires "open" with the entry that was chosen. */
export class Strip extends EventTarget {
  #list;
  #items = new WeakMap(); // entry -> its element; an entry is never altered

  /** @param {HTMLElement} list */
  constructor(list) {
    super();
    this.#list = list;
  }

  /** @param {import("./visit.js").Entry[]} entries  @param {number} onPaper  the id of one of them */
  show(entries, onPaper) {
    const items = entries.reverse().map((entry) => this.#itemOf(entry));
    for (const old of [...this.#list.children]) if (!items.includes(old)) old.remove();
    items.forEach((item, i) => {
      // Only what is new is put in: an element that is moved loses the keyboard's focus.
      if (this.#list.children[i] !== item) this.#list.insertBefore(item, this.#list.children[i]);
      item.firstChild.setAttribute("aria-current", String(Number(item.dataset.id) === onPaper));
    });
  }

  #itemOf(entry) {
    if (!this.#items.has(entry)) this.#items.set(entry, this.#makeItem(entry));
    return this.#items.get(entry);
  }

  #makeItem(entry) {
    const { width, height } = entry.sheet;
    const canvas = document.createElement("canvas");
    canvas.height = THUMBNAIL;
    canvas.width = Math.round((THUMBNAIL * width) / height);
    canvas.className = pictureOn(entry.sheet) ? "" : "ink";
    paintCanvas(canvas, entry.sheet);
    const caption = document.createElement("span");
    caption.textContent = texts.caption(entry);
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", texts.openDrawing(entry));
    button.append(canvas, caption);
    button.addEventListener("click", () => fire(this, "open", entry));
    const item = document.createElement("li");
    item.dataset.id = entry.id;
    if (entry.label !== null) item.className = entry.label === entry.read ? "right" : "wrong";
    item.append(button);
    return item;
  }
}
