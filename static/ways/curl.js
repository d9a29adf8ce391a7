// A way out of the page with the drawing: as a command.

import { toPng } from "../question/sent.js";
import { address } from "../question/service.js";

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
