import { TRADE_ROW } from '../drawing/trade-bubbles.ts';
import type { RowRing } from '../replica/row-ring.ts';

const LOOKED_AT = 1_000;
const EVERY = 100;
const SHARE = 0.95;

/**
 * Lots from which a print counts as large: the 95th percentile of the last thousand trades, looked at again every
 * hundred trades so that the emphasis stays steady.
 */
export function largePrint(trades: RowRing): () => number {
  const lots = new Float64Array(LOOKED_AT);
  let measuredAt = -EVERY;
  let large = Number.POSITIVE_INFINITY;
  return () => {
    if (Math.abs(trades.next - measuredAt) < EVERY) return large;
    measuredAt = trades.next;
    let count = 0;
    for (let row = trades.next - 1; row >= trades.first && count < LOOKED_AT; row--) {
      lots[count++] = trades.values[trades.at(row) + TRADE_ROW.lots]!;
    }
    if (count < 20) return large;
    large = Math.max(2, lots.subarray(0, count).sort()[Math.floor(count * SHARE)]!);
    return large;
  };
}
