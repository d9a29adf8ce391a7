// The drawings of this visit. They stay in this tab's own storage and are sent nowhere.

import { fire } from "../events.js";
import { revivePicture } from "../ways/picture.js";

const LIST = "drawings"; // a key of sessionStorage, which ends with the tab
const keyOf = (id) => `drawing ${id}`;

/**
 * @typedef {object} Entry  a drawing that is kept; never altered
 * @property {number} id  grows with the time
 * @property {import("../paper/drawing.js").Sheet} sheet
 * @property {string | null} read   a number, NONE, or null while it is not read
 * @property {string | null} label  what the person says it is, a number or NONE, or null
 */

/** Fires "change", and "full" once when the storage takes no more. */
export class Visit extends EventTarget {
  /** @type {Map<number, Entry>} */
  #entries = new Map();
  /** @type {Entry[]} */
  #removed = []; // the last time
  #onPaper = 0;
  #isFull = false;

  /** Bring back what was kept before the page was loaded anew.
   *  @returns {Promise<Entry | undefined>}  what was on the paper then */
  async restore() {
    const { ids = [], onPaper } = stored(LIST) ?? {};
    const kept = await Promise.all(ids.map((id) => revive(stored(keyOf(id))).catch(() => null)));
    this.#add([...kept.filter(Boolean), ...this.entries]);
    return this.entry(onPaper);
  }

  /** In the order of their drawing. */
  get entries() {
    return [...this.#entries.values()];
  }

  /** @param {number} id */
  entry(id) {
    return this.#entries.get(id);
  }

  /** Remember which drawing is on the paper.  @param {number} id */
  lay(id) {
    this.#onPaper = id;
    this.#storeList();
  }

  /** Keep a drawing, or what has become of it.
   *  @param {number} id  @param {Partial<Entry>} news  what is new about it */
  keep(id, news) {
    const entry = { read: null, label: null, ...this.entry(id), id, ...news };
    this.#store(keyOf(id), entry);
    this.#add([...this.entries.filter((each) => each.id !== id), entry]);
  }

  /** @param {number[]} ids */
  remove(ids) {
    this.#removed = ids.map((id) => this.entry(id)).filter(Boolean);
    for (const id of ids) this.forget(id);
  }

  /** How many drawings the last removal took away, as long as it can be undone. */
  get removed() {
    return this.#removed.length;
  }

  undoRemoval() {
    for (const entry of this.#removed) this.#store(keyOf(entry.id), entry);
    this.#add([...this.entries, ...this.#removed.splice(0)]);
  }

  /** Nothing of a drawing is left to keep.  @param {number} id */
  forget(id) {
    if (!this.#entries.delete(id)) return;
    drop(keyOf(id));
    this.#changed();
  }

  #add(entries) {
    entries.sort((a, b) => a.id - b.id);
    this.#entries = new Map(entries.map((entry) => [entry.id, entry]));
    this.#changed();
  }

  #changed() {
    this.#storeList();
    fire(this, "change");
  }

  #storeList() {
    this.#store(LIST, { ids: [...this.#entries.keys()], onPaper: this.#onPaper });
  }

  // Each drawing by itself, so that a stroke costs no more when many are kept.
  #store(key, value) {
    try {
      sessionStorage.setItem(key, JSON.stringify(value, withoutPixels));
    } catch {
      // Full or forbidden: the drawings still last as long as the page is open.
      if (!this.#isFull) fire(this, "full");
      this.#isFull = true;
    }
  }
}

// A picture is kept by its source.
const withoutPixels = (name, value) => (name === "image" || name === "grey" ? undefined : value);

function stored(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

function drop(key) {
  try {
    sessionStorage.removeItem(key);
  } catch {
    // Forbidden: then it was never there.
  }
}

async function revive(entry) {
  const { sheet } = entry;
  const marks = sheet.marks.map((mark) => (mark.source ? revivePicture(mark.source, sheet) : mark));
  return { ...entry, sheet: { ...sheet, marks: await Promise.all(marks) } };
}
