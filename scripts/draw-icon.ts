import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pngFile } from './png.ts';

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

const rows = Buffer.concat(
  Array.from({ length: SIZE }, (_, row) =>
    Buffer.concat([Buffer.from([0]), pixels.subarray(row * SIZE * 4, (row + 1) * SIZE * 4)]),
  ),
);

writeFileSync(join(root, 'resources', 'icon.png'), pngFile(SIZE, SIZE, 6, rows));
