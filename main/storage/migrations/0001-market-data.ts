import { type Kysely, sql } from 'kysely';

/**
 * Instruments, bars, features and settings. Times are integer microseconds since the epoch, prices decimal units, sizes
 * lots; absent is NULL.
 */
export async function makeMarketData(db: Kysely<unknown>): Promise<void> {
  const strict = sql`strict`;
  await db.schema
    .createTable('meta')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .modifyEnd(strict)
    .execute();
  await db.schema
    .createTable('instruments')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('venue', 'text', (column) => column.notNull())
    .addColumn('symbol', 'text', (column) => column.notNull())
    .addColumn('label', 'text', (column) => column.notNull())
    .addColumn('root', 'text')
    .addColumn('publisher_id', 'integer', (column) => column.notNull())
    .addColumn('venue_id', 'integer', (column) => column.notNull())
    .addColumn('tick_size', 'real', (column) => column.notNull())
    .addColumn('tick_source', 'text', (column) => column.notNull())
    .addColumn('multiplier', 'real', (column) => column.notNull())
    .addColumn('quote_currency', 'text', (column) => column.notNull())
    .addColumn('pip_size', 'real', (column) => column.notNull())
    .addColumn('calendar', 'text', (column) => column.notNull())
    .addUniqueConstraint('instruments_key', ['source', 'venue', 'symbol'])
    .modifyEnd(strict)
    .execute();
  await db.schema
    .createTable('bars')
    .addColumn('instrument_id', 'integer', (column) => column.notNull().references('instruments.id'))
    .addColumn('interval_us', 'integer', (column) => column.notNull())
    // Start of the bar in venue time.
    .addColumn('ts_event_us', 'integer', (column) => column.notNull())
    .addColumn('ts_recv_us', 'integer', (column) => column.notNull())
    .addColumn('open', 'real', (column) => column.notNull())
    .addColumn('high', 'real', (column) => column.notNull())
    .addColumn('low', 'real', (column) => column.notNull())
    .addColumn('close', 'real', (column) => column.notNull())
    .addColumn('price_source', 'text', (column) => column.notNull())
    .addColumn('volume', 'real', (column) => column.notNull())
    .addColumn('volume_type', 'text', (column) => column.notNull())
    .addColumn('delta', 'real', (column) => column.notNull())
    .addColumn('vwap', 'real')
    .addColumn('session_vwap', 'real')
    .addPrimaryKeyConstraint('bars_key', ['instrument_id', 'interval_us', 'ts_event_us'])
    .modifyEnd(sql`strict, without rowid`)
    .execute();
  let features = db.schema
    .createTable('features')
    .addColumn('instrument_id', 'integer', (column) => column.notNull().references('instruments.id'))
    .addColumn('ts_event_us', 'integer', (column) => column.notNull())
    .addColumn('ts_recv_us', 'integer', (column) => column.notNull());
  for (const name of FEATURE_COLUMNS) features = features.addColumn(name, 'real');
  await features
    .addPrimaryKeyConstraint('features_key', ['instrument_id', 'ts_recv_us'])
    .modifyEnd(sql`strict, without rowid`)
    .execute();
  await db.schema
    .createTable('settings')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .modifyEnd(strict)
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
