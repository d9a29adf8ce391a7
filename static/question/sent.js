// The picture of a drawing, as it is sent, copied and exported.

import { pictureOn } from "../paper/drawing.js";
import { encodePng } from "./png.js";
import { rasterise } from "./raster.js";

const INKED = 128; // grey below which a pixel is ink, on white paper

/** A PNG of a sheet, the same on every screen and in every theme, with a pixel for each unit; of a
 *  large digit with half of them a side, which is read as well and takes the service a third of the
 *  time to unpack.
 *  @param {import("../paper/drawing.js").Sheet} sheet  @returns {Uint8Array} */
export const toPng = (sheet) => encodePng(rasterise(sheet, scaleOf(sheet)));

/** The same, and where its ink lies: null where only the service can tell, which is on a picture.
 *  @param {import("../paper/drawing.js").Sheet} sheet
 *  @returns {{png: Uint8Array, box: import("../paper/overlay.js").Box | null}} */
export function toPngAndBox(sheet) {
  const scale = scaleOf(sheet);
  const pixels = rasterise(sheet, scale);
  return { png: encodePng(pixels), box: pictureOn(sheet) ? null : inkBox(pixels, scale) };
}

function inkBox({ width, height, grey }, scale) {
  const box = { left: width, top: height, right: 0, bottom: 0 };
  for (let i = 0; i < grey.length; i++) {
    if (grey[i] >= INKED) continue;
    const x = i % width;
    const y = (i - x) / width;
    box.left = Math.min(box.left, x);
    box.top = Math.min(box.top, y);
    box.right = Math.max(box.right, x + 1);
    box.bottom = y + 1;
  }
  if (!box.right) return null;
  for (const side of Object.keys(box)) box[side] /= scale;
  return box;
}

function scaleOf(sheet) {
  const { height, marks } = sheet;
  const picture = pictureOn(sheet);
  if (picture) return picture.scale;
  if (marks.some((mark) => mark.erase)) return 1; // who knows how large the digit still is
  return marks.some(({ points }) => range(points, "x") >= height / 2 || range(points, "y") >= height / 2) ? 0.5 : 1;
}

function range(points, axis) {
  let [least, most] = [Infinity, -Infinity];
  for (const point of points) {
    least = Math.min(least, point[axis]);
    most = Math.max(most, point[axis]);
  }
  return most - least;
}
