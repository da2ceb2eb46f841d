import type { EconomicEvent, Impact, NewsItem } from '../../shared/economic-calendar.ts';
import type { FeatureName } from '../../shared/features.ts';
import type { Instrument } from '../../shared/instruments.ts';
import type { Settings } from '../../shared/settings.ts';
import type { DealRow, FillRow, OrderRow, Proposal, SignalRow } from '../../shared/trading.ts';
import type { Bar } from './ports.ts';

/** How an instrument is found again in later runs: who provides its data, and the line that it is. */
export interface InstrumentKey {
  /** `DATABENTO`, `IG`, `SIMULATED` …: data of different origin is never mixed. */
  readonly provider: string;
  /** `6E` for the front contract of a product, `6EH7` for another one, `EUR_USD`, or the venue's own symbol. */
  readonly symbol: string;
}

/** A closed one-minute bar of a market, with the time at which it was complete here. */
export interface StoredBar extends Bar {
  readonly market: number;
  /** Vendor receive time of the market's last event, µs. */
  readonly tsRecvUs: number;
}

/** Tables of market data whose rows come in masses. Their columns are in main/storage/tables/market-tables.ts. */
export type MarketTable =
  | 'cme_mbp10_events'
  | 'cme_mbp10_book'
  | 'cme_trades'
  | 'ig_spot_ticks'
  | 'crypto_book'
  | 'crypto_trades'
  | 'features';

/** Where the next row of a market table goes: numbers from `at` on, in the order of its columns. */
export interface RowPlace {
  readonly values: Float64Array;
  readonly at: number;
}

/** One step in the life of a proposal. */
export interface StoredProposal {
  readonly proposal: Proposal;
  readonly event: 'proposed' | 'waiting' | 'confirmed' | 'dismissed' | 'expired' | 'refused';
  readonly atUs: number;
}

/** A time span of economic news in which trading is looked at with other eyes. */
export interface NewsGate {
  readonly id: string;
  /** Event of the calendar that it is for; null for one of the trader's own. */
  readonly eventId: string | null;
  /** Currency whose pairs it concerns; null = all. */
  readonly currency: string | null;
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
  /** `warn`: it is said; `block`: nothing that adds risk passes. */
  readonly effect: 'warn' | 'block';
  readonly reason: string;
}

/** How a signal instrument leads an execution instrument. */
export interface StoredMapping {
  /** Market indexes. */
  readonly signal: number;
  readonly execution: number;
  readonly inverted: boolean;
  readonly lagMs: number;
  /** Spot mid minus implied mid in spot pips; null until it was measured. */
  readonly basisPips: number | null;
  readonly updatedUs: number;
}

/** What one agent said of a proposal. */
export interface StoredVerdict {
  readonly proposalId: string;
  readonly agent: string;
  readonly atUs: number;
  /** `abstain` also where it was late. */
  readonly vote: 'for' | 'against' | 'abstain';
  /** 0…1. */
  readonly confidence: number;
  readonly reasons: readonly string[];
}

/** A note of the trader's in the journal of the account. */
export interface StoredNote {
  readonly id: string;
  readonly atUs: number;
  readonly text: string;
  readonly tags: readonly string[];
}

/** One run of the engine; told again at its end. */
export interface StoredSession {
  readonly startedUs: number;
  /** Null while it runs, and after a kill. */
  readonly endedUs: number | null;
  readonly mode: 'SIMULATED' | 'PAPER' | 'LIVE';
  readonly source: string;
  readonly version: string;
}

/** What became of a proposal. */
export interface Decision {
  readonly runId: string;
  readonly proposalId: string;
  readonly revision: number;
  readonly outcome: StoredProposal['event'];
  readonly atUs: number;
  readonly instrument: InstrumentKey;
  readonly origin: string;
  readonly side: 'buy' | 'sell';
  readonly lots: number;
  /** Decimal prices of the execution instrument. */
  readonly entryPrice: number;
  readonly stopPrice: number;
  readonly targetPrice: number;
  readonly words: string;
  readonly reasons: readonly string[];
  readonly gates: Proposal['gates'];
}

/** A stretch of time, µs; its end is exclusive. */
export interface TimeSpan {
  readonly fromUs: number;
  readonly toUs: number;
}

/** A stretch of time of an instrument. */
export interface RangeQuestion extends TimeSpan {
  readonly key: InstrumentKey;
}

export interface FeatureQuestion extends RangeQuestion {
  readonly names: readonly FeatureName[];
  /** Points that are wanted at most: the stretch is cut into as many equal ones, and the last row of each is given. */
  readonly points: number;
}

/** Features over time, oldest first; absent is NaN. */
export interface FeatureSeries {
  readonly tsEventUs: Float64Array;
  /** In the order of the names that were asked for. */
  readonly values: readonly Float64Array[];
}

