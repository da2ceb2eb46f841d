import { DAY_US } from '../../../shared/units.ts';
import { tradingDayAt } from '../../core/calendar/trading-day.ts';
import type { KeepDays, MarketTable } from '../../core/store-port.ts';
import { MARKET_TABLE_NAMES } from './market-tables.ts';

/** Which number of days is a table's. */
const KEPT_BY: Readonly<Record<MarketTable, keyof KeepDays>> = {
  cme_mbp10_events: 'depthEvents',
  cme_mbp10_book: 'books',
  crypto_book: 'books',
  cme_trades: 'trades',
  crypto_trades: 'trades',
  ig_spot_ticks: 'quotes',
  features: 'features',
};

/** Rows that went, or would go. */
export interface Removal {
  readonly table: string;
  /** Undefined where counting them would take as long as reading them. */
  readonly rows: number | undefined;
  /** Trading days or chunks that they filled; none where rows were deleted one by one. */
  readonly parts: readonly string[];
}

/** What a pruning removed, or would remove. */
export interface PruneReport {
  readonly removals: readonly Removal[];
  /** Days that went as files. */
  readonly files: readonly string[];
}

/**
 * Where what is kept for a number of days begins: with the trading day that the instant so many days ago lies in, so that
 * days go as a whole and the current one never does. Undefined where all is kept.
 */
export function keptFromUs(days: number, nowUs: number): number | undefined {
  return days === 0 ? undefined : tradingDayAt(nowUs - days * DAY_US).fromUs;
}

/** The same for each market table of which not all is kept. */
export function marketKeptFrom(keep: KeepDays, nowUs: number): ReadonlyMap<MarketTable, number> {
  const kept = new Map<MarketTable, number>();
  for (const table of MARKET_TABLE_NAMES) {
    const fromUs = keptFromUs(keep[KEPT_BY[table]], nowUs);
    if (fromUs !== undefined) kept.set(table, fromUs);
  }
  return kept;
}

/** What went, in a sentence; empty when nothing did. */
export function pruneWords({ removals }: PruneReport): string {
  if (removals.length === 0) return '';
  const parts = removals.map(({ table, rows, parts: days }) =>
    rows === undefined ? `${table} (${days.length} parts)` : `${table} (${rows} rows)`,
  );
  return `store: removed what is older than store.keepDays says: ${parts.join(', ')}.`;
}
