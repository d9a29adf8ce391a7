// Kept drawings as one file, which `python -m model evaluate --mine FILE` scores.

import { NONE } from "../paper/drawing.js";
import { toPng } from "../question/sent.js";
import { zip } from "./zip.js";

/** A ZIP of PNGs, and of drawings.json, a list of {file, label, read} in which null is "no digit".
 *  Drawings of which the person did not say what they were are no score: they are not listed.
 *  @param {import("./visit.js").Entry[]} entries  @returns {Blob} */
export function toArchive(entries) {
  const files = [];
  const list = [];
  for (const { sheet, label, read } of entries) {
    const number = String(files.length + 1).padStart(4, "0");
    const said = label === null ? "" : `_label-${label}`;
    const file = `${number}${said}${read === null ? "" : `_read-${read}`}.png`;
    files.push({ name: file, bytes: toPng(sheet) });
    if (said) list.push({ file, label: orNull(label), ...(read !== null && { read: orNull(read) }) });
  }
  const json = `${JSON.stringify(list, null, 1)}\n`;
  return zip([...files, { name: "drawings.json", bytes: new TextEncoder().encode(json) }]);
}

const orNull = (reading) => (reading === NONE ? null : reading);

/** Offer a blob as a file to keep.  @param {Blob} blob  @param {string} name */
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser reads it after the click
}
