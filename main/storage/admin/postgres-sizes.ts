import type { Client } from 'pg';
import { HOUR_US } from '../../../shared/units.ts';
import { editionOf } from '../postgres/postgres-setup.ts';
import { MARKET_TABLES } from '../tables/market-tables.ts';
import { perHour } from './sqlite-sizes.ts';
import type { TableSize } from './store-admin.ts';

/** Rows up to which a table is counted. */
const COUNTED = 200_000;
const GROWTH = '24 hours';

interface PlainSize {
  readonly name: string;
  /** By the statistics of the server; −1 where it has none yet. */
  readonly rows: number;
  readonly bytes: number;
}

/** Each table with all its parts. */
const PLAIN_SIZES = `
  with recursive tables as (
    select oid, relname::text as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and not relispartition
      and relname not like 'kysely%'
  ), parts as (
    select name, oid from tables union all select name, inhrelid from parts join pg_inherits on inhparent = parts.oid
  )
  select name, sum(greatest(reltuples, 0))::bigint as rows, sum(pg_total_relation_size(pg_class.oid))::bigint as bytes
  from parts join pg_class using (oid) group by name order by name`;

const HYPERTABLES = `
  select hypertable_name::text as name, approximate_row_count(format('%I.%I', hypertable_schema, hypertable_name)::regclass) as rows,
    hypertable_size(format('%I.%I', hypertable_schema, hypertable_name)::regclass) as bytes
  from timescaledb_information.hypertables where hypertable_schema = current_schema()`;

/** Sizes of all tables of the schema; market tables first. */
export async function postgresSizes(client: Client): Promise<readonly TableSize[]> {
  const edition = await editionOf(client);
  const { rows: plain } = await client.query<PlainSize>(PLAIN_SIZES);
  const hyper = new Map<string, PlainSize>();
  if (edition !== 'none') {
    for (const row of (await client.query<PlainSize>(HYPERTABLES)).rows) hyper.set(row.name, row);
  }
  const sizes: TableSize[] = [];
  for (const found of plain) {
    const { name, rows: estimated, bytes } = hyper.get(found.name) ?? found;
    const counted = estimated <= COUNTED && bytes < COUNTED * 1000;
    const rows = counted ? await count(client, name) : estimated;
    const compressed = edition === 'community' && hyper.has(name) ? await compressionOf(client, name) : undefined;
    const size = { table: name, rows, rowsExact: counted, bytes, bytesExact: true, compressed };
    sizes.push({ ...size, rowsPerHour: await growthOf(client, name) });
  }
  const rank = ({ table }: TableSize) => (table in MARKET_TABLES ? 0 : 1);
  return sizes.sort((a, b) => rank(a) - rank(b));
}

async function count(client: Client, table: string): Promise<number> {
  const { rows } = await client.query<{ n: number }>(`select count(*) as n from ${table}`);
  return rows[0]!.n;
}

async function compressionOf(client: Client, table: string): Promise<TableSize['compressed']> {
  const { rows } = await client.query<{ before: number | null; after: number | null }>(
    `select before_compression_total_bytes as before, after_compression_total_bytes as after
     from hypertable_compression_stats($1::regclass)`,
    [table],
  );
  const [stats] = rows;
  if (stats === undefined || stats.before === null || stats.after === null) return undefined;
  return { bytes: stats.after, beforeBytes: stats.before };
}

async function growthOf(client: Client, table: string): Promise<number | undefined> {
  const venueTime = table in MARKET_TABLES;
  if (!venueTime && table !== 'bars') return undefined;
  const us = venueTime ? '(extract(epoch from provider_event_ts) * 1000000)::bigint' : 'ts_event_us';
  const span = venueTime
    ? `provider_event_ts > (select max(provider_event_ts) from ${table}) - interval '${GROWTH}'`
    : `ts_event_us > (select max(ts_event_us) from ${table}) - ${24 * HOUR_US}`;
  const { rows } = await client.query<{ n: number; first: number | null; last: number | null }>(
    `select count(*) as n, min(${us}) as first, max(${us}) as last from ${table} where ${span}`,
  );
  const { n, first, last } = rows[0]!;
  return first === null || last === null ? undefined : perHour(n, last - first);
}
