import type { EconomicEvent, NewsItem } from '../../shared/economic-calendar.ts';
import type { Instrument } from '../../shared/instruments.ts';
import type { DealRow, FillRow, OrderRow, SignalRow } from '../../shared/trading.ts';
import type {
  CalendarQuestion,
  CalendarSpan,
  FeatureQuestion,
  InstrumentKey,
  KeepDays,
  NewsGate,
  RangeQuestion,
  StoredBar,
  StoredMapping,
  StoredNote,
  StoredProposal,
  StoredSession,
  StoredVerdict,
  StoreState,
  TimeSpan,
} from '../core/store-port.ts';
import type { PostgresAddress } from './postgres/postgres-address.ts';
import { HEAD, MARKET_TABLES } from './tables/market-tables.ts';
import type { RowBlock } from './tables/row-block.ts';

/** What a market index of this run stands for. */
export interface InstrumentBinding {
  readonly market: number;
  readonly instrument: Instrument;
  /** The line that it is stored as. */
  readonly symbol: string;
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

/** Gates as they were told; `told` as in `Store.newsGates`. */
export interface GateTelling {
  readonly rows: readonly NewsGate[];
  readonly told: TimeSpan | undefined;
}

/** Rows that are written together. */
export interface StoreBatch {
  readonly instruments: InstrumentBinding[];
  /** Market rows in masses. */
  readonly blocks: RowBlock[];
  readonly bars: StoredBar[];
  readonly signals: SignalRow[];
  readonly proposals: StoredProposal[];
  readonly orders: OrderRow[];
  readonly fills: FillRow[];
  readonly deals: DealRow[];
  readonly settings: SettingRow[];
  readonly calendar: CalendarTelling[];
  readonly news: NewsItem[];
  readonly gates: GateTelling[];
  readonly mappings: StoredMapping[];
  readonly verdicts: StoredVerdict[];
  readonly notes: StoredNote[];
  readonly sessions: StoredSession[];
}

export function emptyBatch(): StoreBatch {
  return {
    instruments: [],
    blocks: [],
    bars: [],
    signals: [],
    proposals: [],
    orders: [],
    fills: [],
    deals: [],
    settings: [],
    calendar: [],
    news: [],
    gates: [],
    mappings: [],
    verdicts: [],
    notes: [],
    sessions: [],
  };
}

/** Changes when `SpooledBatch` or a row in it does. */
export const SPOOL_FORM = 2;

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
  const { instruments, bars, orders, fills, deals } = batch;
  const markets = new Set<number>();
  for (const rows of [instruments, bars, orders, fills, deals]) for (const { market } of rows) markets.add(market);
  for (const { proposal } of batch.proposals) markets.add(proposal.market);
  for (const { signal, execution } of batch.mappings) markets.add(signal).add(execution);
  for (const market of marketsIn(batch.blocks)) markets.add(market);
  return markets;
}

/** How many rows blocks have. */
export function rowsIn(blocks: readonly RowBlock[]): number {
  return blocks.reduce((sum, { rows }) => sum + rows, 0);
}

/** Market indexes that the rows of blocks name. */
export function marketsIn(blocks: readonly RowBlock[]): Set<number> {
  const markets = new Set<number>();
  for (const { table, rows, values } of blocks) {
    const { width } = MARKET_TABLES[table];
    let last = Number.NaN;
    for (let row = 0; row < rows; row++) {
      const market = values[row * width + HEAD.MARKET]!;
      if (market !== last) markets.add(market);
      last = market;
    }
  }
  return markets;
}

/** Whether a batch holds rows that must outlive a crash of the machine. */
export function isDurable(batch: StoreBatch): boolean {
  const { orders, fills, deals, settings, calendar, news, gates, mappings, verdicts, notes, sessions } = batch;
  const durable = [orders, fills, deals, settings, calendar, news, gates, mappings, verdicts, notes, sessions];
  return durable.some(({ length }) => length > 0);
}

/** Whether a batch holds rows that can be made again from captures. */
export function isMarket({ blocks, bars, signals, proposals }: StoreBatch): boolean {
  return [blocks, bars, signals, proposals].some(({ length }) => length > 0);
}

/** What every worker is started with. */
export interface StoreWorkerData {
  readonly runId: string;
  readonly account: string;
  /** Who numbers the batches. */
  readonly writer: string;
  readonly spool: { readonly folder: string; readonly maxBytes: number };
  /** Milliseconds after which a write that still runs is spooled as well. */
  readonly slowMs: number;
}

/** What the worker of a Postgres database is started with. */
export interface PostgresWorkerData extends StoreWorkerData {
  readonly address: PostgresAddress;
}

/** What the worker of the embedded database is started with. */
export interface SqliteWorkerData extends StoreWorkerData {
  readonly path: string;
  readonly maxBytes: number | undefined;
}

/** What is asked of a database. */
export type StoreQuestion =
  | { readonly ask: 'setting'; readonly name: string }
  | { readonly ask: 'bars'; readonly key: InstrumentKey; readonly count: number }
  | { readonly ask: 'calendar'; readonly question: CalendarQuestion }
  | { readonly ask: 'news'; readonly count: number }
  | { readonly ask: 'features'; readonly question: FeatureQuestion }
  | { readonly ask: 'trades'; readonly question: RangeQuestion; readonly most: number }
  | { readonly ask: 'gates'; readonly us: number }
  | { readonly ask: 'decisions'; readonly fromUs: number; readonly toUs: number };

/** What the engine's side asks of the worker. */
export type StoreRequest =
  | { readonly type: 'write'; readonly batch: StoreBatch }
  | { readonly type: 'ask'; readonly id: number; readonly question: StoreQuestion }
  | { readonly type: 'prune'; readonly id: number; readonly keepDays: KeepDays; readonly nowUs: number }
  | { readonly type: 'close' };

/** What the worker answers. Writes are answered in their order. */
export type StoreReply =
  | { readonly type: 'written' }
  | { readonly type: 'unwritable'; readonly words: string }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'refusal'; readonly id: number; readonly words: string }
  | { readonly type: 'state'; readonly ok: StoreState['ok']; readonly words: string }
  | { readonly type: 'notice'; readonly words: string }
  /** Market rows that are with the worker although their batch was answered: they could neither be stored nor spooled yet. */
  | { readonly type: 'held'; readonly rows: number }
  /** Market rows that the database did not take as its own. */
  | { readonly type: 'passed'; readonly rows: number }
  /** @param words why what waited could not be written, or empty */
  | { readonly type: 'closed'; readonly words: string };
