import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import type { KeepDays } from '../../core/store-port.ts';
import { migrationsFor } from '../migrations.ts';
import { SQLITE } from '../sql-dialect.ts';
import {
  isDurable,
  rowsIn,
  type SpooledBatch,
  type SqliteWorkerData,
  type StoreBatch,
  type StoreQuestion,
} from '../store-batch.ts';
import type { LeftOut, StoreDatabase } from '../store-database.ts';
import { faultOf } from '../store-fault.ts';

import { blocksByDay } from '../tables/blocks-by-day.ts';
import { InstrumentIds } from '../tables/instrument-ids.ts';
import { queryOf } from '../tables/questions.ts';
import type { PruneReport } from '../tables/retention.ts';
import type { RowContext } from '../tables/row-context.ts';
import { instrumentRow } from '../tables/table-rows.ts';
import { durableWrites, marketWrites, REMOVE_GATES, type TableWrite } from '../tables/table-writes.ts';
import { CalendarTables } from './calendar-tables.ts';
import { DayFiles, daysFolder } from './day-files.ts';
import { DayReader } from './day-reader.ts';
import { moveFeaturesIntoDays } from './features-into-days.ts';
import { pruneSqlite } from './prune.ts';
import { connect, NOTE_BATCH, setAside, transaction } from './sqlite-connection.ts';
import { migrateSqlite } from './sqlite-migrate.ts';
import { Upserts } from './upserts.ts';

const NOTE_CONTRACT = `insert into contracts (instrument_id, raw_symbol, venue_id, first_seen_us)
  values (?, ?, ?, cast(unixepoch('subsec') * 1000000 as integer)) on conflict do nothing`;

type Data = Pick<SqliteWorkerData, 'path' | 'maxBytes'>;

/** Opens a database; a damaged one is set aside and a new one begun, which is told in a sentence. */
export async function openOrReplace(data: Data, onNotice: (words: string) => void): Promise<SqliteDatabase> {
  try {
    return await SqliteDatabase.open(data, onNotice);
  } catch (error) {
    const { kind, words } = faultOf(error);
    if (kind !== 'damaged') throw error;
    const name = setAside(data.path);
    onNotice(
      `${words}. It was set aside as ${name} and a new one begun; what it held can be rebuilt from captures and journal.`,
    );
    return await SqliteDatabase.open(data, onNotice);
  }
}

/**
 * The embedded database, for the worker alone: market rows in a file of their trading day, everything else in one file. All
 * in WAL mode; a batch with an order, a fill, a deal or anything else that cannot be made again commits with
 * `synchronous=FULL`, so that it outlives a power cut, the others with NORMAL.
 */
export class SqliteDatabase implements StoreDatabase {
  readonly #main: Database.Database;
  readonly #days: DayFiles;
  readonly #folder: string;
  readonly #reader: DayReader;
  readonly #calendar: CalendarTables;
  readonly #ids = new InstrumentIds();
  readonly #upserts: Upserts;
  readonly #onNotice: (words: string) => void;
  /** Days whose files are of a later version. */
  readonly #newer = new Set<string>();

  private constructor(main: Database.Database, days: DayFiles, path: string, onNotice: (words: string) => void) {
    this.#main = main;
    this.#onNotice = onNotice;
    this.#days = days;
    this.#folder = daysFolder(path);
    this.#reader = new DayReader(path);
    this.#calendar = new CalendarTables(main);
    this.#upserts = new Upserts(main);
  }

  /** Opens or makes the files and brings their tables up to date. Throws what SQLite throws, and NewerSchemaError. */
  static async open(
    data: Data,
    onNotice: (words: string) => void,
    migrations = migrationsFor(SQLITE),
  ): Promise<SqliteDatabase> {
    mkdirSync(dirname(data.path), { recursive: true });
    const main = connect(data, 'normal');
    try {
      await migrateSqlite(main, migrations);
      checkAfterCrash(main);
      const days = new DayFiles(daysFolder(data.path), data.maxBytes, onNotice);
      await moveFeaturesIntoDays(main, days);
      return new SqliteDatabase(main, days, data.path, onNotice);
    } catch (error) {
      main.close();
      throw error;
    }
  }

