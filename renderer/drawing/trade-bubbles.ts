import { TRADE_WIDTH } from '../../shared/contract/frames.ts';
import type { RowRing } from '../replica/row-ring.ts';
import { percentileOf } from './intensity-scale.ts';
import { tradeRow } from './price-rows.ts';

/** Trades of one column, row and side drawn as one bubble: [column, row, lots, side] each. */
export const BUBBLE_WIDTH = 4;

/**
 * Sums trades per column, row of `rowTicks` ticks and side into `out`, newest first, and returns how many bubbles there
 * are. Trades older than the first visible column end the walk.
 */
export function collectBubbles(
  out: Float64Array,
  trades: RowRing,
  columns: RowRing,
  firstColumn: number,
  rowTicks: number,
  columnOf: (us: number) => number,
): number {
  const room = Math.floor(out.length / BUBBLE_WIDTH);
  let count = 0;
  let columnStart = 0;
  let column = -1;
  for (let trade = trades.next - 1; trade >= trades.first; trade--) {
    const at = trades.at(trade);
    const ticks = trades.values[at + 2]!;
    if (Number.isNaN(ticks)) continue;
    const found = columnOf(trades.values[at + 1]!);
    if (found < firstColumn) break;
    if (found >= columns.next) continue;
    if (found !== column) {
      column = found;
      columnStart = count;
    }
    const lots = trades.values[at + 3]!;
    const side = trades.values[at + 4]!;
    const row = tradeRow(ticks, side, rowTicks);
    let merged = false;
    for (let i = columnStart; i < count && !merged; i++) {
      const b = i * BUBBLE_WIDTH;
      if (out[b + 1] === row && out[b + 3] === side) {
        out[b + 2]! += lots;
        merged = true;
      }
    }
    if (merged) continue;
    if (count === room) break;
    const b = count * BUBBLE_WIDTH;
    out[b] = found;
    out[b + 1] = row;
    out[b + 2] = lots;
    out[b + 3] = side;
    count++;
  }
  return count;
}

/** Radius in CSS pixels of a print of `loud` lots, and the largest that any print gets. */
const LOUD_RADIUS = 7;
const LARGEST_RADIUS = 15;
/** Share of the loud size below which a print is part of the murmur. */
const MURMUR = 0.5;

/** Whether a bubble belongs to the murmur of small prints, which is drawn quietly and never hides the book. */
export function isMurmur(lots: number, loud: number): boolean {
  return lots < loud * MURMUR;
}

/** Radius in CSS pixels: the area follows the lots; the murmur stays a dot, so that aggressive prints stand out. */
export function bubbleRadius(lots: number, loud: number): number {
  return Math.max(1, Math.min(LARGEST_RADIUS, LOUD_RADIUS * Math.sqrt(lots / Math.max(1, loud))));
}

/** Lots of the visible bubbles at a percentile; `scratch` holds at least `count` values. */
export function bubblePercentile(bubbles: Float64Array, count: number, share: number, scratch: Float64Array): number {
  for (let i = 0; i < count; i++) scratch[i] = bubbles[i * BUBBLE_WIDTH + 2]!;
  return percentileOf(scratch, count, share);
}

/** Columns of a trades row, named for readers of the ring. */
export const TRADE_ROW = {
  tsEventUs: 0,
  engineUs: 1,
  ticks: 2,
  lots: 3,
  side: 4,
  sweep: 5,
  width: TRADE_WIDTH,
} as const;
