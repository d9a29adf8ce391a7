// The picture of a drawing, as it is sent, copied and exported.

import { pictureOn } from "../paper/drawing.js";
import { encodePng } from "./png.js";
import { rasterise, WHITE } from "./raster.js";

const INKED = 128; // grey below which a pixel is ink, on white paper
const MARGIN = 8; // pixels of paper around a part

/**
 * @typedef {import("../paper/drawing.js").Sheet} Sheet
 * @typedef {import("../paper/overlay.js").Box} Box
 *
 * @typedef {object} Sent
 * @property {Uint8Array} png
 * @property {number} scale  its pixels for each unit of the paper
 * @property {number} left   of its first pixel on the paper, in units
 * @property {number} top
 * @property {Box | null} inkBox  where its ink lies; null where only the service can tell, on a picture
 */

/** A PNG of a sheet, the same on every screen and in every theme, with a pixel for each unit; of a
 *  large digit with half of them a side, which is read as well and takes the service a third of the
 *  time to unpack.
 *  @param {Sheet} sheet  @returns {Uint8Array} */
export const toPng = (sheet) => encodePng(rasterise(sheet, scaleOf(sheet)));

/** The same of a sheet, or of a part of it, and where that lies.
 *  @param {Sheet} sheet  @param {Box} [part]  @returns {Sent} */
export function toSent(sheet, part) {
  const scale = scaleOf(sheet);
  const paper = pictureOn(sheet)?.paper;
  const whole = { ...rasterise(sheet, scale), left: 0, top: 0 };
  const pixels = part ? cut(whole, part, scale, paper ?? WHITE) : whole;
  const place = { scale, left: pixels.left / scale, top: pixels.top / scale };
  const inkBox = paper === undefined ? boxOfInk(pixels) : null;
  return { png: encodePng(pixels), ...place, inkBox: inkBox && toBox(inkBox, place) };
}

/** A box in pixels of what was sent, on the paper.
 *  @param {{left: number, top: number, width: number, height: number}} box
 *  @param {{scale: number, left: number, top: number}} sent  @returns {Box} */
export function toBox({ left, top, width, height }, { scale, left: x, top: y }) {
  return {
    left: x + left / scale,
    top: y + top / scale,
    right: x + (left + width) / scale,
    bottom: y + (top + height) / scale,
  };
}

/** A part alone, on paper of its own: what is beside it is not its ink. */
function cut({ width, height, grey }, part, scale, paper) {
  const within = (units, most) => Math.max(0, Math.min(most, Math.round(units * scale)));
  const [left, right] = [within(part.left, width), within(part.right, width)];
  const [top, bottom] = [within(part.top, height), within(part.bottom, height)];
  const [columns, rows] = [right - left + 2 * MARGIN, bottom - top + 2 * MARGIN];
  const own = new Uint8Array(columns * rows).fill(paper);
  for (let y = top; y < bottom; y++) {
    own.set(grey.subarray(y * width + left, y * width + right), (y - top + MARGIN) * columns + MARGIN);
  }
  return { width: columns, height: rows, grey: own, left: left - MARGIN, top: top - MARGIN };
}

function boxOfInk({ width, height, grey }) {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let i = 0; i < grey.length; i++) {
    if (grey[i] >= INKED) continue;
    const x = i % width;
    const y = (i - x) / width;
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + 1);
    bottom = y + 1;
  }
  return right ? { left, top, width: right - left, height: bottom - top } : null;
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
