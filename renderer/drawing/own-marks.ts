import type { LinkRow, MarketRow } from '../../shared/contract/topics.ts';
import { NANO } from '../../shared/units.ts';
import type { TablesState } from '../stores/tables-store.ts';

/** One of the trader's own prices as it is marked on depth: where, which side, and what it is. */
export interface OwnMark {
  readonly ticks: number;
  readonly side: 'buy' | 'sell';
  readonly kind: 'entry' | 'open' | 'stop' | 'target';
  readonly lots: number;
  /** Whether the price was carried over from another market, so that it is right only as far as the basis is. */
  readonly estimated: boolean;
}

/** Outline of a mark whose price is an estimate. */
export const ESTIMATE_DASH = [3, 2];

/**
 * Price of the execution market as a (fractional) tick of the signal market: the basis is taken off and an inverted
 * link turned round. An estimate, since the basis moves; what is marked with it is drawn dashed and labelled so.
 */
export function toSignalTicks(ticks: number, link: LinkRow, signal: MarketRow, execution: MarketRow): number {
  const price = (ticks * execution.tickNano - (link.basisPips ?? 0) * execution.pipNano) / NANO;
  return ((link.inverted ? 1 / price : price) * NANO) / signal.tickNano;
}

/** The trader's own working entries, open deals and their protection, as marks on the signal market's prices. */
export function ownMarks(
  tables: Pick<TablesState, 'orders' | 'deals'>,
  link: LinkRow,
  signal: MarketRow,
  execution: MarketRow,
): OwnMark[] {
  const marks: OwnMark[] = [];
  const estimated = signal.index !== execution.index;
  const mark = (ticks: number | null, side: 'buy' | 'sell', kind: OwnMark['kind'], lots: number): void => {
    if (ticks === null) return;
    const turned = link.inverted ? (side === 'buy' ? 'sell' : 'buy') : side;
    const here = Math.round(toSignalTicks(ticks, link, signal, execution));
    marks.push({ ticks: here, side: turned, kind, lots, estimated });
  };
  for (const order of tables.orders) {
    const working = order.state === 'working' || order.state === 'partially-filled' || order.state === 'sent';
    if (order.market === execution.index && working && order.purpose === 'open') {
      mark(order.limitTicks, order.side, 'entry', order.lots - order.filledLots);
    }
  }
  for (const deal of tables.deals) {
    if (deal.market !== execution.index || deal.state === 'closed') continue;
    const closing = deal.side === 'buy' ? 'sell' : 'buy';
    mark(deal.openTicks, deal.side, 'open', deal.lots);
    mark(deal.stopTicks, closing, 'stop', deal.lots);
    mark(deal.targetTicks, closing, 'target', deal.lots);
  }
  return marks;
}

/** Text of a mark: what it is and how many lots. */
export function markText(mark: OwnMark): string {
  const side = mark.side === 'buy' ? 'B' : 'S';
  switch (mark.kind) {
    case 'entry':
      return `${side}${mark.lots}`;
    case 'open':
      return `${side === 'B' ? 'L' : 'S'}${mark.lots}`;
    case 'stop':
      return 'SL';
    case 'target':
      return 'TP';
  }
}
