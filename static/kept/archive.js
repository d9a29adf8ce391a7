// Kept drawings as one file, which `python -m model evaluate --mine FILE` scores.

import { NONE } from "../paper/drawing.js";
import { toPng } from "../question/sent.js";
import { zip } from "./zip.js";

/** A ZIP of PNGs, and of two lists of {file, label, read}: drawings.json of single digits, in which null
 *  is "no digit", and numbers.json of numbers, which are texts. Drawings of which the person did not say
 *  what they were are no score: they are not listed.
 *  @param {import("./visit.js").Entry[]} entries  @returns {Blob} */
export function toArchive(entries) {
  const files = [];
  const [digits, numbers] = [[], []];
  for (const { sheet, label, read } of entries) {
    const place = String(files.length + 1).padStart(4, "0");
    const said = label === null ? "" : `_label-${digitsOf(label) || "none"}`;
    const file = `${place}${said}${read === null ? "" : `_read-${digitsOf(read) || "none"}`}.png`;
    files.push({ name: file, bytes: toPng(sheet) });
    if (!said) continue;
    const list = digitsOf(label).length > 1 ? numbers : digits;
    list.push({ file, label: listed(label), ...(read !== null && { read: listed(read) }) });
  }
  const lists = { "drawings.json": digits, ...(numbers.length && { "numbers.json": numbers }) };
  for (const [name, list] of Object.entries(lists)) {
    files.push({ name, bytes: new TextEncoder().encode(`${JSON.stringify(list, null, 1)}\n`) });
  }
  return zip(files);
}

const digitsOf = (number) => number.replaceAll(NONE, "");

/** A number as a text, a digit as a number, no digit as null. */
function listed(number) {
  const digits = digitsOf(number);
  return digits.length > 1 ? digits : digits === "" ? null : Number(digits);
}

/** Offer a blob as a file to keep.  @param {Blob} blob  @param {string} name */
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser reads it after the click
}
