// Other ways to a drawing: a sample, a picture that is opened, taken, dropped or pasted. And a way out
// with it: a command for a shell.

import { fire } from "../events.js";
import { blank, HEIGHT } from "../paper/drawing.js";
import { paintCanvas } from "../paper/ink.js";
import { toPng } from "../question/sent.js";
import { address } from "../question/service.js";
import { texts } from "../texts.js";
import { PictureTrouble, readPicture } from "./picture.js";
import { sample } from "./samples.js";

/** Fires "sample" with the marks of one, "picture" with a sheet, and "refused" with the reason, in words,
 *  why a thing is no picture. */
export class Ways extends EventTarget {
  /** @param {Document} root */
  constructor(root) {
    super();
    [...root.querySelectorAll("#samples button")].forEach((button, digit) => {
      const marks = sample(digit);
      paintCanvas(button.querySelector("canvas"), { ...blank(HEIGHT), marks });
      button.addEventListener("click", () => fire(this, "sample", marks));
    });
    this.#opens(root, "open", "file");
    this.#opens(root, "camera", "photo");
    root.getElementById("camera").hidden = !matchMedia("(pointer: coarse)").matches;
    root.addEventListener("paste", (event) => this.#takeFrom(event.clipboardData));
    this.#takesDrops(root);
  }

  /** Take a picture that this service has.  @param {URL} address */
  async open(address) {
    const response = await fetch(address).catch(() => null);
    if (response?.ok) this.#take(await response.blob());
    else fire(this, "refused", texts.unreadable);
  }

  #opens(root, buttonId, inputId) {
    const input = root.getElementById(inputId);
    root.getElementById(buttonId).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      if (input.files[0]) this.#take(input.files[0]);
      input.value = ""; // so that the same file can be opened again
    });
  }

  #takesDrops(root) {
    const paper = root.getElementById("paper");
    root.addEventListener("dragover", (event) => {
      event.preventDefault();
      paper.classList.add("awaits");
    });
    root.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) paper.classList.remove("awaits"); // it left the window
    });
    root.addEventListener("drop", (event) => {
      event.preventDefault();
      paper.classList.remove("awaits");
      this.#takeFrom(event.dataTransfer);
    });
  }

  /** @param {DataTransfer} given  what was dropped or pasted: a file, a text, an address */
  #takeFrom(given) {
    if (given.files.length) this.#take(given.files[0]);
    else fire(this, "refused", texts.noFile);
  }

  async #take(file) {
    try {
      fire(this, "picture", await readPicture(file));
    } catch (error) {
      if (!(error instanceof PictureTrouble)) throw error;
      fire(this, "refused", error.message);
    }
  }
}

/** The drawing as a command for a shell. It holds the picture that is sent, so it needs no file: even of
 *  noise, at 280 x 280 pixels, that is within the 131,072 characters that Linux takes as an argument.
 *  @param {import("../paper/drawing.js").Sheet} sheet  @param {URL} [question]  what it is asked */
export function toCurl(sheet, question = address("predict")) {
  const base64 = btoa(Array.from(toPng(sheet), (byte) => String.fromCharCode(byte)).join(""));
  return `curl -s '${question}' -H 'Content-Type: application/json' -d '{"image": "${base64}"}'`;
}

/** Put text on the clipboard.  @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Over plain HTTP from another machine there is only the old way.
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
