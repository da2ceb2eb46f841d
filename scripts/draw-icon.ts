import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

/**
 * Draws resources/icon.png, the packages' icon, from the page's own mark. The mark is horizontal strokes on a plain
 * ground, in a grid of 16, so that rectangles of whole pixels are all there is to it.
 */
const SIZE = 1_024;
const GRID = 16;
const CELL = SIZE / GRID;
const root = join(import.meta.dirname, '..');
const svg = readFileSync(join(root, 'renderer', 'public', 'fathom.svg'), 'utf8');

const pixels = Buffer.alloc(SIZE * SIZE * 4);

function fill(x: number, y: number, width: number, height: number, colour: string): void {
  const rgba = Buffer.from(`${colour.slice(1)}ff`, 'hex');
  for (let row = y * CELL; row < (y + height) * CELL; row++) {
    pixels.fill(rgba, (row * SIZE + x * CELL) * 4, (row * SIZE + (x + width) * CELL) * 4);
  }
}

fill(0, 0, GRID, GRID, /<rect[^>]*fill="(#\w{6})"/.exec(svg)![1]!);
for (const [, path, colour, stroke] of svg.matchAll(/<path d="([^"]*)" stroke="(#\w{6})" stroke-width="(\d+)"/g)) {
  for (const [, x, y, length] of path!.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    fill(Number(x), Number(y) - Number(stroke) / 2, Number(length), Number(stroke), colour!);
  }
}

/** A PNG chunk (W3C PNG, §5.3): length, type, data, CRC of type and data. */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

const header = Buffer.alloc(13);
header.writeUInt32BE(SIZE, 0);
header.writeUInt32BE(SIZE, 4);
header.set([8, 6], 8);
const rows = Buffer.concat(
  Array.from({ length: SIZE }, (_, row) =>
    Buffer.concat([Buffer.from([0]), pixels.subarray(row * SIZE * 4, (row + 1) * SIZE * 4)]),
  ),
);

writeFileSync(
  join(root, 'resources', 'icon.png'),
  Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]),
);
