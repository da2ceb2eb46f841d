import {
  BOOK_STATE,
  COLUMN_HEAD,
  COLUMNS_KEPT,
  DEEP_LEVELS,
  DEPTH_LEVELS,
  LEVEL_WIDTH,
} from '../../shared/contract/frames.ts';
import type { MarketReplica } from '../replica/market-replica.ts';
import type { RowRing } from '../replica/row-ring.ts';
import type { Palette } from '../theme/palette.ts';
import { percentileOf, shadeOf, shadesOf, steadyLoud } from './intensity-scale.ts';
import { GATHERED, gatherSide } from './price-rows.ts';

/** Rows that the image is high; the book may wander this far before the image is laid out anew. */
export const IMAGE_ROWS = 512;
/** Columns that the scale of intensity is taken from: the last minute, of deep ones every so many. */
const MEASURED = 240;
const DEEP_MEASURED_STEP = 4;

/**
 * The column history as an image: one pixel a column across, in a ring, and one pixel a row of prices down. A new column
 * is one thin strip; all that is visible is drawn again only when the scale of intensity, the price window or the rows
 * change, and what is older when it comes into view.
 */
export class ColumnImage {
  readonly canvas: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D;
  readonly #strip = new ImageData(1, IMAGE_ROWS);
  readonly #pixels = new Uint32Array(this.#strip.data.buffer);
  readonly #bid: Uint32Array;
  readonly #ask: Uint32Array;
  readonly #sizes = new Float64Array((MEASURED / DEEP_MEASURED_STEP) * 2 * DEEP_LEVELS);
  readonly #side = new Float64Array(DEEP_LEVELS * GATHERED);
  #columns: RowRing | undefined;
  #generation = -1;
  /** Columns that the image has right: from the first of these to before the second. */
  #drawnFrom = 0;
  #drawnTo = 0;
  #topRow = Number.NaN;
  #rowTicks = 1;
  #loud = 0;

  constructor(palette: Palette) {
    this.canvas = new OffscreenCanvas(COLUMNS_KEPT, IMAGE_ROWS);
    const context = this.canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('This browser has no offscreen 2D canvas; the heatmap cannot be drawn.');
    this.#context = context;
    this.#bid = shadesOf(palette.heatBid);
    this.#ask = shadesOf(palette.heatAsk);
  }

  /** Row of prices of the image's first pixel row. */
  get topRow(): number {
    return this.#topRow;
  }

  /** Lots of the loudest shade. */
  get loud(): number {
    return this.#loud;
  }

  /**
   * Brings the image up to the newest column around `centreRow`; returns whether anything changed.
   * @param firstColumn oldest column that is to be seen
   */
  update(market: MarketReplica, centreRow: number, rowTicks: number, firstColumn: number): boolean {
    const { columns } = market;
    const bottom = this.#topRow - IMAGE_ROWS;
    const margin = IMAGE_ROWS / 8;
    const regrouped = rowTicks !== this.#rowTicks;
    const outside = regrouped || !(centreRow < this.#topRow - margin && centreRow > bottom + margin);
    const replaced = columns !== this.#columns || columns.generation !== this.#generation;
    this.#rowTicks = rowTicks;
    const older = firstColumn < this.#drawnFrom;
    if (!outside && !replaced && !older && this.#drawnTo === columns.next) return false;
    const loud = replaced || regrouped || columns.next % 20 === 0 ? this.#measure(market) : this.#loud;
    if (outside) this.#topRow = Math.round(centreRow) + IMAGE_ROWS / 2;
    const anew = outside || replaced || loud !== this.#loud || this.#drawnTo < columns.first;
    if (anew) {
      this.#drawnFrom = columns.next;
      this.#drawnTo = columns.next;
    }
    this.#loud = loud;
    this.#columns = columns;
    this.#generation = columns.generation;
    for (let row = firstColumn; row < this.#drawnFrom; row++) this.#column(market, row);
    for (let row = this.#drawnTo; row < columns.next; row++) this.#column(market, row);
    this.#drawnFrom = Math.min(this.#drawnFrom, firstColumn);
    this.#drawnTo = columns.next;
    return true;
  }

  #column(market: MarketReplica, row: number): void {
    const { columns } = market;
    const { values } = columns;
    const at = columns.at(row);
    const ground = this.#bid[0]!;
    this.#pixels.fill(ground);
    const live = values[at + 1] === BOOK_STATE.live || values[at + 1] === BOOK_STATE.crossed;
    if (live) {
      for (const side of [1, -1] as const) {
        const shades = side > 0 ? this.#bid : this.#ask;
        const gathered = this.#gather(market, row, side);
        for (let i = 0; i < gathered * GATHERED; i += GATHERED) {
          const y = this.#topRow - this.#side[i]!;
          if (y >= 0 && y < IMAGE_ROWS) this.#pixels[y] = shades[shadeOf(this.#side[i + 1]!, this.#loud)]!;
        }
      }
    }
    this.#context.putImageData(this.#strip, row % COLUMNS_KEPT, 0);
  }

  /** Gathers one side of a column into rows, as deep as it is known. @returns how many */
  #gather({ columns, deepColumns: deep }: MarketReplica, row: number, side: 1 | -1): number {
    if (deep !== undefined && row >= deep.first && row < deep.next) {
      const at = deep.at(row) + (side > 0 ? 0 : DEEP_LEVELS * LEVEL_WIDTH);
      return gatherSide(deep.values, at, DEEP_LEVELS, side, this.#rowTicks, this.#side);
    }
    const at = columns.at(row) + COLUMN_HEAD + (side > 0 ? 0 : DEPTH_LEVELS * LEVEL_WIDTH);
    return gatherSide(columns.values, at, DEPTH_LEVELS, side, this.#rowTicks, this.#side);
  }

  /** Scale from the sizes of the last minute, held steady. */
  #measure(market: MarketReplica): number {
    const { columns } = market;
    const step = market.deepColumns === undefined ? 1 : DEEP_MEASURED_STEP;
    let count = 0;
    for (let row = Math.max(columns.first, columns.next - MEASURED); row < columns.next; row += step) {
      for (const side of [1, -1] as const) {
        const gathered = this.#gather(market, row, side);
        for (let i = 0; i < gathered * GATHERED; i += GATHERED) {
          if (this.#side[i + 1]! > 0) this.#sizes[count++] = this.#side[i + 1]!;
        }
      }
    }
    return steadyLoud(this.#loud, percentileOf(this.#sizes, count, 0.98));
  }
}
