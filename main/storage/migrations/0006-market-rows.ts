import { type Kysely, sql } from 'kysely';
import { HOUR_US } from '../../../shared/units.ts';
import { tradingDayAt } from '../../core/calendar/trading-day.ts';
import { partitionDdl } from '../postgres/partitions.ts';
import { POSTGRES, type SqlDialect } from '../sql-dialect.ts';
import {
  editionOfLicense,
  LICENSE_QUESTION,
  type LicenseColumns,
  type TimescaleEdition,
} from '../timescale-edition.ts';

/** Columns that every table of market rows begins with. */
function headColumns(dialect: SqlDialect): string[] {
  const { whole } = dialect;
  return [
    `instrument_id ${whole} not null`,
    ...instant(dialect, 'provider_event', 'not null'),
    ...instant(dialect, 'vendor_receive', ''),
    ...moment(dialect, 'local_receive'),
    `sequence ${whole}`,
  ];
}

/** A time with its nanoseconds. Postgres stores both, since a hypertable is parted by a column that is stored. */
function instant(dialect: SqlDialect, name: string, presence: string): string[] {
  return dialect.name === 'postgres'
    ? [`${name}_ts timestamptz ${presence}`, `${name}_ns bigint ${presence}`]
    : [`${name}_ns integer ${presence}`, dialect.shownTime(`${name}_ts`, `${name}_ns / 1000`)];
}

function moment(dialect: SqlDialect, name: string): string[] {
  return [`${name}_us ${dialect.whole} not null`, dialect.shownTime(`${name}_ts`, `${name}_us`)];
}

const LEVELS = 10;

function bookColumns(decimal: string): string[] {
  const levels = Array.from({ length: LEVELS }, (_, level) =>
    ['bid_px', 'ask_px', 'bid_sz', 'ask_sz', 'bid_ct', 'ask_ct'].map((name) => `${name}_0${level} ${decimal}`),
  );
  return [...['best_bid', 'best_ask', 'mid', 'spread'].map((name) => `${name} ${decimal}`), ...levels.flat()];
}

const FEATURE_COLUMNS = [
  ...[
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
  ],
  ...['unsided_volume', 'signed_volume5s', 'intensity_fast', 'intensity_slow', 'intensity_ratio', 'cta_bid', 'cta_ask'],
  ...['volatility1m', 'vwap'],
];

/** Each table with its own columns, how it is found by time, and how long a chunk of it is where Timescale keeps it. */
function tables({ whole, decimal }: SqlDialect): readonly MarketTableDdl[] {
  const book = bookColumns(decimal);
  const trade = [`price ${decimal} not null`, `size ${decimal} not null`, 'side text'];
  const half = '30 minutes';
  return [
    {
      name: 'cme_mbp10_events',
      own: [
        ...['action text', 'side text', `depth ${whole}`, `price ${decimal}`],
        ...[`size ${whole}`, `flags ${whole}`, `ts_in_delta ${whole}`],
      ],
      index: 'none',
      chunk: half,
    },
    { name: 'cme_mbp10_book', own: book, index: 'time', chunk: half },
    { name: 'cme_trades', own: trade, index: 'time', chunk: '1 day' },
    {
      name: 'ig_spot_ticks',
      own: ['bid', 'ask', 'mid', 'spread', 'bid_size', 'ask_size'].map((name) => `${name} ${decimal}`),
      index: 'time',
      chunk: '1 day',
    },
    { name: 'crypto_book', own: book, index: 'time', chunk: '1 day' },
    { name: 'crypto_trades', own: trade, index: 'time', chunk: '1 day' },
    { name: 'features', own: FEATURE_COLUMNS.map((name) => `${name} ${decimal}`), index: 'instrument', chunk: '1 day' },
  ];
}

interface MarketTableDdl {
  readonly name: string;
  readonly own: readonly string[];
  readonly index: 'none' | 'time' | 'instrument';
  readonly chunk: string;
}

/**
 * Tables of market data that comes in masses, as a day of SQLite has them. None has a key: a batch arrives once, whole.
 * Depth events are scanned, not looked up: an index of their time would cost a third of what they take.
 */
