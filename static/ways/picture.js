// A picture from outside, opened, dropped or pasted, laid over the whole paper.

import { HEIGHT } from "../paper/drawing.js";
import { texts } from "../texts.js";

const WIDEST = 560; // units of paper
const SHOWN = 2; // pixels for each unit of the paper
const MOST_PIXELS = 280 * 280; // that are sent: even of noise they can be copied as a command
const LEAST_CONTRAST = 16; // grey levels, of 255: less cannot be told from nothing
const QUALITY = 0.92; // of the JPEG that keeps it

/** Why a picture cannot be laid on the paper, in words. */
export class PictureTrouble extends Error {}

/** Lay a picture on paper that is as wide as it needs.
 *  @param {Blob} file  @returns {Promise<import("../paper/drawing.js").Sheet>}  throws PictureTrouble */
export async function readPicture(file) {
  if (!canReadCanvas()) throw new PictureTrouble(texts.hidden);
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new PictureTrouble(texts.unreadable);
  });
  const height = HEIGHT;
  const width = Math.max(height, Math.min(WIDEST, Math.round((height * bitmap.width) / bitmap.height)));
  const canvas = blank(width * SHOWN, height * SHOWN);
  lay(bitmap, canvas);
  const picture = await revivePicture(canvas.toDataURL("image/jpeg", QUALITY), { width, height });
  const sorted = picture.grey.slice().sort();
  if (sorted[sorted.length - 1] - sorted[0] < LEAST_CONTRAST) throw new PictureTrouble(texts.blank);
  return { width, height, marks: [picture] };
}

/** The picture again, from its source.
 *  @param {string} source  @param {{width: number, height: number}} paper
 *  @returns {Promise<import("../paper/drawing.js").Picture>} */
export async function revivePicture(source, { width, height }) {
  const file = new Image();
  file.src = source;
  await file.decode();
  const image = blank(width * SHOWN, height * SHOWN);
  image.getContext("2d").drawImage(file, 0, 0);
  const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (width * height)));
  const [columns, rows] = [Math.round(width * scale), Math.round(height * scale)];
  const context = blank(columns, rows).getContext("2d");
  context.drawImage(image, 0, 0, columns, rows);
  const grey = luminance(context.getImageData(0, 0, columns, rows).data);
  const isEdge = (i) =>
    i < columns || i >= grey.length - columns || i % columns === 0 || i % columns === columns - 1;
  return { image, grey, scale, paper: median(grey.filter((_, i) => isEdge(i))), source };
}

/** Fit a picture into a canvas; what is beside it goes on as its edge is, so that no edge is seen. */
function lay(bitmap, canvas) {
  const context = canvas.getContext("2d");
  const scale = Math.min(canvas.width / bitmap.width, canvas.height / bitmap.height);
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const [left, top] = [(canvas.width - width) >> 1, (canvas.height - height) >> 1];
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, left, top, width, height);
  context.globalCompositeOperation = "destination-over"; // light ink on nothing needs a dark ground
  context.fillStyle = isLightOnNothing(context.getImageData(left, top, width, height).data) ? "#000" : "#fff";
  context.fillRect(left, top, width, height);
  context.imageSmoothingEnabled = false; // it would mix in what is not there yet
  const [right, bottom] = [left + width, top + height];
  context.drawImage(canvas, left, top, 1, height, 0, top, left, height);
  context.drawImage(canvas, right - 1, top, 1, height, right, top, canvas.width - right, height);
  context.drawImage(canvas, left, top, width, 1, left, 0, width, top);
  context.drawImage(canvas, left, bottom - 1, width, 1, left, bottom, width, canvas.height - bottom);
}

function isLightOnNothing(data) {
  const opaque = luminance(data).filter((_, i) => data[4 * i + 3] > 127);
  return opaque.length < data.length / 4 && median(opaque) > 127;
}

function luminance(data) {
  const grey = new Uint8Array(data.length / 4);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2] + 0.5;
  }
  return grey;
}

const median = (greys) => greys.sort()[greys.length >> 1] ?? 255;

function blank(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height });
}

/** Whether a canvas gives back what was painted; browsers that resist fingerprinting fake it. */
function canReadCanvas() {
  const context = blank(16, 16).getContext("2d");
  context.fillStyle = "rgb(40, 120, 200)";
  context.fillRect(0, 0, 16, 16);
  const { data } = context.getImageData(0, 0, 16, 16);
  return data.every((value, i) => value === [40, 120, 200, 255][i % 4]);
}
