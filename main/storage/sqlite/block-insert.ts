import type Database from 'better-sqlite3';
import type { Statement } from 'better-sqlite3';
import type { MarketTable } from '../../core/store-port.ts';
import { HEAD, MARKET_TABLES, type MarketField } from '../tables/market-tables.ts';
import type { RowBlock } from '../tables/row-block.ts';
import type { Column } from '../tables/table-rows.ts';

/** Rows in one statement: beyond these, a longer statement gains nothing. */
const ROWS_AT_ONCE = 32;

/** Columns of a field that are written; the times beside them are shown by the table itself. */
export function writtenColumn({ kind, name }: MarketField): string {
  if (kind === 'instant') return `${name}_ns`;
  return kind === 'moment' ? `${name}_us` : name;
}

/** Puts blocks of a table's rows into a connection's database, within a transaction of the caller's. */
export class BlockInsert {
  readonly #fields: readonly MarketField[];
  readonly #width: number;
  readonly #many: Statement<[Column[]]>;
  readonly #one: Statement<[Column[]]>;
  readonly #parameters: Column[] = [];

  constructor(connection: Database.Database, table: MarketTable) {
    const { fields, width } = MARKET_TABLES[table];
    this.#fields = fields;
    this.#width = width;
    // Numbers are bound as doubles, in which nanoseconds have no room: they are made from two.
    const nanos = 'cast(? as integer) * 1000 + cast(? as integer)';
    const places = fields.map(({ kind }) => (kind === 'instant' ? nanos : '?'));
    const row = `(${places.join(', ')})`;
    const head = `insert into ${table} (${fields.map(writtenColumn).join(', ')}) values `;
    this.#one = connection.prepare<[Column[]]>(head + row);
    this.#many = connection.prepare<[Column[]]>(head + new Array(ROWS_AT_ONCE).fill(row).join(', '));
  }

  /** @param idOf number of the stored instrument of a market index */
  run(block: RowBlock, idOf: (market: number) => number): void {
    let row = 0;
    while (row < block.rows) {
      const rows = block.rows - row >= ROWS_AT_ONCE ? ROWS_AT_ONCE : 1;
      const parameters = this.#parameters;
      parameters.length = 0;
      for (const end = row + rows; row < end; row++) this.#bind(block.values, row * this.#width, idOf);
      (rows === 1 ? this.#one : this.#many).run(parameters);
    }
  }

  #bind(values: Float64Array, start: number, idOf: (market: number) => number): void {
    const parameters = this.#parameters;
    const fields = this.#fields;
    parameters.push(idOf(values[start + HEAD.MARKET]!));
    let at = start + 1;
    for (let index = 1; index < fields.length; index++) {
      const value = values[at++]!;
      const { kind } = fields[index]!;
      if (kind === 'letter') parameters.push(value > 0 ? String.fromCharCode(value) : null);
      // Adding zero makes −0 a plain 0.
      else parameters.push(Number.isNaN(value) ? null : value + 0);
      if (kind === 'instant') {
        const nano = values[at++]!;
        parameters.push(Number.isNaN(nano) ? null : nano);
      }
    }
  }
}
