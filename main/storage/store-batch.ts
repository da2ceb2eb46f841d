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
