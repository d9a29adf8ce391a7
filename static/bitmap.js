// Small pictures with hard pixels, painted from rows of numbers.

/** Paint rows (height x width of any values) into a canvas, one pixel each.
 *  colour(value) gives [red, green, blue, alpha], each 0..255. */
export function paintBitmap(canvas, rows, colour) {
  canvas.height = rows.length;
  canvas.width = rows[0].length;
  const image = new ImageData(canvas.width, canvas.height);
  rows.flat().forEach((value, i) => image.data.set(colour(value), 4 * i));
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** As grey, but with weak values raised so that they can be seen. */
export const brightened = (value) => grey(255 * (value / 255) ** 0.6);

/** Light ink on dark paper, as the network is given it: 0..255, 255 is ink. */
export const grey = (value) => [value, value, value, 255];
