// A look inside the network: what spoke for and against the reading, and its first layer.

import { brightened, paintBitmap } from "./bitmap.js";
import { toPng } from "./sent.js";
import { explain, Trouble } from "./service.js";
import { texts } from "./texts.js";

const FOR = [255, 133, 82];
const AGAINST = [92, 160, 255];

/** Asks only while its panel is open. */
export class Inside {
  #panel;
  #influence;
  #maps;
  #message;
  #marks = [];
  #asked = new AbortController();

  /** @param panel a <details> */
  constructor(panel) {
    this.#panel = panel;
    this.#influence = panel.querySelector("#influence");
    this.#maps = panel.querySelector("#maps");
    this.#message = panel.querySelector("#inside-message");
    panel.addEventListener("toggle", () => this.show(this.#marks));
    this.show([]);
  }

  /** Show what the network makes of a finished drawing. */
  async show(marks) {
    this.#marks = marks;
    this.#asked.abort();
    if (!marks.length) this.#say(texts.insideEmpty);
    if (!marks.length || !this.#panel.open) return;
    const { signal } = (this.#asked = new AbortController());
    try {
      this.#paint(await explain(toPng(marks), signal));
    } catch (error) {
      if (signal.aborted) return; // there is a newer drawing
      if (!(error instanceof Trouble)) throw error;
      this.#say(texts.insideTrouble);
    }
  }

  #say(message) {
    this.#message.textContent = message;
    this.#panel.classList.toggle("empty", message !== "");
  }

  #paint({ digit, pixels, feature_maps: maps, influence }) {
    this.#say("");
    const ink = pixels.flat();
    let i = 0;
    paintBitmap(this.#influence, influence, (value) => over(ink[i++], value));
    this.#panel.querySelector("#influence-caption").textContent = texts.influence(digit);
    while (this.#maps.children.length < maps.length) {
      this.#maps.append(document.createElement("canvas"));
    }
    maps.forEach((map, k) => paintBitmap(this.#maps.children[k], map, brightened));
  }
}

// The colour of a signed influence, over a faint picture of the ink that it is about.
function over(ink, value) {
  const colour = value > 0 ? FOR : AGAINST;
  const strength = Math.abs(value) ** 0.7; // so that weak influence can be seen as well
  const mixed = colour.map((part) => (1 - strength) * 0.3 * ink + strength * part);
  return [...mixed, 255];
}
