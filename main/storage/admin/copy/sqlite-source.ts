import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type Database from 'better-sqlite3';
import type { MarketTable } from '../../../core/store-port.ts';
import { StoreError } from '../../../core/store-port.ts';
import { migrationsFor } from '../../migrations.ts';
import { SQLITE } from '../../sql-dialect.ts';
import { daysFolder, storedDays } from '../../sqlite/day-files.ts';
import { readDay } from '../../sqlite/read-day.ts';
import { connect } from '../../sqlite/sqlite-connection.ts';
import { migrateSqlite } from '../../sqlite/sqlite-migrate.ts';
import { MARKET_TABLE_NAMES, MARKET_TABLES } from '../../tables/market-tables.ts';
import type { TableRow } from '../../tables/table-rows.ts';
import { sqliteRefusal } from '../sqlite-admin.ts';
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
/** Numbers in a stretch: wide tables have fewer rows in one. */
const STRETCH_VALUES = 400_000;

/**
 * The embedded database as a source. Each table of each day is read by the numbers that its rows got as they came, so a
 * copy that is made again later takes what came since, however late its time was.
 */
export class SqliteSource implements CopySource {
  readonly place: string;
  readonly identity: string;
  readonly #main: Database.Database;
  readonly #folder: string;

  private constructor(path: string, main: Database.Database, identity: string) {
    this.place = `the embedded database ${path}`;
    this.identity = identity;
    this.#main = main;
    this.#folder = daysFolder(path);
  }

  /** Opens it, brings its tables up to date and gives it an identity when it has none. @throws StoreError where there is none */
  static async open(path: string): Promise<SqliteSource> {
    const place = `the embedded database ${path}`;
    if (!existsSync(path)) throw new StoreError(`${place} is not there: there is nothing to copy`);
    let main: Database.Database | undefined;
    try {
      main = connect({ path, maxBytes: undefined }, 'full');
      await migrateSqlite(main, migrationsFor(SQLITE));
      main.prepare("insert into meta (name, value) values ('identity', ?) on conflict do nothing").run(randomUUID());
      const { value } = main
        .prepare<unknown[], { value: string }>("select value from meta where name = 'identity'")
        .get()!;
      return new SqliteSource(path, main, value);
    } catch (error) {
      main?.close();
      throw sqliteRefusal(error, place);
    }
  }

  async instruments(): Promise<readonly CopiedInstrument[]> {
    const rows = this.#main.prepare<unknown[], TableRow>('select * from instruments order by id').all();
    return rows.map(({ id, ...row }) => ({ id: Number(id), row }));
  }

  async batches(): Promise<readonly TableRow[]> {
    return this.#main.prepare<unknown[], TableRow>("select * from batches where writer not like 'copy %'").all();
  }

  async *keyed(table: KeyedTable, columns: readonly string[]): AsyncGenerator<readonly TableRow[], void, undefined> {
    let rows: TableRow[] = [];
    const all = this.#main.prepare<unknown[], TableRow>(`select ${columns.join(', ')} from ${table}`);
    for (const row of all.iterate()) {
      rows.push(row);
      if (rows.length < KEYED_AT_ONCE) continue;
      yield rows;
      rows = [];
    }
    if (rows.length > 0) yield rows;
  }

  async remaining(notes: CopyNotes): Promise<number> {
    let rows = 0;
    for (const { date } of storedDays(this.#folder)) {
      readDay(this.#folder, date, (day) => {
        for (const table of MARKET_TABLE_NAMES) {
          rows += Math.max(0, lastRow(day, table) - (notes.get(copyWriter(this.identity, table, date)) ?? 0));
        }
      });
    }
    return rows;
  }

  async *stretches(table: MarketTable, notes: CopyNotes): AsyncGenerator<Stretch, void, undefined> {
    const { width } = MARKET_TABLES[table];
    const most = Math.floor(STRETCH_VALUES / width);
    const text = `select rowid, ${blockColumns(table)} from ${table} where rowid > ? order by rowid limit ${most}`;
    for (const { date } of storedDays(this.#folder)) {
      const writer = copyWriter(this.identity, table, date);
      for (let last = notes.get(writer) ?? 0; ; ) {
        const rows = readDay(this.#folder, date, (day) =>
          day.prepare<unknown[], (number | null)[]>(text).raw().all(last),
        );
        if (rows.length === 0) break;
        last = rows.at(-1)![0]!;
        const values = new Float64Array(rows.length * width);
        let at = 0;
        for (const row of rows) for (let index = 1; index <= width; index++) values[at++] = row[index] ?? Number.NaN;
        yield { table, writer, last, blocks: [{ table, rows: rows.length, values }], rows: rows.length };
      }
    }
  }

  async marketTotals(table: MarketTable): Promise<TableTotals> {
    return sqliteMarketTotals(this.#folder, table);
  }

  async keyedTotals(table: KeyedTable, columns: readonly TotalledColumn[]): Promise<TableTotals> {
    return sqliteKeyedTotals(this.#main, table, columns);
  }

  inWords(error: unknown): Error {
    return sqliteRefusal(error, this.place);
  }

  async close(): Promise<void> {
    this.#main.close();
  }
}

/** Totals of a market table over all days. */
export function sqliteMarketTotals(folder: string, table: MarketTable): TableTotals {
  const columns = marketColumns(table);
  const rows: TotalsRow[] = [];
  for (const { date } of storedDays(folder)) {
    rows.push(
      ...readDay(folder, date, (day) => day.prepare<unknown[], TotalsRow>(totalsSql(SQLITE, table, columns)).all()),
    );
  }
  return totalsOf(rows, columns);
}

export function sqliteKeyedTotals(
  main: Database.Database,
  table: KeyedTable,
  columns: readonly TotalledColumn[],
): TableTotals {
  return totalsOf(main.prepare<unknown[], TotalsRow>(totalsSql(SQLITE, table, columns)).all(), columns);
}

function lastRow(day: Database.Database, table: MarketTable): number {
  return day.prepare<unknown[], { n: number }>(`select coalesce(max(rowid), 0) as n from ${table}`).get()!.n;
}

/** One column for each place of a block's row; nanoseconds in two parts, which a double holds. */
function blockColumns(table: MarketTable): string {
  const columns = MARKET_TABLES[table].fields.map(({ kind, name }) => {
    if (kind === 'instant') return `${name}_ns / 1000, ${name}_ns % 1000`;
    if (kind === 'moment') return `${name}_us`;
    return kind === 'letter' ? `unicode(${name})` : name;
  });
  return columns.join(', ');
}
