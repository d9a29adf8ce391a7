// Other ways to a drawing: a sample, a picture that is opened, dropped or pasted. And a way out of
// the page with it: as a command.

import { paintCanvas } from "./ink.js";
import { readPicture } from "./picture.js";
import { sample } from "./samples.js";
import { toPng } from "./sent.js";
import { predictAddress } from "./service.js";
import { texts } from "./texts.js";

const THUMBNAIL = 64; // pixels

/** Fires "picture" with a mark, "unreadable" when a file is no picture, and "sample" with marks. */
export class Ways extends EventTarget {
  constructor(root) {
    super();
    for (let digit = 0; digit < 10; digit++) root.getElementById("samples").append(this.#sampleButton(digit));

    const file = root.getElementById("file");
    root.getElementById("open").addEventListener("click", () => file.click());
    file.addEventListener("change", () => {
      this.#take(file.files);
      file.value = ""; // so that the same file can be opened again
    });
    root.addEventListener("paste", (event) => this.#take(event.clipboardData.files));
    root.addEventListener("dragover", (event) => event.preventDefault());
    root.addEventListener("drop", (event) => {
      event.preventDefault();
      this.#take(event.dataTransfer.files);
    });
  }

  #sampleButton(digit) {
    const marks = sample(digit);
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = THUMBNAIL;
    paintCanvas(canvas, marks);
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", texts.sampleLabel(digit));
    button.append(canvas);
    button.addEventListener("click", () => {
      this.dispatchEvent(new CustomEvent("sample", { detail: marks }));
    });
    return button;
  }

  async #take([file]) {
    if (!file) return;
    try {
      this.dispatchEvent(new CustomEvent("picture", { detail: await readPicture(file) }));
    } catch {
      this.dispatchEvent(new Event("unreadable"));
    }
  }
}

/** The drawing as a command for a shell. It holds the picture, so it needs no file. */
export function toCurl(marks) {
  const base64 = btoa(Array.from(toPng(marks), (byte) => String.fromCharCode(byte)).join(""));
  return `curl -s '${predictAddress}' -H 'Content-Type: application/json' -d '{"image": "${base64}"}'`;
}

/** Put text on the clipboard. */
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
