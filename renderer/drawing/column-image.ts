import { BOOK_STATE, COLUMN_HEAD, COLUMNS_KEPT, DEPTH_LEVELS } from '../../shared/contract/frames.ts';
import type { RowRing } from '../replica/row-ring.ts';
import type { Palette } from '../theme/palette.ts';
import { percentileOf, shadeOf, shadesOf, steadyLoud } from './intensity-scale.ts';

/** Ticks that the image is high; the book may wander this far before the image is laid out anew. */
export const IMAGE_TICKS = 512;
const LEVELS = DEPTH_LEVELS * 2;

/**
 * The column history as an image: one pixel a column across, in a ring, and one pixel a tick down. A new column is one
 * thin strip; everything is drawn again only when the scale of intensity or the price window moves.
 */
export class ColumnImage {
  readonly canvas: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D;
  readonly #strip = new ImageData(1, IMAGE_TICKS);
  readonly #pixels = new Uint32Array(this.#strip.data.buffer);
  readonly #bid: Uint32Array;
  readonly #ask: Uint32Array;
  readonly #sizes = new Float64Array(240 * LEVELS);
  #columns: RowRing | undefined;
  #generation = -1;
  #drawnTo = 0;
  #topTicks = Number.NaN;
  #loud = 0;

  constructor(palette: Palette) {
    this.canvas = new OffscreenCanvas(COLUMNS_KEPT, IMAGE_TICKS);
    const context = this.canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('This browser has no offscreen 2D canvas; the heatmap cannot be drawn.');
    this.#context = context;
    this.#bid = shadesOf(palette.heatBid);
    this.#ask = shadesOf(palette.heatAsk);
  }

  /** Tick of the image's first pixel row. */
  get topTicks(): number {
    return this.#topTicks;
  }

  /** Lots of the loudest shade. */
  get loud(): number {
    return this.#loud;
  }

  /** Brings the image up to the newest column around `centreTicks`; returns whether anything changed. */
  update(columns: RowRing, centreTicks: number): boolean {
    const bottom = this.#topTicks - IMAGE_TICKS;
    const margin = IMAGE_TICKS / 8;
    const outside = !(centreTicks < this.#topTicks - margin && centreTicks > bottom + margin);
    const replaced = columns !== this.#columns || columns.generation !== this.#generation;
    if (!outside && !replaced && this.#drawnTo === columns.next) return false;
    const loud = replaced || columns.next % 20 === 0 ? this.#measure(columns) : this.#loud;
    if (outside) this.#topTicks = Math.round(centreTicks) + IMAGE_TICKS / 2;
    const from = outside || replaced || loud !== this.#loud ? columns.first : Math.max(columns.first, this.#drawnTo);
    this.#loud = loud;
    this.#columns = columns;
    this.#generation = columns.generation;
    for (let row = from; row < columns.next; row++) this.#column(columns, row);
    this.#drawnTo = columns.next;
    return true;
  }

  #column(columns: RowRing, row: number): void {
    const { values } = columns;
    const at = columns.at(row);
    const ground = this.#bid[0]!;
    this.#pixels.fill(ground);
    const live = values[at + 1] === BOOK_STATE.live || values[at + 1] === BOOK_STATE.crossed;
    if (live) {
      for (let level = 0; level < LEVELS; level++) {
        const y = this.#topTicks - values[at + COLUMN_HEAD + level * 2]!;
        if (!(y >= 0 && y < IMAGE_TICKS)) continue;
        const shades = level < DEPTH_LEVELS ? this.#bid : this.#ask;
        this.#pixels[y] = shades[shadeOf(values[at + COLUMN_HEAD + level * 2 + 1]!, this.#loud)]!;
      }
    }
    this.#context.putImageData(this.#strip, row % COLUMNS_KEPT, 0);
  }

  /** Scale from the sizes of the last minute, held steady. */
  #measure(columns: RowRing): number {
    let count = 0;
    for (let row = Math.max(columns.first, columns.next - 240); row < columns.next; row++) {
      const at = columns.at(row) + COLUMN_HEAD;
      for (let level = 0; level < LEVELS; level++) {
        const lots = columns.values[at + level * 2 + 1]!;
        if (lots > 0) this.#sizes[count++] = lots;
      }
    }
    return steadyLoud(this.#loud, percentileOf(this.#sizes, count, 0.98));
  }
}
