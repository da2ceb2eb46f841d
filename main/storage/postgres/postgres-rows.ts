import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { MarketTable } from '../../core/store-port.ts';
import { MARKET_TABLES } from '../tables/market-tables.ts';
import type { RowBlock } from '../tables/row-block.ts';
import { storable } from '../tables/storable.ts';
import { type Column, KEYS, onConflict, type TableName, type TableRow } from '../tables/table-rows.ts';
import { CopyBuffer, columnsOf, type TypedColumn } from './copy-buffer.ts';

/** Tables with a key whose rows may come in masses. */
const COPIED = ['bars'] as const satisfies readonly TableName[];
type CopiedTable = (typeof COPIED)[number];

/** After rows that were there already, so many copies of their table don't try the straight way: more are to be expected. */
const DETOURS = 100;
const CHUNK_ROWS = 500;
const UNIQUE_VIOLATION = '23505';

/** Puts rows into the tables of a connection; a row that is there already takes on the new values. */
export class PostgresRows {
  readonly #client: Client;
  readonly #types: ReadonlyMap<string, ReadonlyMap<string, string>>;

  readonly #detours = new Map<CopiedTable, number>();

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

  /** Puts an instrument and gives its number. */
  async putInstrument(row: TableRow): Promise<number> {
    const { text, values } = this.#insertion('instruments', [row]);
    const { rows } = await this.#client.query<{ id: number }>(`${text} returning id`, values);
    return rows[0]!.id;
  }

  /**
   * Puts many rows, within a transaction. Market data is nearly always new, so it is copied straight into its table; where
   * a row is there already, that is undone and the rows go by way of a table of this connection's own.
   * @param values of a row in the order of the columns
   */
  async copy<Row>(
    table: CopiedTable,
    names: readonly string[],
    rows: readonly Row[],
    values: (row: Row) => readonly Column[],
  ): Promise<void> {
    const columns = this.#columns(table, names);
    const list = names.join(', ');
    const detour = this.#detours.get(table) ?? 0;
    if (detour > 0) this.#detours.set(table, detour - 1);
    else if (await this.#copiedStraight(`${table} (${list})`, columns, mapped(rows, values))) return;
    else this.#detours.set(table, DETOURS);
    const keys = KEYS[table].map((name) => names.indexOf(name));
    const last = new Map<string, readonly Column[]>();
    for (const row of mapped(rows, values)) last.set(keys.map((index) => row[index]).join('\0'), row);
    await this.#copyInto(`new_${table} (${list})`, columns, last.values());
    await this.#client.query(
      `insert into ${table} (${list}) select ${list} from new_${table} ${onConflict(table, names)}`,
    );
  }

  /** Copies blocks of a market table, within a transaction. @param idOf as in `CopyBuffer.rows` */
  async copyBlocks(table: MarketTable, blocks: readonly RowBlock[], idOf: (market: number) => number): Promise<void> {
    const names = columnsOf(MARKET_TABLES[table].fields);
    const columns = this.#columns(table, names);
    await this.#send(`${table} (${names.join(', ')})`, blockChunks(columns, blocks, idOf));
  }

  /** False, and nothing is changed, where one of the rows is there already. */
  async #copiedStraight(target: string, columns: TypedColumn[], rows: Iterable<readonly Column[]>): Promise<boolean> {
    await this.#client.query('savepoint straight');
    try {
      await this.#copyInto(target, columns, rows);
      await this.#client.query('release savepoint straight');
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code !== UNIQUE_VIOLATION) throw error;
      await this.#client.query('rollback to savepoint straight');
      return false;
    }
  }

  async #copyInto(target: string, columns: TypedColumn[], rows: Iterable<readonly Column[]>): Promise<void> {
    await this.#send(target, chunks(columns, rows));
  }

  async #send(target: string, bytes: Iterable<Buffer>): Promise<void> {
    await pipeline(bytes, this.#client.query(copyFrom(`copy ${target} from stdin (format binary)`)));
  }

  #insertion(table: TableName, rows: readonly TableRow[]): { text: string; values: unknown[] } {
    const kept = lastOfEachKey(table, rows);
    const columns = this.#columns(table, Object.keys(kept[0]!));
    const names = columns.map(({ name }) => name);
    const arrays = columns.map(({ type }, index) => `$${index + 1}::${type}[]`);
    return {
      text: `insert into ${table} (${names.join(', ')}) select * from unnest(${arrays.join(', ')}) ${onConflict(table, names)}`,
      values: names.map((name) => kept.map((row) => parameter(row[name] ?? null))),
    };
  }

  #columns(table: TableName | MarketTable, names: readonly string[]): TypedColumn[] {
    return names.map((name) => {
      const type = this.#types.get(table)?.get(name);
      if (type === undefined) throw new Error(`table ${table} has no column ${name}`);
      return { name, type };
    });
  }
}

function* mapped<From, To>(rows: readonly From[], make: (row: From) => To): Generator<To> {
  for (const row of rows) yield make(row);
}

/** The bytes of rows, in pieces: while the server takes in one, the next is made. */
function* chunks(columns: TypedColumn[], rows: Iterable<readonly Column[]>): Generator<Buffer> {
  const buffer = new CopyBuffer(columns);
  let count = 0;
  for (const row of rows) {
    buffer.row(row);
    if (++count % CHUNK_ROWS === 0) yield buffer.take();
  }
  yield buffer.finish();
}

function* blockChunks(
  columns: readonly TypedColumn[],
  blocks: readonly RowBlock[],
  idOf: (market: number) => number,
): Generator<Buffer> {
  const buffer = new CopyBuffer(columns);
  for (const block of blocks) {
    for (let row = 0; row < block.rows; row += CHUNK_ROWS) {
      buffer.rows(block, row, Math.min(block.rows, row + CHUNK_ROWS), idOf);
      yield buffer.take();
    }
  }
  yield buffer.finish();
}

/** One statement may not change a row twice, so of rows with one key the last is kept. */
function lastOfEachKey(table: TableName, rows: readonly TableRow[]): readonly TableRow[] {
  const last = new Map<string, TableRow>();
  for (const row of rows) last.set(KEYS[table].map((name) => row[name]).join('\0'), row);
  return last.size === rows.length ? rows : Array.from(last.values());
}

/** A value as a parameter of a statement. */
export function parameter(value: Column): Column {
  if (typeof value === 'string') return storable(value);
  return Number.isNaN(value) ? null : value;
}