/** Trades over time, oldest first. */
export interface TradeSeries {
  readonly tsEventUs: Float64Array;
  readonly price: Float64Array;
  readonly size: Float64Array;
  /** +1 buyer, −1 seller, 0 unknown. */
  readonly aggressor: Int8Array;
}

/** Days for which rows are kept, by their kind; 0 = always. */
export type KeepDays = Settings['store']['keepDays'];

/** How the store is, for the health bar. */
export interface StoreState {
  readonly ok: boolean;
  /** What is wrong and what to do about it, and how many rows were left out; "stored" when all is well. */
  readonly words: string;
  /** Rows that wait to be written. */
  readonly waitingRows: number;
  /** Market rows that were not kept because too many waited. */
  readonly droppedRows: number;
  /** Market rows that are not this program's to store: another engine at work on the database does, or the file of their
   * day is of a later version. */
  readonly passedRows: number;
}

/** Part of a calendar of which a source has told everything: what it told of it before and does not any more has moved. */
export interface CalendarSpan {
  readonly source: string;
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
}

/** What is asked of the calendar. */
export interface CalendarQuestion {
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
  /** Left out = every impact, every currency. */
  readonly impacts?: readonly Impact[] | undefined;
  readonly currencies?: readonly string[] | undefined;
}

/** A row that could not be stored, or a question that could not be answered. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/**
 * The index for screens, review and SQL, rebuildable from capture and journal. Every call returns at once; rows are
 * gathered and written elsewhere. Markets are named by their index in this run; `instrument` says what an index means.
 * Rows that are there already are replaced, so that writing them again does no harm.
 */
export interface Store {
  readonly state: StoreState;
  /**
   * Tells what a market index stands for: before its first row, and again whenever its description changes.
   * @param symbol the line that it is; left out = the one that its description gives
   */
  instrument(market: number, instrument: Instrument, symbol?: string): void;
  /** A place for one row of market data, to be filled in at once. Neither waits nor, as a rule, allocates. */
  row(table: MarketTable): RowPlace;
  bars(rows: readonly StoredBar[]): void;
  signals(rows: readonly SignalRow[]): void;
  proposals(rows: readonly StoredProposal[]): void;
  /** Resolves when the rows are on disk; rejects with StoreError when they can't be kept. */
  orders(rows: readonly OrderRow[]): Promise<void>;
  fills(rows: readonly FillRow[]): Promise<void>;
  deals(rows: readonly DealRow[]): Promise<void>;
  /** Verdicts, gates, links, notes and the run itself; each resolves when it is on disk. */
  verdicts(rows: readonly StoredVerdict[]): Promise<void>;
  /** @param told these are all the gates of calendar events that begin in this span: others of them are removed */
  newsGates(rows: readonly NewsGate[], told?: TimeSpan): Promise<void>;
  mappings(rows: readonly StoredMapping[]): Promise<void>;
  notes(rows: readonly StoredNote[]): Promise<void>;
  session(row: StoredSession): Promise<void>;
  /** A setting as it was put, or undefined; rejects with StoreError while the store can't be read. */
  settingGet(name: string): Promise<unknown>;
  /** @param value plain JSON; undefined takes the setting away */
  settingPut(name: string, value: unknown): Promise<void>;
  /** The latest bars of an instrument, oldest first, of any run; the market index in them is −1. */
  latestBars(key: InstrumentKey, count: number): Promise<readonly StoredBar[]>;
  /**
   * Takes in events of one source or several; each source's word on an event is kept apart, so none takes away what
   * another gave. Resolves when they are on disk.
   * @param told the source has told all of this span: others of its events there are removed
   */
  calendar(rows: readonly EconomicEvent[], told?: CalendarSpan): Promise<void>;
  /** Events in the order of time, each once: the latest word on it, with values that only an earlier one gave. */
  calendarBetween(question: CalendarQuestion): Promise<readonly EconomicEvent[]>;
  news(rows: readonly NewsItem[]): Promise<void>;
  /** Newest first. */
  latestNews(count: number): Promise<readonly NewsItem[]>;
  featuresBetween(question: FeatureQuestion): Promise<FeatureSeries>;
  /** At most `most` trades, the first ones of the stretch. */
  tradesBetween(question: RangeQuestion, most: number): Promise<TradeSeries>;
  /** Gates in force at a time. */
  gatesAt(us: number): Promise<readonly NewsGate[]>;
  /** What was decided about proposals, in the order of time. */
  decisionsBetween(fromUs: number, toUs: number): Promise<readonly Decision[]>;
  /**
   * Removes market rows and bars that are older than they are kept for; captures are not touched.
   * @param keepDays days by kind of rows, 0 = always
   * @returns what went, in a sentence; empty when nothing did
   */
  prune(keepDays: KeepDays, nowUs: number): Promise<string>;
  /** Writes what waits and closes. Rejects with StoreError when something could not be written. */
  close(): Promise<void>;
}
