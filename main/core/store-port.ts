import type { EconomicEvent, Impact, NewsItem } from '../../shared/economic-calendar.ts';
import type { Instrument } from '../../shared/instruments.ts';
import type { DealRow, FillRow, OrderRow, Proposal, SignalRow } from '../../shared/trading.ts';
import type { Bar } from './ports.ts';

/** How an instrument is found again in later runs: where its data came from, where it trades, what it is called there. */
export interface InstrumentKey {
  /** `databento`, `simulated` …: data of different origin is never mixed. */
  readonly source: string;
  readonly venue: string;
  readonly symbol: string;
}

/** A closed one-minute bar of a market, with the time at which it was complete here. */
export interface StoredBar extends Bar {
  readonly market: number;
  /** Vendor receive time of the market's last event, µs. */
  readonly tsRecvUs: number;
}

/** The feature vector of a market at a moment; absent is NaN. */
export interface StoredFeatures {
  readonly market: number;
  readonly tsEventUs: number;
  readonly tsRecvUs: number;
  /** In the order of `FEATURES`; the store's to keep. */
  readonly vector: Float64Array;
}

/** One step in the life of a proposal. */
export interface StoredProposal {
  readonly proposal: Proposal;
  readonly event: 'proposed' | 'waiting' | 'confirmed' | 'dismissed' | 'expired' | 'refused';
  readonly atUs: number;
}

/** How the store is, for the health bar. */
export interface StoreState {
  readonly ok: boolean;
  /** What is wrong and what to do about it; "stored" when all is well. */
  readonly words: string;
  /** Rows that wait to be written. */
  readonly waitingRows: number;
  /** Market rows that were not kept because too many waited. */
  readonly droppedRows: number;
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
  /** Tells what a market index stands for: before its first row, and again whenever its description changes. */
  instrument(market: number, instrument: Instrument, source: string): void;
  bars(rows: readonly StoredBar[]): void;
  features(rows: readonly StoredFeatures[]): void;
  signals(rows: readonly SignalRow[]): void;
  proposals(rows: readonly StoredProposal[]): void;
  /** Resolves when the rows are on disk; rejects with StoreError when they can't be kept. */
  orders(rows: readonly OrderRow[]): Promise<void>;
  fills(rows: readonly FillRow[]): Promise<void>;
  deals(rows: readonly DealRow[]): Promise<void>;
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
  /** Writes what waits and closes. Rejects with StoreError when something could not be written. */
  close(): Promise<void>;
}
