// A ZIP archive of files as they are (method "stored"): PNGs are compressed already.
// The layout is that of PKWARE's APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.

import { crc32 } from "../question/png.js";

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20; // that a reader needs
const UTF8_NAMES = 0x0800;
const STORED = 0;
const DATE = (1 << 5) | 1; // the first of January 1980: no date is kept

/** @param {{name: string, bytes: Uint8Array}[]} files  @returns {Blob} */
export function zip(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const path = new TextEncoder().encode(name);
    const common = [
      [VERSION, 2], [UTF8_NAMES, 2], [STORED, 2], [0, 2], [DATE, 2],
      [crc32(bytes), 4], [bytes.length, 4], [bytes.length, 4], [path.length, 2], [0, 2],
    ];
    const local = record([LOCAL, 4], ...common);
    parts.push(local, path, bytes);
    const rest = [[0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]];
    directory.push(record([CENTRAL, 4], [VERSION, 2], ...common, ...rest), path);
    offset += local.length + path.length + bytes.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const count = files.length;
  const end = record([END, 4], [0, 2], [0, 2], [count, 2], [count, 2], [size, 4], [offset, 4], [0, 2]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

/** Little-endian fields, each [value, bytes]. */
function record(...fields) {
  return Uint8Array.from(
    fields.flatMap(([value, size]) => Array.from({ length: size }, (_, i) => value >>> (8 * i))),
  );
}
