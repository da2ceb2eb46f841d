import type { MarketRow } from '../../shared/contract/topics.ts';
import { drawingKey } from '../stores/selection.ts';
import { RowGrouping } from './row-grouping.ts';

const GROUPINGS = new Map<string, RowGrouping>();

/** The page's one grouping of a market's rows, kept while its units stay what they are. Levels of coins lie apart. */
export function groupingOf(market: MarketRow): RowGrouping {
  const key = drawingKey(market);
  const grouping = GROUPINGS.get(key) ?? new RowGrouping(!market.hasPips);
  GROUPINGS.set(key, grouping);
  return grouping;
}
