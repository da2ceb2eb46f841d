import type { Client } from 'pg';
import { type MarketTable, StoreError } from '../../../core/store-port.ts';
import { noteBatch } from '../../postgres/batch-note.ts';
import { Partitions } from '../../postgres/partitions.ts';
import type { PostgresAddress } from '../../postgres/postgres-address.ts';
import { connectPostgres } from '../../postgres/postgres-connection.ts';
import { placeOf, postgresRefusal } from '../../postgres/postgres-fault.ts';
import { PostgresRows } from '../../postgres/postgres-rows.ts';
import { setupPostgres } from '../../postgres/postgres-setup.ts';
import { RowError } from '../../store-fault.ts';
import { MARKET_TABLE_NAMES } from '../../tables/market-tables.ts';
import type { TableRow } from '../../tables/table-rows.ts';
import {
  type CopiedInstrument,
  type CopyNotes,
  type CopyTarget,
  KEYED_TABLES,
  type KeyedTable,
  type Stretch,
  type TableTotals,
  type TotalledColumn,
} from './copy-ends.ts';
import { postgresMarketTotals, postgresTotals } from './postgres-source.ts';

/** A Postgres database as a target; what is missing of it is made. */
export class PostgresTarget implements CopyTarget {
  readonly place: string;
  readonly #address: PostgresAddress;
  readonly #client: Client;
  readonly #rows: PostgresRows;
  /** Partitions that are there; undefined where the tables are hypertables. */
  readonly #partitions: Partitions | undefined;
  #ids: ReadonlyMap<number, number> = new Map();

  private constructor(address: PostgresAddress, client: Client, rows: PostgresRows, parted: boolean) {
    this.place = placeOf(address);
    this.#address = address;
    this.#client = client;
    this.#rows = rows;
    this.#partitions = parted ? new Partitions(client) : undefined;
  }

  /** Sets the database up where that is needed, and connects. @param onWords told what had to be made @throws StoreError */
  static async open(address: PostgresAddress, onWords: (words: string) => void): Promise<PostgresTarget> {
    let client: Client | undefined;
    try {
      const { words, edition } = await setupPostgres(address);
      for (const line of words) onWords(line);
      client = await connectPostgres(address, () => undefined);
      return new PostgresTarget(address, client, await PostgresRows.prepare(client), edition === 'none');
    } catch (error) {
      await client?.end().catch(() => undefined);
      throw new StoreError(postgresRefusal(error, address));
    }
  }

  async holdsMarketRows(): Promise<boolean> {
    const any = MARKET_TABLE_NAMES.map((table) => `exists (select from ${table})`).join(' or ');
    const { rows } = await this.#client.query<{ found: boolean }>(`select ${any} as found`);
    return rows[0]!.found;
  }

  async notes(prefix: string): Promise<CopyNotes> {
    const { rows } = await this.#client.query<{ writer: string; last: number }>(
      'select writer, last from batches where starts_with(writer, $1)',
      [prefix],
    );
    return new Map(rows.map(({ writer, last }) => [writer, last]));
  }

  async putInstruments(instruments: readonly CopiedInstrument[]): Promise<ReadonlyMap<number, number>> {
    const ids = new Map<number, number>();
    await this.#transaction('on', async () => {
      for (const { id, row } of instruments) ids.set(id, await this.#rows.putInstrument(row));
    });
    this.#ids = ids;
    return ids;
  }

  async columns(table: KeyedTable): Promise<readonly TotalledColumn[]> {
    const { rows } = await this.#client.query<{ name: string; type: string }>(
      `select column_name as name, data_type as type from information_schema.columns
       where table_schema = current_schema() and table_name = $1 and is_generated = 'NEVER' order by ordinal_position`,
      [table],
    );
    return rows.map(({ name, type }) => {
      return { name, kind: type === 'bigint' ? 'whole' : type === 'double precision' ? 'real' : 'text' };
    });
  }

  async put(table: KeyedTable, rows: readonly TableRow[]): Promise<void> {
    await this.#transaction('on', async () => {
      if (table !== 'bars') await this.#rows.put(table, rows);
      else await this.#rows.copy(table, Object.keys(rows[0]!), rows, (row) => Object.values(row));
    });
  }

  async putBatches(rows: readonly TableRow[]): Promise<void> {
    await this.#transaction('on', async () => {
      for (const { writer, last } of rows) await noteBatch(this.#client, writer, last);
    });
  }

  async putStretch({ table, blocks, writer, last }: Stretch): Promise<void> {
    const idOf = (id: number) => {
      const known = this.#ids.get(id);
      if (known === undefined) throw new RowError(`instrument ${id} is not among the instruments of the source`);
      return known;
    };
    // A crash of the server may take the last stretches back, and their notes with them.
    await this.#transaction('off', async () => {
      if (!(await noteBatch(this.#client, writer, last))) return;
      await this.#partitions?.make(blocks);
      await this.#rows.copyBlocks(table, blocks, idOf);
    });
  }

  async finish(): Promise<void> {
    for (const table of [...MARKET_TABLE_NAMES, ...KEYED_TABLES]) await this.#client.query(`analyze ${table}`);
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

  async #transaction(commit: 'on' | 'off', work: () => Promise<void>): Promise<void> {
    await this.#client.query(`begin; set local synchronous_commit = ${commit}`);
    try {
      await work();
      await this.#client.query('commit');
    } catch (error) {
      this.#partitions?.forget();
      await this.#client.query('rollback').catch(() => undefined);
      throw error;
    }
  }
}
