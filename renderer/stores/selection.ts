import { useShallow } from 'zustand/react/shallow';
import type { LinkRow, MarketRow, TerminalState } from '../../shared/contract/topics.ts';
import { type RecordsState, useRecords } from './records-store.ts';
import { type TablesState, useTables } from './tables-store.ts';

/**
 * What is under the trader's hands: a link with both its markets, or a market that is watched only, since nothing is
 * traded through it. Parts are undefined until the engine has named them.
 */
export interface Selection {
  readonly link: LinkRow | undefined;
  /** The market that is watched, be it of a link or on its own. */
  readonly signal: MarketRow | undefined;
  readonly execution: MarketRow | undefined;
  /** No instrument is linked to the watched market: it can't be traded from here. */
  readonly watchOnly: boolean;
}

type Named = Pick<TerminalState, 'linkId' | 'marketIndex'> | null;
type Rows = Pick<TablesState, 'links' | 'markets'>;

export function selectionOf(records: RecordsState, tables: TablesState): Selection {
  return selected(records.terminal, tables);
}

/**
 * The market or link that was asked for; where that link is not there, another one, or else the first market that has
 * been heard of since the engine's start.
 */
function selected(named: Named, { links, markets }: Rows): Selection {
  const asked = named?.marketIndex == null ? undefined : marketAt(markets, named.marketIndex);
  const link = asked ? undefined : (links.find((row) => row.id === named?.linkId) ?? links[0]);
  const heard = markets.find(({ state }) => state !== 'waiting') ?? markets[0];
  const watched = asked ?? (link || !named ? undefined : heard);
  return {
    link,
    signal: watched ?? (link && marketAt(markets, link.signalMarket)),
    execution: link && marketAt(markets, link.executionMarket),
    watchOnly: watched !== undefined,
  };
}

export function marketAt(markets: readonly MarketRow[], index: number): MarketRow | undefined {
  return markets.find((row) => row.index === index);
}

/** Says when what is drawn of a market has to be made anew: another market, or its units have become known. */
export function drawingKey({ id, tickNano, lotDecimals }: MarketRow): string {
  return `${id} ${tickNano} ${lotDecimals}`;
}

/** Why the watched market can't be traded from here. */
export function watchOnlyWords(market: MarketRow | undefined): string {
  return `No execution instrument is linked to ${market?.label ?? 'this market'}.`;
}

/** Everything that can be under the trader's hands, in the order in which it is gone through: links, then other markets. */
export type Choice =
  | { readonly linkId: string; readonly label: string }
  | { readonly market: number; readonly label: string };

export function choices({ links, markets }: Rows): readonly Choice[] {
  const linked = new Set(links.flatMap(({ signalMarket, executionMarket }) => [signalMarket, executionMarket]));
  const others = markets.filter(({ index }) => !linked.has(index));
  return [
    ...links.map(({ id }) => ({ linkId: id, label: id })),
    ...others.map(({ index, label }) => ({ market: index, label })),
  ];
}

/** What comes after a selection in the order of `choices`; undefined while there is nothing else. */
export function choiceAfter({ link, signal }: Selection, rows: Rows): Choice | undefined {
  const all = choices(rows);
  const at = all.findIndex((choice) =>
    'linkId' in choice ? choice.linkId === link?.id : choice.market === signal?.index,
  );
  const next = all[(at + 1) % all.length];
  return all.length > 1 || at < 0 ? next : undefined;
}

/** The selection now, for code outside React. */
export function currentSelection(): Selection {
  return selectionOf(useRecords.getState(), useTables.getState());
}

/** The selection as React state. */
export function useSelection(): Selection {
  const named = useRecords(
    useShallow(({ terminal }) => terminal && { linkId: terminal.linkId, marketIndex: terminal.marketIndex }),
  );
  return useTables(useShallow((tables) => selected(named, tables)));
}
