// Marks made visible, on the pad and in thumbnails.

import { pictureOn } from "./drawing.js";

const DARK = "#111"; // a dark theme turns it light by its style sheet, on the screen alone
const LIGHT = "#eee"; // on a picture of light ink
const WIDTH_STEP = 0.5; // units: a finer difference in width cannot be seen

/** Paint a sheet over the whole of a canvas, whatever its number of pixels.
 *  @param {HTMLCanvasElement} canvas  @param {import("./drawing.js").Sheet} sheet */
export function paintCanvas(canvas, sheet) {
  const context = canvas.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.scale(canvas.width / sheet.width, canvas.height / sheet.height);
  paint(context, sheet);
}

/** Paint a sheet, or only some marks of it, into a 2D context whose unit of length is the paper's. */
export function paint(context, sheet, marks = sheet.marks) {
  const picture = pictureOn(sheet);
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = context.fillStyle = picture?.paper < 128 ? LIGHT : DARK;
  for (const mark of marks) {
    context.globalCompositeOperation = mark.erase ? "destination-out" : "source-over";
    if (mark.image) context.drawImage(mark.image, 0, 0, sheet.width, sheet.height);
    else paintStroke(context, mark.points);
  }
  context.globalCompositeOperation = "source-over";
}

// A curve through the middles between neighbouring points, with the points as its control points:
// it has no corners where the pen had none, and needs no point that is still to come.
function paintStroke(context, points) {
  if (points.length === 1) {
    const [{ x, y, width }] = points;
    context.beginPath();
    context.arc(x, y, width / 2, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  let drawn;
  for (const { from, control, to, width } of pieces(points)) {
    if (width !== drawn) {
      // One path has one width. An even stroke is a single path, without seams.
      if (drawn) context.stroke();
      context.lineWidth = drawn = width;
      context.beginPath();
      context.moveTo(from.x, from.y);
    }
    context.quadraticCurveTo(control.x, control.y, to.x, to.y);
  }
  context.stroke();
}

/** The curve of a stroke as quadratic pieces {from, control, to, width}, each of one width.
 *  @param {import("./drawing.js").Point[]} points */
export function pieces(points) {
  /** @type {{x: number, y: number}} */
  let from = points[0];
  return points.map((point, i) => {
    const control = points[Math.max(0, i - 1)];
    const to = i === points.length - 1 ? point : middle(control, point);
    const width = Math.max(WIDTH_STEP, Math.round(control.width / WIDTH_STEP) * WIDTH_STEP);
    const piece = { from, control, to, width };
    from = to;
    return piece;
  });
}

const middle = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
