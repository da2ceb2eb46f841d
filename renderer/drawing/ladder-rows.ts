import { DEEP_LEVELS, LADDER_WIDTH } from '../../shared/contract/frames.ts';
import type { MarketReplica } from '../replica/market-replica.ts';
import { askRow, bidRow, GATHERED, gatherBook, priceRow, tradeRow } from './price-rows.ts';

/** Fields of one ladder row, in this order. */
export const ROW = {
  price: 0,
  bid: 1,
  ask: 2,
  added: 3,
  pulled: 4,
  bought: 5,
  sold: 6,
  last: 7,
  inside: 8,
  own: 9,
} as const;
export const ROW_WIDTH = 10;

const GATHERED_ROWS = new Float64Array(DEEP_LEVELS * GATHERED);

/**
 * Writes the rows of the ladder from `topRow` downwards into `rows`, each of `rowTicks` ticks and with the sums of what
 * lies in it. `price` is the row's own, but the exact best price in the rows of the inside. `last` is ± the lots of the last
 * trade, `inside` +1 at the best bid, −1 at the best ask; `own` is left to the caller.
 */
export function fillLadderRows(
  rows: Float64Array,
  count: number,
  topRow: number,
  market: MarketReplica,
  rowTicks: number,
): void {
  const { depth, ladder, bid, ask } = market;
  const add = (row: number, field: number, value: number): void => {
    const from = topRow - row;
    if (from >= 0 && from < count) rows[from * ROW_WIDTH + field]! += value;
  };
  const set = (row: number, field: number, value: number): void => {
    const from = topRow - row;
    if (from >= 0 && from < count) rows[from * ROW_WIDTH + field] = value;
  };
  rows.fill(0, 0, count * ROW_WIDTH);
  for (let row = 0; row < count; row++) rows[row * ROW_WIDTH + ROW.price] = (topRow - row) * rowTicks;
  if (market.hasBook) {
    for (const side of [1, -1] as const) {
      const gathered = gatherBook(market, side, rowTicks, GATHERED_ROWS);
      for (let i = 0; i < gathered * GATHERED; i += GATHERED) {
        add(GATHERED_ROWS[i]!, side > 0 ? ROW.bid : ROW.ask, GATHERED_ROWS[i + 1]!);
      }
    }
  }
  for (let at = 0; at < market.ladderRows * LADDER_WIDTH; at += LADDER_WIDTH) {
    const ticks = ladder[at]!;
    const here = priceRow(ticks, rowTicks, bid, ask);
    add(here, ROW.added, ladder[at + 1]!);
    add(here, ROW.pulled, ladder[at + 2]!);
    add(tradeRow(ticks, 1, rowTicks), ROW.bought, ladder[at + 3]!);
    add(tradeRow(ticks, -1, rowTicks), ROW.sold, ladder[at + 4]!);
  }
  for (let at = 0; at < count * ROW_WIDTH; at += ROW_WIDTH) {
    rows[at + ROW.added] = Math.round(rows[at + ROW.added]!);
    rows[at + ROW.pulled] = Math.round(rows[at + ROW.pulled]!);
  }
  set(tradeRow(depth[3]!, depth[5]!, rowTicks), ROW.last, depth[4]! * depth[5]!);
  for (const [row, ticks, side] of [
    [bidRow(bid, rowTicks), bid, 1],
    [askRow(ask, rowTicks), ask, -1],
  ] as const) {
    set(row, ROW.price, ticks);
    set(row, ROW.inside, side);
  }
}
