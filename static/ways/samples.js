// Sample digits, drawn by code: each stroke is a smooth curve through a few points.

const WIDTH = 20; // units of the paper, as the points; the paper is 280 wide and high
const PARTS = 8; // of the curve between two of the points

// Each digit is a list of strokes, each stroke its points; a point that stands twice is a corner.
const STROKES = [
  [[[150, 45], [95, 75], [78, 140], [95, 205], [140, 235], [185, 205], [202, 140], [190, 75], [150, 45]]],
  [[[105, 85], [145, 45], [145, 45], [143, 235]]],
  [[[82, 88], [105, 52], [150, 45], [188, 75], [180, 125], [130, 185], [82, 230], [82, 230], [205, 228]]],
  [[[85, 70], [120, 45], [170, 52], [188, 88], [165, 125], [125, 135], [125, 135], [175, 142], [198, 185], [170, 228], [120, 236], [80, 212]]],
  [[[115, 45], [98, 100], [78, 160], [78, 160], [205, 155]], [[172, 100], [166, 170], [160, 238]]],
  [[[185, 48], [105, 50], [105, 50], [95, 125], [95, 125], [140, 112], [185, 135], [192, 180], [165, 225], [120, 236], [82, 215]]],
  [[[172, 45], [120, 90], [88, 150], [90, 205], [130, 236], [178, 220], [190, 175], [160, 142], [115, 150], [92, 185]]],
  [[[80, 55], [205, 52], [205, 52], [170, 120], [130, 237]]],
  [[[180, 70], [145, 44], [102, 62], [105, 105], [150, 135], [190, 170], [185, 215], [140, 237], [95, 215], [95, 170], [135, 135], [178, 105], [180, 70]]],
  [[[190, 80], [160, 45], [115, 50], [90, 90], [108, 130], [155, 132], [188, 100], [190, 80], [184, 150], [165, 238]]],
];

/** A sample digit.  @param {number} digit  @returns {import("../paper/drawing.js").Stroke[]} */
export function sample(digit) {
  return STROKES[digit].map((points) => ({
    points: throughAll(points).map(([x, y]) => ({ x, y, width: WIDTH })),
    erase: false,
  }));
}

function throughAll(points) {
  const isCorner = (point, i) => i > 0 && String(point) === String(points[i - 1]);
  const corners = points.flatMap((point, i) => (isCorner(point, i) ? [i] : []));
  return [0, ...corners].flatMap((start, k) => spline(points.slice(start, corners[k])));
}

// Catmull and Rom's spline: it goes through every point, on its way to the next but one.
function spline(points) {
  const at = (i) => points[Math.max(0, Math.min(points.length - 1, i))];
  const curve = [points[0]];
  for (let i = 0; i < points.length - 1; i++) {
    const near = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    for (let part = 1; part <= PARTS; part++) {
      const t = part / PARTS;
      const along = (axis) => {
        const [a, b, c, d] = near.map((point) => point[axis]);
        return b + (t / 2) * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
      };
      curve.push([along(0), along(1)]);
    }
  }
  return curve;
}
