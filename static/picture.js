// A picture from outside, opened, dropped or pasted, as a mark: its ink, without its paper.

import { SIZE } from "./drawing.js";

/** The mark {image, ink, source} of a picture, fitted to the paper; source is a data URL that keeps it.
 *  Throws when the blob is no picture that the browser can read. */
export async function readPicture(blob) {
  const bitmap = await createImageBitmap(blob);
  const scale = SIZE / Math.max(bitmap.width, bitmap.height);
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const image = document.createElement("canvas");
  image.width = image.height = SIZE;
  const context = image.getContext("2d", { willReadFrequently: true });
  const place = [(SIZE - width) >> 1, (SIZE - height) >> 1];
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, ...place, width, height);
  const pixels = context.getImageData(...place, width, height);
  keepInk(pixels);
  context.putImageData(pixels, ...place);
  return { image, ink: inkOf(image), source: image.toDataURL() };
}

/** The mark again, from its source. */
export async function revivePicture(source) {
  const file = new Image();
  file.src = source;
  await file.decode();
  const image = document.createElement("canvas");
  image.width = image.height = SIZE;
  image.getContext("2d", { willReadFrequently: true }).drawImage(file, 0, 0);
  return { image, ink: inkOf(image), source };
}

function inkOf(image) {
  const { data } = image.getContext("2d").getImageData(0, 0, SIZE, SIZE);
  return Uint8Array.from({ length: SIZE * SIZE }, (_, i) => data[4 * i + 3]);
}

// What differs from the paper becomes dark ink, the paper becomes clear. So a chalk board can be
// drawn on like a sheet, and any theme can show it.
function keepInk({ data, width, height }) {
  const opaque = [];
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 127) opaque.push(luminance(data, i));
  const clear = opaque.length < data.length / 4;
  const behind = clear && median(opaque) > 127 ? 0 : 255; // light ink on nothing needs a dark ground
  const greys = Float32Array.from({ length: width * height }, (_, i) => {
    const cover = data[4 * i + 3] / 255;
    return cover * luminance(data, 4 * i) + (1 - cover) * behind;
  });
  const paper = median(greys.filter((_, i) => onEdge(i, width, height)));
  const range = (paper > 127 ? 0 : 255) - paper; // from paper to the strongest ink
  greys.forEach((grey, i) => {
    const ink = Math.max(0, (grey - paper) / range);
    data.set([17, 17, 17, Math.round(255 * ink)], 4 * i);
  });
}

const luminance = (data, i) => 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1] ?? 255;

function onEdge(i, width, height) {
  const x = i % width;
  const y = Math.floor(i / width);
  return x === 0 || y === 0 || x === width - 1 || y === height - 1;
}
