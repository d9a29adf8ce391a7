// Grey pixels as a PNG, at once. A canvas would take its time over it (toBlob waits until the page is
// idle). The layouts are those of PNG (RFC 2083) and of its compression, DEFLATE (RFC 1951).

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const GREY_8_BIT = [8, 0, 0, 0, 0]; // bits, colour type, compression, filter, no interlacing
const UP = 2; // the filter of each row: its difference from the row above, mostly zeros here
const ZLIB_HEADER = [0x78, 0x01];
const LONGEST_RUN = 258;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte;
});

/** The checksum that PNG and ZIP share.  @param {Uint8Array} bytes */
export function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** @param {import("./raster.js").Pixels} pixels  @returns {Uint8Array} */
export function encodePng({ width, height, grey }) {
  const rows = new Uint8Array((width + 1) * height);
  for (let y = 0, i = 0; y < height; y++) {
    rows[i++] = UP;
    for (let at = y * width; at < (y + 1) * width; at++) rows[i++] = grey[at] - (grey[at - width] ?? 0);
  }
  return joined([
    Uint8Array.from(SIGNATURE),
    ...chunk("IHDR", [Uint8Array.from([...big(width), ...big(height), ...GREY_8_BIT])]),
    ...chunk("IDAT", [Uint8Array.from(ZLIB_HEADER), deflate(rows), Uint8Array.from(big(adler32(rows)))]),
    ...chunk("IEND", []),
  ]);
}

function chunk(name, parts) {
  const content = joined([Uint8Array.from(name, (letter) => letter.charCodeAt(0)), ...parts]);
  return [Uint8Array.from(big(content.length - 4)), content, Uint8Array.from(big(crc32(content)))];
}

const big = (value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function adler32(bytes) {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}

// One block with DEFLATE's fixed codes. Of repetitions it knows one kind, runs of the same byte, which
// is what the filter leaves of even paper and ink.
function deflate(bytes) {
  const out = new Uint8Array(Math.ceil((bytes.length * 9) / 8) + 8); // no code is longer than 9 bits
  let [at, held, count] = [0, 0, 0];
  const put = (value, bits) => {
    held |= value << count;
    for (count += bits; count >= 8; count -= 8) {
      out[at++] = held & 255;
      held >>>= 8;
    }
  };
  put(0b011, 3); // the last block; fixed codes
  for (let i = 0; i < bytes.length; ) {
    put(...CODES[bytes[i++]]);
    let run = 0;
    while (run < LONGEST_RUN && i + run < bytes.length && bytes[i + run] === bytes[i - 1]) run++;
    if (run < 3) continue;
    const [symbol, extra, bits] = lengthCode(run);
    put(...CODES[symbol]);
    put(extra, bits);
    put(0, 5); // at a distance of one byte
    i += run;
  }
  put(...CODES[256]);
  put(0, 7); // to the end of the last byte
  return out.subarray(0, at);
}

// [code, bits] of the symbols 0..285; a code is written from its highest bit on (RFC 1951, 3.2.6).
const CODES = Array.from({ length: 286 }, (_, symbol) => {
  if (symbol < 144) return [reversed(0x30 + symbol, 8), 8];
  if (symbol < 256) return [reversed(0x190 + symbol - 144, 9), 9];
  if (symbol < 280) return [reversed(symbol - 256, 7), 7];
  return [reversed(0xc0 + symbol - 280, 8), 8];
});

function reversed(code, bits) {
  let turned = 0;
  for (let bit = 0; bit < bits; bit++) turned |= ((code >> bit) & 1) << (bits - 1 - bit);
  return turned;
}

// [symbol, extra, bits of extra] of a length 3..258 (RFC 1951, 3.2.5): from 11 on, each power of two
// is four symbols.
function lengthCode(length) {
  if (length === LONGEST_RUN) return [285, 0, 0];
  if (length < 11) return [254 + length, 0, 0];
  const bits = 29 - Math.clz32(length - 3);
  const from = length - 3;
  return [257 + 4 * bits + (from >> bits), from & ((1 << bits) - 1), bits];
}
