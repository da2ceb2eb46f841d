import type Database from 'better-sqlite3';
import type { Statement } from 'better-sqlite3';
import { storableRow } from '../tables/storable.ts';
import { onConflict, type TableName, type TableRow } from '../tables/table-rows.ts';

/** Puts rows into tables with a key; what is there already is replaced. */
export class Upserts {
  readonly #connection: Database.Database;
  readonly #statements = new Map<TableName, Statement<[TableRow]>>();

  constructor(connection: Database.Database) {
    this.#connection = connection;
  }

  /** Rows of one table have the same columns. */
  put(table: TableName, rows: readonly TableRow[]): void {
    for (const row of rows) this.#statement(table, row).run(storableRow(row));
  }

  /** @returns the number of the instrument */
  putInstrument(row: TableRow): number {
    this.put('instruments', [row]);
    const find = this.#connection.prepare<unknown[], { id: number }>(
      'select id from instruments where provider = ? and venue = ? and symbol = ?',
    );
    return find.get(row['provider'], row['venue'], row['symbol'])!.id;
  }

  #statement(table: TableName, row: TableRow): Statement<[TableRow]> {
    const known = this.#statements.get(table);
    if (known !== undefined) return known;
    const columns = Object.keys(row);
    const values = columns.map((column) => `@${column}`);
    const statement = this.#connection.prepare<[TableRow]>(
      `insert into ${table} (${columns.join(', ')}) values (${values.join(', ')}) ${onConflict(table, columns)}`,
    );
    this.#statements.set(table, statement);
    return statement;
  }
}
