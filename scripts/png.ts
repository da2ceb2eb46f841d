import { crc32, deflateSync } from 'node:zlib';

/** Steps of a colour channel that the eye cannot tell apart on the terminal's dark grounds. */
const STEP = 4;

/**
 * Writes pixels as a PNG that is small rather than quick to write: opaque, colours rounded to steps of four, each row with
 * the filter that leaves the least. @param rgba four bytes a pixel, rows from the top
 */
export function smallPng(rgba: Uint8Array, width: number, height: number): Buffer {
  const stride = width * 3;
  const pixels = Buffer.alloc(stride * height);
  for (let i = 0; i < width * height; i++) {
    for (let channel = 0; channel < 3; channel++) {
      pixels[i * 3 + channel] = Math.min(255, Math.round(rgba[i * 4 + channel]! / STEP) * STEP);
    }
  }
  const rows = Buffer.alloc((stride + 1) * height);
  for (let y = 0; y < height; y++) {
    const best = [0, 1, 2].map((filter) => filtered(pixels, y, stride, filter)).sort((a, b) => a.left - b.left)[0]!;
    best.row.copy(rows, y * (stride + 1));
  }
  return pngFile(width, height, 2, rows);
}

/**
 * A PNG file (W3C PNG, §5) of eight bits a channel.
 * @param colourType 2 for red, green, blue, 6 with alpha
 * @param rows the rows, each behind the byte of its filter
 */
export function pngFile(width: number, height: number, colourType: 2 | 6, rows: Buffer): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, colourType], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A row behind its filter byte: 0 as it is, 1 less the pixel to the left, 2 less the pixel above. */
function filtered(pixels: Buffer, y: number, stride: number, filter: number): { row: Buffer; left: number } {
  const row = Buffer.alloc(stride + 1);
  row[0] = filter;
  let left = 0;
  for (let i = 0; i < stride; i++) {
    const at = y * stride + i;
    const base = filter === 1 && i >= 3 ? pixels[at - 3]! : filter === 2 && y > 0 ? pixels[at - stride]! : 0;
    const value = (pixels[at]! - base) & 255;
    row[i + 1] = value;
    if (value !== 0) left++;
  }
  return { row, left };
}

/** A chunk: length, type, data, CRC of type and data. */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}