  /**
   * Stores a batch in one transaction that notes it, without its market rows in masses. Rows of one kind that are refused
   * don't keep those of another from being stored.
   */
  async write(spooled: SpooledBatch): Promise<LeftOut> {
    const { batch } = spooled;
    this.#main.pragma(`synchronous = ${isDurable(batch) ? 'full' : 'normal'}`);
    const context = this.#bind(spooled);
    let market: unknown;
    let durable: unknown;
    transaction(this.#main, () => {
      if (this.#main.prepare(NOTE_BATCH).run(spooled.writer, spooled.number).changes === 0) return;
      market = this.#apart(() => this.#putAll(marketWrites(batch, context)));
      durable = this.#apart(() => this.#putDurable(batch, context));
    });
    return { market, durable, passedRows: 0 };
  }

  /**
   * Stores the market rows of a batch, each day's in a transaction that notes it. A file that fails keeps no other day from
   * being stored; what failed is thrown after that.
   */
  async writeDays(spooled: SpooledBatch): Promise<LeftOut> {
    const context = this.#bind(spooled);
    let market: unknown;
    let passedRows = 0;
    let failed: unknown;
    for (const { day, blocks } of blocksByDay(spooled.batch.blocks)) {
      try {
        await this.#days.write(day.date, blocks, spooled, context);
      } catch (error) {
        const { kind } = faultOf(error);
        if (kind === 'rows') market ??= error;
        else if (kind === 'newer') {
          passedRows += rowsIn(blocks);
          this.#tellNewer(day.date, error as Error);
        } else failed ??= error;
      }
    }
    if (failed !== undefined) throw failed;
    return { market, passedRows };
  }

  /** Says once that the file of a day is of a later version: this program will never be able to write to it. */
  #tellNewer(date: string, { message }: Error): void {
    if (this.#newer.has(date)) return;
    this.#newer.add(date);
    this.#onNotice(`market/${date}.sqlite: ${message} Market rows of that day are left out; captures have them.`);
  }

  async answer(question: StoreQuestion): Promise<unknown> {
    return this.#reader.answer(queryOf(question, SQLITE), (date, error) => this.#days.setAside(date, error));
  }

  prune(keepDays: KeepDays, nowUs: number): Promise<PruneReport> {
    const release = (date: string) => {
      this.#days.closeDay(date);
      // A file that is open cannot go everywhere.
      this.#reader.attach([]);
    };
    return pruneSqlite(this.#main, this.#folder, keepDays, nowUs, { release });
  }

  /** Notes that the file was closed in order, and folds the logs into the files. */
  async close(): Promise<void> {
    try {
      noteInUse(this.#main, false);
    } finally {
      this.#reader.close();
      this.#days.close();
      this.#main.close();
    }
  }

  #putDurable(batch: StoreBatch, context: RowContext): void {
    for (const { told } of batch.gates) {
      if (told !== undefined) this.#main.prepare(REMOVE_GATES).run(told.fromUs, told.toUs);
    }
    this.#putAll(durableWrites(batch, context));
    for (const { rows, told } of batch.calendar) this.#calendar.tell(rows, told);
    this.#calendar.tellNews(batch.news);
    const remove = this.#main.prepare('delete from settings where name = ?');
    for (const { name, value } of batch.settings) if (value === null) remove.run(name);
  }

  #putAll(writes: readonly TableWrite[]): void {
    for (const [table, rows] of writes) this.#upserts.put(table, rows);
  }

  /** Does work that may be undone without the rest of the transaction; gives what refused its rows. */
  #apart(work: () => void): unknown {
    try {
      // Within a transaction this is a savepoint.
      this.#main.transaction(work)();
      return undefined;
    } catch (error) {
      if (faultOf(error).kind !== 'rows') throw error;
      return error;
    }
  }

  /** What the rows of a batch share; instruments that are new or changed are stored. */
  #bind(spooled: SpooledBatch): RowContext {
    const changed = this.#ids.newOf(spooled.bindings);
    if (changed.length === 0) return this.#ids.contextOf(spooled);
    const ids = changed.map(() => 0);
    transaction(this.#main, () => {
      for (const [index, binding] of changed.entries()) {
        const id = this.#upserts.putInstrument(instrumentRow(binding));
        this.#main.prepare(NOTE_CONTRACT).run(id, binding.instrument.rawSymbol, binding.instrument.venueId);
        ids[index] = id;
      }
    });
    for (const [index, binding] of changed.entries()) this.#ids.learn(binding, ids[index]!);
    return this.#ids.contextOf(spooled);
  }
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
