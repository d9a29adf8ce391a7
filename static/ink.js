// Marks made visible: on the pad, in thumbnails, and as the plain picture that is sent.

import { SIZE } from "./drawing.js";

const INK = "#111"; // in a dark theme the style sheet turns it light, on the screen alone
const WIDTH_STEP = 0.5; // units: a finer difference in width cannot be seen

/** Paint marks into a 2D context in which one unit of length is one unit of the paper. */
export function paint(context, marks) {
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = context.fillStyle = INK;
  for (const mark of marks) {
    context.globalCompositeOperation = mark.erase ? "destination-out" : "source-over";
    if (mark.image) context.drawImage(mark.image, 0, 0, SIZE, SIZE);
    else paintStroke(context, mark.points);
  }
  context.globalCompositeOperation = "source-over";
}

/** Paint marks over the whole of a canvas, whatever its number of pixels. */
export function paintCanvas(canvas, marks) {
  const context = canvas.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.setTransform(canvas.width / SIZE, 0, 0, canvas.height / SIZE, 0, 0);
  paint(context, marks);
}

/** Dark ink on white paper, SIZE x SIZE pixels on every screen and in every theme; a large digit has
 *  half of them a side, is read as well, and takes the service a third of the time to unpack. */
export function toPicture(marks) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = isLarge(marks) ? SIZE / 2 : SIZE;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.scale(canvas.width / SIZE, canvas.height / SIZE);
  paint(context, marks);
  context.globalCompositeOperation = "destination-over"; // the paper goes under the ink
  context.fillStyle = "#fff";
  context.fillRect(0, 0, SIZE, SIZE);
  return canvas;
}

/** @returns {Promise<Blob>} */
export function toPng(marks) {
  return new Promise((resolve) => toPicture(marks).toBlob(resolve, "image/png"));
}

function isLarge(marks) {
  if (marks.some((mark) => mark.image || mark.erase)) return false; // who knows what is left
  return marks.some(({ points }) => Math.max(range(points, "x"), range(points, "y")) >= SIZE / 2);
}

function range(points, axis) {
  const places = points.map((point) => point[axis]);
  return Math.max(...places) - Math.min(...places);
}

// A curve through the middles between neighbouring points, with the points as its control points:
// it has no corners where the pen had none, and needs no point that is still to come.
function paintStroke(context, points) {
  const [first] = points;
  if (points.length === 1) {
    context.beginPath();
    context.arc(first.x, first.y, first.width / 2, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  let width;
  let from = first;
  context.beginPath();
  for (let i = 1; i < points.length; i++) {
    const control = points[i - 1];
    const to = i === points.length - 1 ? points[i] : middle(control, points[i]);
    const step = Math.max(WIDTH_STEP, Math.round(control.width / WIDTH_STEP) * WIDTH_STEP);
    if (step !== width) {
      // One path has one width. An even stroke is a single path, without seams.
      if (width) context.stroke();
      context.lineWidth = width = step;
      context.beginPath();
      context.moveTo(from.x, from.y);
    }
    context.quadraticCurveTo(control.x, control.y, to.x, to.y);
    from = to;
  }
  context.stroke();
}

const middle = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
