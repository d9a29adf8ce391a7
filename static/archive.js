// Kept drawings as one file: PNGs, and drawings.json, a list of {file, label, read, confidence}.
// `python -m model evaluate --mine FILE` scores those whose label is not null.

import { toPng } from "./ink.js";
import { zip } from "./zip.js";

/** @returns {Promise<Blob>} a ZIP archive */
export async function toArchive(entries) {
  const list = entries.map(({ label, read, confidence }, i) => ({
    file: `${String(i + 1).padStart(4, "0")}_label-${label ?? "none"}_read-${read}.png`,
    label,
    read,
    confidence,
  }));
  const pictures = entries.map(async ({ marks }, i) => {
    const png = await toPng(marks);
    return { name: list[i].file, bytes: new Uint8Array(await png.arrayBuffer()) };
  });
  const json = `${JSON.stringify(list, null, 1)}\n`;
  const index = { name: "drawings.json", bytes: new TextEncoder().encode(json) };
  return zip([...(await Promise.all(pictures)), index]);
}

/** Offer a blob as a file to keep. */
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser reads it after the click
}
