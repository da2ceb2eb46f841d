import type { MarketTable } from '../../core/store-port.ts';
import { FEATURE_COLUMNS } from './feature-columns.ts';

/**
 * What stands in one or two places of a row and which columns it makes.
 * - `market`: a market index, stored as `instrument_id`
 * - `instant`: µs since the epoch and the 0…999 ns beyond, stored as a time and as whole nanoseconds
 * - `moment`: µs since the epoch, stored as a time and as whole microseconds
 * - `letter`: the code of a character, 0 or NaN for none
 * - `whole`, `real`: a number; NaN is absent
 */
export interface MarketField {
  readonly kind: 'market' | 'instant' | 'moment' | 'letter' | 'whole' | 'real';
  /** Column, or what is before `_ts`, `_ns` and `_us` in it. */
  readonly name: string;
}

/** How rows of a table lie in an array of numbers. */
export interface MarketTableForm {
  readonly table: MarketTable;
  readonly fields: readonly MarketField[];
  /** Numbers a row. */
  readonly width: number;
}

/** Places of what every row begins with. */
export const HEAD = {
  MARKET: 0,
  VENUE_US: 1,
  VENUE_NANO: 2,
  VENDOR_US: 3,
  VENDOR_NANO: 4,
  LOCAL_US: 5,
  SEQUENCE: 6,
  /** The first place of the row's own. */
  END: 7,
} as const;

const HEAD_FIELDS: readonly MarketField[] = [
  { kind: 'market', name: 'instrument_id' },
  { kind: 'instant', name: 'provider_event' },
  { kind: 'instant', name: 'vendor_receive' },
  { kind: 'moment', name: 'local_receive' },
  { kind: 'whole', name: 'sequence' },
];

const reals = (...names: readonly string[]): MarketField[] => names.map((name) => ({ kind: 'real', name }));

/** Levels of a stored book. */
export const BOOK_LEVELS = 10;
/** Columns of one level, with its number in two digits behind them, as Databento names them. */
export const LEVEL_COLUMNS = ['bid_px', 'ask_px', 'bid_sz', 'ask_sz', 'bid_ct', 'ask_ct'] as const;

const BOOK_FIELDS = reals(
  ...['best_bid', 'best_ask', 'mid', 'spread'],
  ...Array.from({ length: BOOK_LEVELS }, (_, level) =>
    LEVEL_COLUMNS.map((name) => `${name}_${String(level).padStart(2, '0')}`),
  ).flat(),
);
const TRADE_FIELDS: readonly MarketField[] = [...reals('price', 'size'), { kind: 'letter', name: 'side' }];
const EVENT_FIELDS: readonly MarketField[] = [
  { kind: 'letter', name: 'action' },
  { kind: 'letter', name: 'side' },
  { kind: 'whole', name: 'depth' },
  { kind: 'real', name: 'price' },
  { kind: 'whole', name: 'size' },
  { kind: 'whole', name: 'flags' },
  { kind: 'whole', name: 'ts_in_delta' },
];

/** The tables of market rows; names and meanings of columns are Databento's where it has them. */
export const MARKET_TABLES: Readonly<Record<MarketTable, MarketTableForm>> = {
  cme_mbp10_events: form('cme_mbp10_events', EVENT_FIELDS),
  cme_mbp10_book: form('cme_mbp10_book', BOOK_FIELDS),
  cme_trades: form('cme_trades', TRADE_FIELDS),
  ig_spot_ticks: form('ig_spot_ticks', reals('bid', 'ask', 'mid', 'spread', 'bid_size', 'ask_size')),
  crypto_book: form('crypto_book', BOOK_FIELDS),
  crypto_trades: form('crypto_trades', TRADE_FIELDS),
  features: form('features', reals(...FEATURE_COLUMNS)),
};

export const MARKET_TABLE_NAMES = Object.keys(MARKET_TABLES) as readonly MarketTable[];

function form(table: MarketTable, own: readonly MarketField[]): MarketTableForm {
  const fields = [...HEAD_FIELDS, ...own];
  return { table, fields, width: fields.length + fields.filter(({ kind }) => kind === 'instant').length };
}
