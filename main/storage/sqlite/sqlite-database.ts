import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type Database from 'better-sqlite3';
import type { Statement } from 'better-sqlite3';
import type { InstrumentKey, StoredBar } from '../../core/store-port.ts';
import { migrationsFor } from '../migrations.ts';
import { SQLITE } from '../sql-dialect.ts';
import type { InstrumentBinding, SqliteWorkerData, StoreBatch } from '../store-batch.ts';
import {
  type BarColumns,
  barOf,
  barRow,
  dealRow,
  featureRow,
  fillRow,
  instrumentRow,
  type KnownInstrument,
  onConflict,
  orderRow,
  proposalRow,
  type RowContext,
  settingRow,
  signalRow,
  type TableName,
  type TableRow,
} from '../table-rows.ts';
import { CalendarTables } from './calendar-tables.ts';
import { connect, transaction } from './sqlite-connection.ts';
import { migrateSqlite } from './sqlite-migrate.ts';

/** Files of one database. */
const SUFFIXES = ['', '-wal', '-shm'] as const;

/**
 * The embedded database, synchronous, for the worker alone. Two connections to one file in WAL mode: market data commits
 * with `synchronous=NORMAL`, orders, fills, deals, settings, calendar and news with FULL, so that they outlive a power cut.
 */
export class SqliteDatabase {
  /** Events and headlines. */
  readonly calendar: CalendarTables;
  readonly #market: Database.Database;
  readonly #trade: Database.Database;
  readonly #context: RowContext;
  readonly #instruments = new Map<number, KnownInstrument>();
  readonly #statements = new Map<TableName, Statement<[TableRow]>>();

  private constructor(market: Database.Database, trade: Database.Database, data: SqliteWorkerData) {
    this.#market = market;
    this.#trade = trade;
    this.calendar = new CalendarTables(trade);
    this.#context = {
      runId: data.runId,
      account: data.account,
      instrumentOf: (index) => {
        const known = this.#instruments.get(index);
        if (known === undefined) throw new Error(`store: market ${index} was never described`);
        return known;
      },
    };
  }

  /** Opens or makes the database and brings its tables up to date. Throws what SQLite throws, and NewerSchemaError. */
  static async open(data: SqliteWorkerData, migrations = migrationsFor(SQLITE)): Promise<SqliteDatabase> {
    mkdirSync(dirname(data.path), { recursive: true });
    const market = connect(data, 'normal');
    try {
      await migrateSqlite(market, migrations);
      checkAfterCrash(market);
      return new SqliteDatabase(market, connect(data, 'full'), data);
    } catch (error) {
      market.close();
      throw error;
    }
  }

  /** Writes a batch: market rows in one transaction, trading rows in another that is on disk when this returns. */
  write(batch: StoreBatch): void {
    const context = this.#context;
    const { bars, features, signals, proposals, orders, fills, deals, settings } = batch;
    transaction(this.#market, () => {
      this.bind(batch.instruments);
      this.#put(this.#market, 'bars', bars, (row) => barRow(row, context));
      this.#put(this.#market, 'features', features, (row) => featureRow(row, context));
      this.#put(this.#market, 'signals', signals, (row) => signalRow(row, context));
      this.#put(this.#market, 'proposals', proposals, (row) => proposalRow(row, context));
    });
    for (const { rows, told } of batch.calendar) this.calendar.tell(rows, told);
    this.calendar.tellNews(batch.news);
    if (orders.length + fills.length + deals.length + settings.length === 0) return;
    transaction(this.#trade, () => {
      this.#put(this.#trade, 'orders', orders, (row) => orderRow(row, context));
      this.#put(this.#trade, 'fills', fills, (row) => fillRow(row, context));
      this.#put(this.#trade, 'deals', deals, (row) => dealRow(row, context));
      for (const { name } of settings.filter(({ value }) => value === null)) {
        this.#trade.prepare('delete from settings where name = ?').run(name);
      }
      const kept = settings.filter(({ value }) => value !== null);
      this.#put(this.#trade, 'settings', kept, settingRow);
    });
  }

  /** Tells what market indexes stand for; the same instrument keeps its row. */
  bind(bindings: readonly InstrumentBinding[]): void {
    for (const binding of bindings) {
      const { instrument, source } = binding;
      this.#put(this.#market, 'instruments', [binding], instrumentRow);
      const { id } = this.#market
        .prepare<unknown[], { id: number }>('select id from instruments where source = ? and venue = ? and symbol = ?')
        .get(source, instrument.venue, instrument.rawSymbol)!;
      this.#instruments.set(binding.market, { id, instrument });
    }
  }

  /** JSON text of a setting. */
  setting(name: string): string | undefined {
    return this.#trade.prepare<unknown[], { value: string }>('select value from settings where name = ?').get(name)
      ?.value;
  }

  latestBars({ source, venue, symbol }: InstrumentKey, count: number): StoredBar[] {
    const rows = this.#market
      .prepare<unknown[], BarColumns>(
        `select bars.* from bars join instruments on instruments.id = instrument_id
         where source = ? and venue = ? and symbol = ? order by ts_event_us desc limit ?`,
      )
      .all(source, venue, symbol, count);
    return rows.reverse().map(barOf);
  }

  /** Notes that the file was closed in order, and folds the log into it. */
  close(): void {
    try {
      noteInUse(this.#market, false);
    } finally {
      this.abandon();
    }
  }

  /** Lets go of the files as they are: of a damaged database nothing more is written. */
  abandon(): void {
    this.#trade.close();
    this.#market.close();
  }

  #put<Row>(
    connection: Database.Database,
    table: TableName,
    rows: readonly Row[],
    columns: (row: Row) => TableRow,
  ): void {
    for (const row of rows) {
      const values = columns(row);
      let statement = this.#statements.get(table);
      if (statement === undefined) {
        statement = connection.prepare<[TableRow]>(upsertSql(table, Object.keys(values)));
        this.#statements.set(table, statement);
      }
      statement.run(values);
    }
  }
}

/** Renames the files of a damaged database out of the way; gives the new name without its folder. */
export function setAside(path: string): string {
  let n = 1;
  while (existsSync(`${path}.damaged-${n}`)) n++;
  for (const suffix of SUFFIXES) {
    if (existsSync(path + suffix)) renameSync(path + suffix, `${path}.damaged-${n}${suffix}`);
  }
  return `${basename(path)}.damaged-${n}`;
}

/** Looks the whole file over when it was not closed in order. Throws SQLITE_CORRUPT where it finds damage. */
function checkAfterCrash(connection: Database.Database): void {
  const inUse = connection.prepare("select 1 from meta where name = 'in_use'").get() !== undefined;
  if (inUse) {
    const found = connection.pragma('quick_check(1)', { simple: true });
    if (found !== 'ok') throw Object.assign(new Error(String(found)), { code: 'SQLITE_CORRUPT' });
  }
  noteInUse(connection, true);
}

function noteInUse(connection: Database.Database, inUse: boolean): void {
  if (inUse) connection.exec("insert or replace into meta (name, value) values ('in_use', 'yes')");
  else connection.exec("delete from meta where name = 'in_use'");
}

function upsertSql(table: TableName, columns: readonly string[]): string {
  return `insert into ${table} (${columns.join(', ')}) values (${columns.map((column) => `@${column}`).join(', ')}) ${onConflict(table, columns)}`;
}
