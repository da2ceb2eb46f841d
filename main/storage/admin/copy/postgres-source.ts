import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { MINUTE_US } from '../../../../shared/units.ts';
import { type MarketTable, StoreError } from '../../../core/store-port.ts';
import { MIGRATION_NAMES } from '../../migrations.ts';
import type { PostgresAddress } from '../../postgres/postgres-address.ts';
import { connectPostgres } from '../../postgres/postgres-connection.ts';
import { placeOf, postgresRefusal } from '../../postgres/postgres-fault.ts';
import { reportPostgres } from '../../postgres/postgres-report.ts';
import { isoTime, POSTGRES } from '../../sql-dialect.ts';
import { MARKET_TABLE_NAMES } from '../../tables/market-tables.ts';
import type { RowBlock } from '../../tables/row-block.ts';
import type { TableRow } from '../../tables/table-rows.ts';
import { noTables } from '../store-admin.ts';
import { BlockDecoder, decodedColumns } from './block-decoder.ts';
import {
  type CopiedInstrument,
  type CopyNotes,
  type CopySource,
  copyWriter,
  type KeyedTable,
  type Stretch,
  type TableTotals,
  type TotalledColumn,
} from './copy-ends.ts';
import { marketColumns, type TotalsRow, totalsOf, totalsSql } from './totals.ts';

const KEYED_AT_ONCE = 2_000;
/** Venue time in one stretch; a part of a trading day. Depth comes in such masses that it has shorter ones. */
const SLICE_US: Readonly<Partial<Record<MarketTable, number>>> = { cme_mbp10_events: 2 * MINUTE_US };
const USUAL_SLICE_US = 10 * MINUTE_US;

/** A Postgres database as a source: market rows in slices of venue time, which no engine may write into meanwhile. */
export class PostgresSource implements CopySource {
  readonly place: string;
  readonly identity: string;
  readonly #address: PostgresAddress;
  readonly #client: Client;

  private constructor(address: PostgresAddress, client: Client, identity: string) {
    this.place = placeOf(address);
    this.identity = identity;
    this.#address = address;
    this.#client = client;
  }

  /** Connects, and gives the database an identity when it has none. @throws StoreError where it can't be copied */
  static async open(address: PostgresAddress): Promise<PostgresSource> {
    const { missingMigrations, trouble, place } = await reportPostgres(address);
    if (trouble === '' && missingMigrations.length === MIGRATION_NAMES.length) throw new StoreError(noTables(place));
    if (trouble === '' && missingMigrations.length > 0) {
      throw new StoreError(
        `${place}: ${missingMigrations.length} migrations are missing. \`fathom db migrate\` runs them.`,
      );
    }
    let client: Client | undefined;
    try {
      client = await connectPostgres(address, () => undefined);
      const { rows } = await client.query<{ value: string }>(
        `with made as (insert into meta (name, value) values ('identity', $1) on conflict do nothing returning value)
         select value from made union all select value from meta where name = 'identity'`,
        [randomUUID()],
      );
      return new PostgresSource(address, client, rows[0]!.value);
    } catch (error) {
      await client?.end().catch(() => undefined);
      throw new StoreError(postgresRefusal(error, address));
    }
  }

  async instruments(): Promise<readonly CopiedInstrument[]> {
    const { rows } = await this.#client.query<TableRow>('select * from instruments order by id');
    return rows.map(({ id, ...row }) => ({ id: Number(id), row }));
  }

  async batches(): Promise<readonly TableRow[]> {
    return (await this.#client.query<TableRow>("select * from batches where writer not like 'copy %'")).rows;
  }

  async *keyed(table: KeyedTable, columns: readonly string[]): AsyncGenerator<readonly TableRow[], void, undefined> {
    await this.#client.query('begin transaction read only');
    try {
      await this.#client.query(`declare keyed no scroll cursor for select ${columns.join(', ')} from ${table}`);
      const next = async () => (await this.#client.query<TableRow>(`fetch ${KEYED_AT_ONCE} from keyed`)).rows;
      for (let rows = await next(); rows.length > 0; rows = await next()) yield rows;
    } finally {
      await this.#client.query('rollback');
    }
  }

  async remaining(notes: CopyNotes): Promise<number> {
    let rows = 0;
    for (const table of MARKET_TABLE_NAMES) {
      const fromUs = this.#copiedTo(table, notes);
      const { rows: plan } = await this.#client.query<{ 'QUERY PLAN': readonly [{ Plan: { 'Plan Rows': number } }] }>(
        `explain (format json) select 1 from ${table} where provider_event_ts >= '${isoTime(fromUs)}'::timestamptz`,
      );
      rows += plan[0]!['QUERY PLAN'][0].Plan['Plan Rows'];
    }
    return rows;
  }

  async *stretches(table: MarketTable, notes: CopyNotes): AsyncGenerator<Stretch, void, undefined> {
    const sliceUs = SLICE_US[table] ?? USUAL_SLICE_US;
    const writer = copyWriter(this.identity, table, '');
    const beginOf = (us: number) => us - (us % sliceUs);
    let next = await this.#firstFrom(table, this.#copiedTo(table, notes));
    for (let from = beginOf(next ?? 0); next !== undefined; ) {
      const blocks = await this.#slice(table, from, from + sliceUs);
      const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
      if (rows > 0) {
        yield { table, writer, last: from, blocks, rows };
        from += sliceUs;
      } else {
        // Weekends and nights are stepped over.
        next = await this.#firstFrom(table, from + sliceUs);
        from = beginOf(next ?? 0);
      }
    }
  }

  async marketTotals(table: MarketTable): Promise<TableTotals> {
    return postgresMarketTotals(this.#client, table);
  }

  async keyedTotals(table: KeyedTable, columns: readonly TotalledColumn[]): Promise<TableTotals> {
    return postgresTotals(this.#client, table, columns);
  }

  inWords(error: unknown): Error {
    return new StoreError(postgresRefusal(error, this.#address));
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }

  /** Where the slice begins that is to be copied next. */
  #copiedTo(table: MarketTable, notes: CopyNotes): number {
    const last = notes.get(copyWriter(this.identity, table, ''));
    return last === undefined ? 0 : last + (SLICE_US[table] ?? USUAL_SLICE_US);
  }

  async #firstFrom(table: MarketTable, fromUs: number): Promise<number | undefined> {
    const { rows } = await this.#client.query<{ us: number | null }>(
      `select (extract(epoch from min(provider_event_ts)) * 1000000)::bigint as us from ${table}
       where provider_event_ts >= $1::timestamptz`,
      [isoTime(fromUs)],
    );
    return rows[0]!.us ?? undefined;
  }

  async #slice(table: MarketTable, fromUs: number, toUs: number): Promise<readonly RowBlock[]> {
    const decoder = new BlockDecoder(table);
    const stream = this.#client.query(
      copyTo(
        `copy (select ${decodedColumns(table)} from ${table} where provider_event_ts >= '${isoTime(fromUs)}'
         and provider_event_ts < '${isoTime(toUs)}' order by provider_event_ns) to stdout (format binary)`,
      ),
    );
    for await (const piece of stream) decoder.take(piece as Buffer);
    return decoder.blocks();
  }
}

export async function postgresMarketTotals(client: Client, table: MarketTable): Promise<TableTotals> {
  return postgresTotals(client, table, marketColumns(table));
}

export async function postgresTotals(
  client: Client,
  table: string,
  columns: readonly TotalledColumn[],
): Promise<TableTotals> {
  const { rows } = await client.query<TotalsRow>(totalsSql(POSTGRES, table, columns));
  return totalsOf(rows, columns);
}
