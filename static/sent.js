// The picture of a drawing, as it is sent, copied and exported.

import { SIZE } from "./drawing.js";
import { encodePng } from "./png.js";
import { rasterise } from "./raster.js";

/** A PNG of marks, dark ink on white paper, the same on every screen and in every theme, with SIZE x
 *  SIZE pixels; a large digit has half of them a side, is read as well, and takes the service a third
 *  of the time to unpack.  @returns {Uint8Array} */
export function toPng(marks) {
  return encodePng(rasterise(marks, isLarge(marks) ? 0.5 : 1));
}

function isLarge(marks) {
  if (marks.some((mark) => mark.image || mark.erase)) return false; // who knows what is left
  return marks.some(({ points }) => Math.max(range(points, "x"), range(points, "y")) >= SIZE / 2);
}

function range(points, axis) {
  const places = points.map((point) => point[axis]);
  return Math.max(...places) - Math.min(...places);
}
