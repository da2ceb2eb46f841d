import type { MarketRow } from '../../shared/contract/topics.ts';

/** What a venue gathers before it tells it, in words; empty where every event is told by itself. */
export function gatheredWords({
  conflationMs,
  tradeBatchMs,
}: Pick<MarketRow, 'conflationMs' | 'tradeBatchMs'>): string {
  return [
    ...(conflationMs > 0 ? [`conflated ${conflationMs} ms`] : []),
    ...(tradeBatchMs > 0 ? [`trades in ${tradeBatchMs} ms batches`] : []),
  ].join(' · ');
}
