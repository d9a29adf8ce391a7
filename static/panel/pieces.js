// Ink that was left out: what it seems to be, and whether it can be read by itself.

const THIN = 6; // times as long as it is wide: a line
const NEAR = 4; // units from the paper's edge: it goes on beyond

/** @typedef {import("../paper/overlay.js").Box} Box */

/** @param {Box} box  @param {{width: number, height: number}} paper
 *  @returns {"frame" | "line" | "edge" | "mark"} */
export function kindOf({ left, top, right, bottom }, { width, height }) {
  const [short, long] = [right - left, bottom - top].sort((a, b) => a - b);
  if (right - left > 0.6 * width && bottom - top > 0.6 * height) return "frame";
  if (long > THIN * short && long > height / 4) return "line";
  const atEdge = left < NEAR || top < NEAR || right > width - NEAR || bottom > height - NEAR;
  return atEdge ? "edge" : "mark";
}

/** What was left out of a reading and can be read by itself: all but what goes around the digits.
 *  @param {import("../question/reading.js").Reading | null} reading
 *  @param {{width: number, height: number}} paper  @returns {Box[]} */
export const readable = (reading, paper) =>
  (reading?.ignored ?? []).filter((box) => kindOf(box, paper) !== "frame");

/** @param {Box} box  @param {{x: number, y: number}} point */
export const holds = ({ left, top, right, bottom }, { x, y }) => x >= left && x <= right && y >= top && y <= bottom;
