// What can be done with the drawings of this visit: taken up again, exported, removed, brought back.

import { fire, listen } from "../events.js";
import { texts } from "../texts.js";
import { download, toArchive } from "./archive.js";
import { Strip } from "./strip.js";

/** Fires "open" with an entry, and "removed" with the ids of those that were removed. */
export class Shelf extends EventTarget {
  #find;
  #visit;
  #strip;
  #onPaper = 0;

  /** @param {(id: string) => HTMLElement} find  @param {import("./visit.js").Visit} visit */
  constructor(find, visit) {
    super();
    this.#find = find;
    this.#visit = visit;
    this.#strip = new Strip(find("strip"));
    listen(this.#strip, "open", (entry) => fire(this, "open", entry));
    find("export").addEventListener("click", () => download(toArchive(visit.entries), "drawings.zip"));
    find("remove").addEventListener("click", () => this.#remove([this.#onPaper]));
    find("remove-all").addEventListener("click", () => this.#remove(visit.entries.map(({ id }) => id)));
    find("undo-removal").addEventListener("click", () => {
      visit.undoRemoval();
      find("remove-all").focus();
    });
    visit.addEventListener("change", () => this.show(this.#onPaper));
  }

  /** @param {number} onPaper  the id of the drawing on the paper */
  show(onPaper) {
    const { entries, removed } = this.#visit;
    this.#onPaper = onPaper;
    this.#strip.show(entries, onPaper);
    this.#find("kept").hidden = !entries.length && !removed;
    this.#find("removed").textContent = removed ? texts.removed(removed) : "";
    this.#find("undo-removal").hidden = !removed;
    for (const id of ["export", "remove-all"]) this.#find(id).hidden = !entries.length;
    this.#find("remove").hidden = !this.#visit.entry(onPaper);
  }

  #remove(ids) {
    this.#visit.remove(ids);
    this.#find("undo-removal").focus(); // the button that was pressed may be gone
    fire(this, "removed", ids);
  }
}
