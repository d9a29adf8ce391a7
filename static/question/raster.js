// A sheet as grey pixels, by arithmetic alone: nothing is read back from a canvas, since that may wait
// for the graphics card, and since browsers that resist fingerprinting give back something else.

import { pictureOn } from "../paper/drawing.js";
import { pieces } from "../paper/ink.js";

export const WHITE = 255;
const DARK = 17; // ink, as on the screen
const LIGHT = 238; // ink on a picture whose own is light
const FLAT = 0.1; // units that a curve may differ from the lines it is made of

/**
 * @typedef {{width: number, height: number, grey: Uint8Array}} Pixels  0 black to 255 white, by rows
 *
 * @param {import("../paper/drawing.js").Sheet} sheet
 * @param {number} scale  pixels for each unit; a picture's own where there is one
 * @returns {Pixels}
 */
export function rasterise(sheet, scale) {
  const width = Math.round(sheet.width * scale);
  const height = Math.round(sheet.height * scale);
  const paper = pictureOn(sheet)?.paper ?? WHITE;
  const ink = paper < 128 ? LIGHT : DARK;
  const grey = new Uint8Array(width * height).fill(paper);
  const cover = new Uint8Array(width * height);
  for (const mark of sheet.marks) {
    if (mark.grey) grey.set(mark.grey);
    else blend(grey, cover, width, coverStroke(cover, width, height, mark.points, scale), mark.erase ? paper : ink);
  }
  return { width, height, grey };
}

/** Bring pixels towards a level as far as they are covered, and uncover them. */
function blend(grey, cover, width, box, level) {
  for (let y = box.top; y < box.bottom; y++) {
    for (let i = y * width + box.left; i < y * width + box.right; i++) {
      if (cover[i]) grey[i] = Math.round(grey[i] + ((level - grey[i]) * cover[i]) / 255);
      cover[i] = 0;
    }
  }
}

/** Put into `cover` how much of each pixel a stroke covers, 0..255; returns the box it lies in. */
function coverStroke(cover, width, height, points, scale) {
  const box = { left: width, top: height, right: 0, bottom: 0 };
  for (const { from, control, to, width: lineWidth } of pieces(points)) {
    const bend = Math.hypot(from.x - 2 * control.x + to.x, from.y - 2 * control.y + to.y) / 4;
    const lines = Math.max(1, Math.ceil(Math.sqrt(bend / FLAT)));
    for (let k = 0; k < lines; k++) {
      const a = onCurve(from, control, to, k / lines);
      const b = onCurve(from, control, to, (k + 1) / lines);
      coverLine(a.x * scale, a.y * scale, b.x * scale, b.y * scale, (lineWidth / 2) * scale);
    }
  }
  return box;

  // A line with round ends covers the more of a pixel the nearer its middle is.
  function coverLine(x, y, toX, toY, radius) {
    const [dx, dy] = [toX - x, toY - y];
    const squared = dx * dx + dy * dy;
    const reach = radius + 0.5;
    const left = within(Math.floor(Math.min(x, toX) - reach), width);
    const right = within(Math.ceil(Math.max(x, toX) + reach), width);
    const top = within(Math.floor(Math.min(y, toY) - reach), height);
    const bottom = within(Math.ceil(Math.max(y, toY) + reach), height);
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        const px = column + 0.5 - x;
        const py = row + 0.5 - y;
        const along = squared && within((px * dx + py * dy) / squared, 1);
        const part = within(reach - Math.hypot(px - along * dx, py - along * dy), 1);
        const i = row * width + column;
        cover[i] = Math.max(cover[i], Math.round(255 * part));
      }
    }
    box.left = Math.min(box.left, left);
    box.top = Math.min(box.top, top);
    box.right = Math.max(box.right, right);
    box.bottom = Math.max(box.bottom, bottom);
  }
}

const within = (value, most) => Math.max(0, Math.min(most, value));

function onCurve(from, control, to, t) {
  const at = (a, b, c) => (1 - t) * (1 - t) * a + 2 * t * (1 - t) * b + t * t * c;
  return { x: at(from.x, control.x, to.x), y: at(from.y, control.y, to.y) };
}
