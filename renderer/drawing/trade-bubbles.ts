import { TRADE_WIDTH } from '../../shared/contract/frames.ts';
import type { RowRing } from '../replica/row-ring.ts';

/** Trades of one column, price and side drawn as one bubble: [column, ticks, lots, side] each. */
export const BUBBLE_WIDTH = 4;

/**
 * Sums trades per column, price and side into `out`, newest first, and returns how many bubbles there are. Trades older
 * than the first visible column end the walk.
 */
export function collectBubbles(
  out: Float64Array,
  trades: RowRing,
  columns: RowRing,
  firstColumn: number,
  columnOf: (us: number) => number,
): number {
  const room = Math.floor(out.length / BUBBLE_WIDTH);
  let count = 0;
  let columnStart = 0;
  let column = -1;
  for (let row = trades.next - 1; row >= trades.first; row--) {
    const at = trades.at(row);
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
    let merged = false;
    for (let i = columnStart; i < count && !merged; i++) {
      const b = i * BUBBLE_WIDTH;
      if (out[b + 1] === ticks && out[b + 3] === side) {
        out[b + 2]! += lots;
        merged = true;
      }
    }
    if (merged) continue;
    if (count === room) break;
    const b = count * BUBBLE_WIDTH;
    out[b] = found;
    out[b + 1] = ticks;
    out[b + 2] = lots;
    out[b + 3] = side;
    count++;
  }
  return count;
}

/** Radius in CSS pixels: the area follows the lots, small prints stay visible, large ones don't hide the book. */
export function bubbleRadius(lots: number, loud: number): number {
  return Math.max(1, Math.min(15, 11 * Math.sqrt(lots / Math.max(8, loud))));
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
