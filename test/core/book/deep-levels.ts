import type { Market } from '../../../main/core/market.ts';

/** All levels that a market shows beyond its depth, as [ticks, lots, ticks, lots …]; undefined where it has none. */
export function deepLevels({ levels }: Market): { bids: number[]; asks: number[] } | undefined {
  if (levels === undefined) return undefined;
  const to = new Float64Array(2 * 2_000);
  const bids = [...to.subarray(0, 2 * levels.copyBids(to, 0, 2_000))];
  return { bids, asks: [...to.subarray(0, 2 * levels.copyAsks(to, 0, 2_000))] };
}
