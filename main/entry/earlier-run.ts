import type { Instrument } from '../../shared/instruments.ts';
import { sessionAt } from '../core/calendar/session-calendar.ts';
import type { Engine } from '../core/engine.ts';
import type { JournalEntry } from '../core/journal/journal-entry.ts';
import type { Journal } from '../core/trading-ports.ts';
import type { EngineCheckpoint } from './engine-checkpoint.ts';
import type { TradeLoop } from './trade-loop.ts';
import type { TradeScreen } from './trade-screen.ts';

export interface EarlierRunParts {
  readonly engine: Engine;
  readonly loop: TradeLoop;
  readonly screen: TradeScreen;
  readonly journal: Journal;
  readonly entries: readonly JournalEntry[];
  readonly checkpoint: EngineCheckpoint | undefined;
  readonly nowUs: number;
  /** Times that the supervisor restarted this engine. */
  readonly restarts: number;
}

/**
 * Takes up what an earlier run left: the engine's state from its checkpoint, the account from the journal, which wins.
 * Every book is fresh, since nobody saw what happened meanwhile. Writes the checkpoint entry that later starts fold from.
 * Returns what the trader has to know, empty when there is nothing.
 */
export function resumeEarlierRun(parts: EarlierRunParts): string {
  const { engine, loop, screen, journal, entries, checkpoint } = parts;
  if (checkpoint !== undefined) engine.restore(checkpoint.engine as Parameters<Engine['restore']>[0]);
  for (const instrument of marketsOf(entries)) engine.addMarket(instrument);
  const { working } = loop.recover(entries);
  loop.desk.onTradeDate(sessionAt('cme-globex-fx', parts.nowUs).tradeDate);
  for (const market of engine.markets) engine.gap(market, 'restart');
  journal.append('checkpoint', {
    account: loop.book.snapshot(),
    intents: working,
    markets: engine.markets.map((market) => market.instrument),
  });
  for (const order of loop.book.workingEntries()) screen.order(order);
  for (const deal of loop.book.openDeals()) screen.deal(deal);
  const guarded = loop.book.openDeals().filter((deal) => deal.stopTicks !== null).length;
  return noticeOf(guarded, working.length, parts.restarts);
}

/** Instruments in the order in which their markets came, so that market numbers in orders keep their meaning. */
function marketsOf(entries: readonly JournalEntry[]): readonly Instrument[] {
  const from = entries.findLastIndex((entry) => entry.type === 'checkpoint');
  const kept = from < 0 ? [] : (entries[from]!.data as { markets: readonly Instrument[] }).markets;
  const later = entries.slice(from + 1).filter((entry) => entry.type === 'market');
  return [...kept, ...later.map((entry) => entry.data as Instrument)];
}

function noticeOf(guarded: number, working: number, restarts: number): string {
  if (guarded === 0 && working === 0) return restarts > 0 ? 'The engine was restarted. It is disarmed.' : '';
  const deals = `${guarded} open ${guarded === 1 ? 'deal has its stop' : 'deals have their stops'} held by the paper broker`;
  const entries = working > 0 ? `, ${working} working ${working === 1 ? 'entry' : 'entries'}` : '';
  return `The engine was restarted and is disarmed: ${deals}${entries}.`;
}
