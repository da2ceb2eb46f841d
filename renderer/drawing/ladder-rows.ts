import { DEPTH_LEVELS, LADDER_WIDTH } from '../../shared/contract/frames.ts';
import { ASKS_AT, BIDS_AT, type MarketReplica } from '../replica/market-replica.ts';

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

/**
 * Writes the rows of the ladder from `topTicks` downwards into `rows`. `last` is ± the lots of the last trade at its
 * price, `inside` +1 at the best bid, −1 at the best ask; `own` is left to the caller.
 */
export function fillLadderRows(rows: Float64Array, count: number, topTicks: number, market: MarketReplica): void {
  rows.fill(0, 0, count * ROW_WIDTH);
  for (let row = 0; row < count; row++) rows[row * ROW_WIDTH + ROW.price] = topTicks - row;
  const { depth, ladder } = market;
  for (let level = 0; level < DEPTH_LEVELS && market.hasBook; level++) {
    place(rows, count, topTicks, depth[BIDS_AT + level * 3]!, ROW.bid, depth[BIDS_AT + level * 3 + 1]!);
    place(rows, count, topTicks, depth[ASKS_AT + level * 3]!, ROW.ask, depth[ASKS_AT + level * 3 + 1]!);
  }
  for (let i = 0; i < market.ladderRows; i++) {
    const at = i * LADDER_WIDTH;
    const row = topTicks - ladder[at]!;
    if (row < 0 || row >= count) continue;
    const to = row * ROW_WIDTH;
    rows[to + ROW.added] = Math.round(ladder[at + 1]!);
    rows[to + ROW.pulled] = Math.round(ladder[at + 2]!);
    rows[to + ROW.bought] = ladder[at + 3]!;
    rows[to + ROW.sold] = ladder[at + 4]!;
  }
  place(rows, count, topTicks, depth[3]!, ROW.last, depth[4]! * depth[5]!);
  place(rows, count, topTicks, market.bid, ROW.inside, 1);
  place(rows, count, topTicks, market.ask, ROW.inside, -1);
}

function place(rows: Float64Array, count: number, topTicks: number, price: number, field: number, value: number): void {
  const row = topTicks - price;
  if (row >= 0 && row < count) rows[row * ROW_WIDTH + field] = value;
}
