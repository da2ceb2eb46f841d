import type { EconomicEvent, NewsItem } from '../../shared/economic-calendar.ts';
import type { Instrument } from '../../shared/instruments.ts';
import type { DealRow, FillRow, OrderRow, SignalRow } from '../../shared/trading.ts';
import type {
  CalendarQuestion,
  CalendarSpan,
  InstrumentKey,
  StoredBar,
  StoredFeatures,
  StoredProposal,
  StoreState,
} from '../core/store-port.ts';
import type { PostgresAddress } from './postgres/postgres-address.ts';

/** What a market index of this run stands for. */
export interface InstrumentBinding {
  readonly market: number;
  readonly instrument: Instrument;
  readonly source: string;
}

/** A setting as JSON text; null takes it away. */
export interface SettingRow {
  readonly name: string;
  readonly value: string | null;
}

/** Events as they were told; `told` as in `Store.calendar`. */
export interface CalendarTelling {
  readonly rows: readonly EconomicEvent[];
  readonly told: CalendarSpan | undefined;
}

/** Rows that are written together. */
export interface StoreBatch {
  readonly instruments: InstrumentBinding[];
  readonly bars: StoredBar[];
  readonly features: StoredFeatures[];
  readonly signals: SignalRow[];
  readonly proposals: StoredProposal[];
  readonly orders: OrderRow[];
  readonly fills: FillRow[];
  readonly deals: DealRow[];
  readonly settings: SettingRow[];
  readonly calendar: CalendarTelling[];
  readonly news: NewsItem[];
}

export function emptyBatch(): StoreBatch {
  return {
    instruments: [],
    bars: [],
    features: [],
    signals: [],
    proposals: [],
    orders: [],
    fills: [],
    deals: [],
    settings: [],
    calendar: [],
    news: [],
  };
}

/** Changes when `SpooledBatch` or a row in it does. */
export const SPOOL_FORM = 1;

/** A batch with all that is needed to store it in another run than the one that gathered it. */
export interface SpooledBatch {
  readonly form: typeof SPOOL_FORM;
  /** Who numbers the batches. */
  readonly writer: string;
  /** 1 and on, in the order in which the batches are stored. */
  readonly number: number;
  readonly runId: string;
  readonly account: string;
  /** What the market indexes in the batch stand for. */
  readonly bindings: readonly InstrumentBinding[];
  readonly batch: StoreBatch;
}

/** Market indexes that the rows of a batch name. */
export function marketsOf(batch: StoreBatch): Set<number> {
  const { instruments, bars, features, orders, fills, deals } = batch;
  const markets = new Set<number>();
  for (const rows of [instruments, bars, features, orders, fills, deals]) {
    for (const { market } of rows) markets.add(market);
  }
  for (const { proposal } of batch.proposals) markets.add(proposal.market);
  return markets;
}

/** What the worker of a Postgres database is started with. */
export interface PostgresWorkerData {
  readonly address: PostgresAddress;
  readonly runId: string;
  readonly account: string;
  readonly writer: string;
  readonly spool: { readonly folder: string; readonly maxBytes: number };
  readonly slowMs: number;
}

/** What the worker of the embedded database is started with. */
export interface SqliteWorkerData {
  readonly path: string;
  readonly runId: string;
  readonly account: string;
  readonly maxBytes: number | undefined;
}

/** What the engine's side asks of the worker. */
export type StoreRequest =
  | { readonly type: 'write'; readonly batch: StoreBatch }
  | { readonly type: 'setting'; readonly id: number; readonly name: string }
  | { readonly type: 'bars'; readonly id: number; readonly key: InstrumentKey; readonly count: number }
  | { readonly type: 'calendar'; readonly id: number; readonly question: CalendarQuestion }
  | { readonly type: 'news'; readonly id: number; readonly count: number }
  | { readonly type: 'close' };

/** What the worker answers. Writes are answered in their order. */
export type StoreReply =
  | { readonly type: 'written' }
  | { readonly type: 'unwritable'; readonly words: string }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'refusal'; readonly id: number; readonly words: string }
  | { readonly type: 'state'; readonly ok: StoreState['ok']; readonly words: string }
  | { readonly type: 'notice'; readonly words: string }
  /** @param words why what waited could not be written, or empty */
  | { readonly type: 'closed'; readonly words: string };
