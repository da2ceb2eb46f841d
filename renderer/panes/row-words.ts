import { useSyncExternalStore } from 'react';
import type { MarketRow } from '../../shared/contract/topics.ts';
import { groupingOf } from '../drawing/page-groupings.ts';
import type { RowGrouping } from '../drawing/row-grouping.ts';
import { type PriceStyle, priceText } from '../format/price-text.ts';

/** What a row of ladder and heatmap stands for, in words; empty where it is one tick and nobody asked for that. */
function rowWords({ ticks, automatic, adapts }: RowGrouping, style: PriceStyle): string {
  if (ticks === 1 && (automatic || !adapts)) return '';
  return `rows of ${priceText(ticks, style)}${automatic ? '' : ', fixed'}`;
}

/** The same as React state of a market. */
export function useRowWords(market: MarketRow | undefined): string {
  const grouping = market && groupingOf(market);
  return useSyncExternalStore(grouping?.subscribe ?? never, () => (grouping ? rowWords(grouping, market) : ''));
}

const never = () => () => undefined;
