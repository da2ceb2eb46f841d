import { LEVEL_WIDTH } from '../../shared/contract/frames.ts';
import type { MarketReplica } from '../replica/market-replica.ts';

/**
 * Rows of prices: a row stands for k ticks, so that a book whose levels lie far apart fits a screen. Row r is written as
 * the price r·k. Bids are gathered downwards (row r holds the bids from r·k up to the tick below the next row), asks
 * upwards (row r holds the asks from r·k down to the tick above the row before): whatever k is, a bid below an ask is in a
 * lower row, so no row holds both sides. With k = 1 a row is a tick.
 */

/** Row of a bid, and of whatever stands among the bids. */
export function bidRow(ticks: number, rowTicks: number): number {
  return Math.floor(ticks / rowTicks);
}

/** Row of an ask, and of whatever stands among the asks. */
export function askRow(ticks: number, rowTicks: number): number {
  return Math.ceil(ticks / rowTicks);
}

/**
 * Row of a trade: with the asks that a buyer took, or the bids that a seller hit.
 * @param side +1 bought, −1 sold, 0 not told
 */
export function tradeRow(ticks: number, side: number, rowTicks: number): number {
  if (side === 0) return Math.round(ticks / rowTicks);
  return side > 0 ? askRow(ticks, rowTicks) : bidRow(ticks, rowTicks);
}

/**
 * Row of a price as the book now stands: with the bids below the middle of the spread, with the asks above it.
 * @param bid, ask the inside in ticks; NaN where a side is missing
 */
export function priceRow(ticks: number, rowTicks: number, bid: number, ask: number): number {
  const asks = Number.isNaN(ask) ? ticks > bid : Number.isNaN(bid) ? ticks >= ask : ticks > (bid + ask) / 2;
  return asks ? askRow(ticks, rowTicks) : bidRow(ticks, rowTicks);
}

/** Middle of the inside in (half) rows; NaN while a side is missing. */
export function middleRow(bid: number, ask: number, rowTicks: number): number {
  return (bidRow(bid, rowTicks) + askRow(ask, rowTicks)) / 2;
}

/** Values of one row in what `gatherSide` writes: row, lots. */
export const GATHERED = 2;

/**
 * Sums one side of a book into rows.
 * @param levels holds `count` levels, best first, as [ticks, lots] pairs from `at` on; a missing level is NaN
 * @param side +1 bids, −1 asks
 * @param out takes [row, lots] of each row that has a level, best first; as long as `count` rows need
 * @returns rows written
 */
export function gatherSide(
  levels: Float64Array,
  at: number,
  count: number,
  side: 1 | -1,
  rowTicks: number,
  out: Float64Array,
): number {
  let to = -GATHERED;
  let last = Number.NaN;
  for (let level = 0; level < count; level++) {
    const from = at + level * LEVEL_WIDTH;
    const ticks = levels[from]!;
    if (Number.isNaN(ticks)) continue;
    const row = side > 0 ? bidRow(ticks, rowTicks) : askRow(ticks, rowTicks);
    if (row !== last) {
      to += GATHERED;
      out[to] = row;
      out[to + 1] = 0;
      last = row;
    }
    out[to + 1]! += levels[from + 1]!;
  }
  return to / GATHERED + 1;
}

/** Sums one side of the book as it stands into rows; `out` has room for `DEEP_LEVELS` of them. @returns rows written */
export function gatherBook(market: MarketReplica, side: 1 | -1, rowTicks: number, out: Float64Array): number {
  const { bids, asks, bidLevels, askLevels } = market;
  return gatherSide(side > 0 ? bids : asks, 0, side > 0 ? bidLevels : askLevels, side, rowTicks, out);
}

/** Ticks that a row may stand for: 1, 2, 5, 10, 20, 50 … */
const SIZES = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

/** Next coarser row, or the coarsest. */
export function coarserRows(rowTicks: number): number {
  return SIZES.find((size) => size > rowTicks) ?? SIZES.at(-1)!;
}

/** Next finer row, or one tick. */
export function finerRows(rowTicks: number): number {
  return SIZES.findLast((size) => size < rowTicks) ?? 1;
}

/** Finest row of which `rows` reach over so many ticks. */
export function rowsReaching(ticks: number, rows: number): number {
  return SIZES.find((size) => size * rows >= ticks) ?? SIZES.at(-1)!;
}
