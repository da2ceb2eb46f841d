import { useShallow } from 'zustand/react/shallow';
import type { LinkRow, MarketRow } from '../../shared/contract/topics.ts';
import { type RecordsState, useRecords } from './records-store.ts';
import { type TablesState, useTables } from './tables-store.ts';

/** The link under the trader's hands with both its markets; parts are undefined until the engine has named them. */
export interface Selection {
  readonly link: LinkRow | undefined;
  readonly signal: MarketRow | undefined;
  readonly execution: MarketRow | undefined;
}

export function selectionOf(records: RecordsState, tables: TablesState): Selection {
  const link = tables.links.find((row) => row.id === records.terminal?.linkId);
  return {
    link,
    signal: link && marketAt(tables.markets, link.signalMarket),
    execution: link && marketAt(tables.markets, link.executionMarket),
  };
}

export function marketAt(markets: readonly MarketRow[], index: number): MarketRow | undefined {
  return markets.find((row) => row.index === index);
}

/** The selection now, for code outside React. */
export function currentSelection(): Selection {
  return selectionOf(useRecords.getState(), useTables.getState());
}

/** The selection as React state. */
export function useSelection(): Selection {
  const linkId = useRecords((state) => state.terminal?.linkId);
  return useTables(
    useShallow((tables) => {
      const link = tables.links.find((row) => row.id === linkId);
      return {
        link,
        signal: link && marketAt(tables.markets, link.signalMarket),
        execution: link && marketAt(tables.markets, link.executionMarket),
      };
    }),
  );
}
