import { finished } from 'node:stream/promises';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { CopyBuffer, storable, type TypedColumn } from './copy-buffer.ts';
import { KEYS, onConflict, type TableName, type TableRow } from './table-rows.ts';

/** Tables whose rows come in masses: they go through COPY. */
const COPIED = ['bars', 'features'] as const satisfies readonly TableName[];
type CopiedTable = (typeof COPIED)[number];

/** Puts rows into the tables of a connection; a row that is there already takes on the new values. */
export class PostgresRows {
  readonly #client: Client;
  readonly #types: ReadonlyMap<string, ReadonlyMap<string, string>>;

  private constructor(client: Client, types: ReadonlyMap<string, ReadonlyMap<string, string>>) {
    this.#client = client;
    this.#types = types;
  }

  /** Learns the columns of the tables, and makes the places in which copied rows wait within their transaction. */
  static async prepare(client: Client): Promise<PostgresRows> {
    const { rows } = await client.query<{ table_name: string; column_name: string; data_type: string }>(
      'select table_name, column_name, data_type from information_schema.columns where table_schema = current_schema()',
    );
    const types = new Map<string, Map<string, string>>();
    for (const { table_name, column_name, data_type } of rows) {
      const columns = types.get(table_name) ?? new Map<string, string>();
      types.set(table_name, columns.set(column_name, data_type));
    }
    await client.query(
      COPIED.map((table) => `create temporary table new_${table} (like ${table}) on commit delete rows`).join(';'),
    );
    return new PostgresRows(client, types);
  }

  /** Puts a few rows. */
  async put(table: TableName, rows: readonly TableRow[]): Promise<void> {
    if (rows.length === 0) return;
    const { text, values } = this.#insertion(table, rows);
    await this.#client.query(text, values);
  }

  /** Puts instruments and gives their ids, in any order. */
  async putInstruments(rows: readonly TableRow[]): Promise<readonly InstrumentId[]> {
    const { text, values } = this.#insertion('instruments', rows);
    const found = await this.#client.query<InstrumentId>(`${text} returning id, source, venue, symbol`, values);
    return found.rows;
  }

  /** Puts many rows. */
  async copy(table: CopiedTable, rows: readonly TableRow[]): Promise<void> {
    if (rows.length === 0) return;
    const kept = lastOfEachKey(table, rows);
    const columns = this.#columns(table, kept[0]!);
    const names = columns.map(({ name }) => name);
    const buffer = new CopyBuffer(columns);
    for (const row of kept) buffer.row(row);
    const stream = this.#client.query(copyFrom(`copy new_${table} (${names.join(', ')}) from stdin (format binary)`));
    stream.end(buffer.finish());
    await finished(stream);
    await this.#client.query(
      `insert into ${table} (${names.join(', ')}) select ${names.join(', ')} from new_${table} ${onConflict(table, names)}`,
    );
  }

  #insertion(table: TableName, rows: readonly TableRow[]): { text: string; values: unknown[] } {
    const kept = lastOfEachKey(table, rows);
    const columns = this.#columns(table, kept[0]!);
    const names = columns.map(({ name }) => name);
    const arrays = columns.map(({ type }, index) => `$${index + 1}::${type}[]`);
    return {
      text: `insert into ${table} (${names.join(', ')}) select * from unnest(${arrays.join(', ')}) ${onConflict(table, names)}`,
      values: names.map((name) => kept.map((row) => parameter(row[name] ?? null))),
    };
  }

  #columns(table: TableName, row: TableRow): TypedColumn[] {
    return Object.keys(row).map((name) => {
      const type = this.#types.get(table)?.get(name);
      if (type === undefined) throw new Error(`table ${table} has no column ${name}`);
      return { name, type };
    });
  }
}

interface InstrumentId {
  readonly id: number;
  readonly source: string;
  readonly venue: string;
  readonly symbol: string;
}

/** One statement may not change a row twice, so of rows with one key the last is kept. */
function lastOfEachKey(table: TableName, rows: readonly TableRow[]): readonly TableRow[] {
  const last = new Map<string, TableRow>();
  for (const row of rows) last.set(KEYS[table].map((name) => row[name]).join('\0'), row);
  return last.size === rows.length ? rows : Array.from(last.values());
}

/** A value as a parameter of a statement. */
export function parameter(value: number | string | null): number | string | null {
  if (typeof value === 'string') return storable(value);
  return Number.isNaN(value) ? null : value;
}