export async function makeMarketRows(db: Kysely<unknown>, dialect: SqlDialect): Promise<void> {
  for (const { name, own, index } of tables(dialect)) {
    const columns = [...headColumns(dialect), ...own].join(', ');
    await sql.raw(`create table ${name} (${columns}) strict`).execute(db);
    if (index === 'none') continue;
    await sql.raw(`create index ${name}_found on ${name} (instrument_id, provider_event_ns)`).execute(db);
    if (index === 'time') await sql.raw(`create index ${name}_at on ${name} (provider_event_ts)`).execute(db);
  }
}

/** What the numbers of instruments in a day's file mean, so that it can be read without the database that it was made beside. */
export async function makeDayInstruments(db: Kysely<unknown>): Promise<void> {
  await sql`create table instruments (id integer primary key, provider text not null, symbol text not null,
    label text not null, venue text not null, tick_size real not null, quote_currency text not null) strict`.execute(
    db,
  );
}

/** Features of an embedded database wait under another name until they are brought into the files of their days. */
export async function setFeaturesAside(db: Kysely<unknown>): Promise<void> {
  await sql`alter table features rename to features_before`.execute(db);
}

/**
 * The same in Postgres: hypertables where the Timescale extension is in the database, else tables that are parted by days,
 * which the writer makes as it needs them. Features that an earlier version stored are taken over.
 */
export async function makePostgresMarketRows(db: Kysely<unknown>): Promise<void> {
  const edition = await timescaleOf(db);
  await setFeaturesAside(db);
  for (const { name, own, index, chunk } of tables(POSTGRES)) {
    const columns = [...headColumns(POSTGRES), ...own].join(', ');
    const parted = edition === 'none' ? ' partition by range (provider_event_ts)' : '';
    await sql.raw(`create table ${name} (${columns})${parted}`).execute(db);
    if (edition !== 'none') {
      await sql`select create_hypertable(${name}, by_range('provider_event_ts', ${chunk}::interval), create_default_indexes => false)`.execute(
        db,
      );
    }
    const method = index === 'none' ? 'using brin (provider_event_ts)' : '(provider_event_ts)';
    await sql.raw(`create index ${name}_at on ${name} ${method}`).execute(db);
    if (index === 'instrument')
      await sql.raw(`create index ${name}_found on ${name} (instrument_id, provider_event_ts)`).execute(db);
    if (edition === 'community' && name.startsWith('cme_mbp10')) {
      await sql
        .raw(
          `alter table ${name} set (timescaledb.compress, timescaledb.compress_segmentby = 'instrument_id',
           timescaledb.compress_orderby = 'provider_event_ts')`,
        )
        .execute(db);
      await sql`select add_compression_policy(${name}, interval '30 minutes')`.execute(db);
    }
  }
  await takeFeaturesOver(db, edition === 'none');
}

async function takeFeaturesOver(db: Kysely<unknown>, parted: boolean): Promise<void> {
  if (parted) {
    const { rows } = await sql<{ us: number }>`
      select distinct ts_event_us - ts_event_us % ${HOUR_US} as us from features_before`.execute(db);
    for (const { us } of rows) await sql.raw(partitionDdl('features', tradingDayAt(Number(us))).join('; ')).execute(db);
  }
  const list = FEATURE_COLUMNS.join(', ');
  await sql
    .raw(
      `insert into features (instrument_id, provider_event_ts, provider_event_ns, vendor_receive_ts, vendor_receive_ns,
         local_receive_us, ${list})
       select instrument_id, to_timestamp(ts_event_us / 1000000.0::float8), ts_event_us * 1000,
         to_timestamp(ts_recv_us / 1000000.0::float8), ts_recv_us * 1000, ts_recv_us, ${list} from features_before`,
    )
    .execute(db);
  await sql`drop table features_before`.execute(db);
}

/** Which Timescale the database has. */
export async function timescaleOf(db: Kysely<unknown>): Promise<TimescaleEdition> {
  const { rows } = await sql.raw<LicenseColumns>(LICENSE_QUESTION).execute(db);
  return editionOfLicense(rows[0]!);
}
