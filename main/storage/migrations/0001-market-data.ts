import type { Kysely } from 'kysely';
import type { SqlDialect } from '../sql-dialect.ts';

/**
 * Instruments, bars, features and settings. Times are integer microseconds since the epoch, prices decimal units, sizes
 * lots; absent is NULL.
 */
export async function makeMarketData(
  db: Kysely<unknown>,
  { whole, decimal, numbered, tableEnd, keyOrderedEnd }: SqlDialect,
): Promise<void> {
  await db.schema
    .createTable('meta')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute();
  await db.schema
    .createTable('instruments')
    .addColumn('id', whole, numbered)
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('venue', 'text', (column) => column.notNull())
    .addColumn('symbol', 'text', (column) => column.notNull())
    .addColumn('label', 'text', (column) => column.notNull())
    .addColumn('root', 'text')
    .addColumn('publisher_id', whole, (column) => column.notNull())
    .addColumn('venue_id', whole, (column) => column.notNull())
    .addColumn('tick_size', decimal, (column) => column.notNull())
    .addColumn('tick_source', 'text', (column) => column.notNull())
    .addColumn('multiplier', decimal, (column) => column.notNull())
    .addColumn('quote_currency', 'text', (column) => column.notNull())
    .addColumn('pip_size', decimal, (column) => column.notNull())
    .addColumn('calendar', 'text', (column) => column.notNull())
    .addUniqueConstraint('instruments_key', ['source', 'venue', 'symbol'])
    .modifyEnd(tableEnd)
    .execute();
  await db.schema
    .createTable('bars')
    .addColumn('instrument_id', whole, (column) => column.notNull().references('instruments.id'))
    .addColumn('interval_us', whole, (column) => column.notNull())
    // Start of the bar in venue time.
    .addColumn('ts_event_us', whole, (column) => column.notNull())
    .addColumn('ts_recv_us', whole, (column) => column.notNull())
    .addColumn('open', decimal, (column) => column.notNull())
    .addColumn('high', decimal, (column) => column.notNull())
    .addColumn('low', decimal, (column) => column.notNull())
    .addColumn('close', decimal, (column) => column.notNull())
    .addColumn('price_source', 'text', (column) => column.notNull())
    .addColumn('volume', decimal, (column) => column.notNull())
    .addColumn('volume_type', 'text', (column) => column.notNull())
    .addColumn('delta', decimal, (column) => column.notNull())
    .addColumn('vwap', decimal)
    .addColumn('session_vwap', decimal)
    .addPrimaryKeyConstraint('bars_key', ['instrument_id', 'interval_us', 'ts_event_us'])
    .modifyEnd(keyOrderedEnd)
    .execute();
  let features = db.schema
    .createTable('features')
    .addColumn('instrument_id', whole, (column) => column.notNull().references('instruments.id'))
    .addColumn('ts_event_us', whole, (column) => column.notNull())
    .addColumn('ts_recv_us', whole, (column) => column.notNull());
  for (const name of FEATURE_COLUMNS) features = features.addColumn(name, decimal);
  await features
    .addPrimaryKeyConstraint('features_key', ['instrument_id', 'ts_recv_us'])
    .modifyEnd(keyOrderedEnd)
    .execute();
  await db.schema
    .createTable('settings')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute();
}

/** As they were when this table was made; later features come with later migrations. */
const FEATURE_COLUMNS = [
  'mid',
  'spread',
  'microprice',
  'qi1',
  'qi5',
  'qi10',
  'ofi',
  'ofi1s',
  'ofi5s',
  'mlofi',
  'mlofi5s',
  'cvd',
  'volume',
  'unsided_volume',
  'signed_volume5s',
  'intensity_fast',
  'intensity_slow',
  'intensity_ratio',
  'cta_bid',
  'cta_ask',
  'volatility1m',
  'vwap',
];
