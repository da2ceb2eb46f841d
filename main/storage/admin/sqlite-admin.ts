import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { LiveClock } from '../../core/clock/live-clock.ts';
import type { KeepDays } from '../../core/store-port.ts';
import { StoreError } from '../../core/store-port.ts';
import { MIGRATION_NAMES, migrationsFor } from '../migrations.ts';
import { migrationWords } from '../postgres/postgres-setup.ts';
import { SQLITE } from '../sql-dialect.ts';
import { DayFiles, daysFolder } from '../sqlite/day-files.ts';
import { DayReader } from '../sqlite/day-reader.ts';
import { moveFeaturesIntoDays } from '../sqlite/features-into-days.ts';
import { pruneSqlite } from '../sqlite/prune.ts';
import { connect } from '../sqlite/sqlite-connection.ts';
import { migrateSqlite } from '../sqlite/sqlite-migrate.ts';
import { reportStore } from '../sqlite/sqlite-report.ts';
import { DayFileError, faultOf, NewerSchemaError } from '../store-fault.ts';
import type { PruneReport } from '../tables/retention.ts';
import type { RowStream, RowsQuestion } from './row-stream.ts';
import { sqliteQueryRows, sqliteTableRows } from './sqlite-rows.ts';
import { sqliteSizes } from './sqlite-sizes.ts';
import {
  ACTIVE_INSTRUMENTS,
  MAPPINGS,
  type MappingColumns,
  mappingsOf,
  medianMs,
  noTables,
  type StoreAdmin,
  type StoreCheck,
  type TableSize,
} from './store-admin.ts';

/** How long a transaction of an engine is waited for. */
const BUSY_MS = 5_000;

/** The embedded database as its keeper works with it. Reading goes beside an engine that runs. */
export class SqliteAdmin implements StoreAdmin {
  readonly place: string;
  readonly #path: string;
  readonly #folder: string;
  #reader: DayReader | undefined;

  /** @param path of the file that is not a day's; it need not be there */
  constructor(path: string) {
    this.place = `the embedded database ${path}`;
    this.#path = path;
    this.#folder = daysFolder(path);
  }

  async setup(): Promise<readonly string[]> {
    const words = existsSync(this.#path) ? [] : [`Created ${this.#path}.`];
    return [...words, migrationWords(await this.migrate())];
  }

  async migrate(): Promise<readonly string[]> {
    return this.#inWords(async () => {
      mkdirSync(dirname(this.#path), { recursive: true });
      const missing = missingMigrations(this.#path);
      const main = this.#writable();
      const days = new DayFiles(this.#folder, undefined, () => undefined);
      try {
        await migrateSqlite(main, migrationsFor(SQLITE));
        await moveFeaturesIntoDays(main, days);
        return missing;
      } finally {
        days.close();
        main.close();
      }
    });
  }

  async check(): Promise<StoreCheck> {
    return this.#inWords(async () => {
      const { sqliteVersion } = reportStore(this.#path);
      const missing = missingMigrations(this.#path);
      const main = this.#existing();
      try {
        if (missing.length === MIGRATION_NAMES.length) throw new StoreError(noTables(this.place));
        const clock = new LiveClock();
        const latencyMs = await medianMs(async () => {
          const startedUs = clock.monotonicUs();
          main.prepare('select count(*) from instruments').get();
          return (clock.monotonicUs() - startedUs) / 1000;
        });
        writeAndTakeBack(main);
        return {
          ...{ server: `SQLite ${sqliteVersion}`, latencyMs, missingMigrations: missing },
          instruments: main.prepare(ACTIVE_INSTRUMENTS).all() as StoreCheck['instruments'],
          mappings: mappingsOf(main.prepare(MAPPINGS).all() as MappingColumns[]),
        };
      } finally {
        main.close();
      }
    });
  }

  async sizes(): Promise<readonly TableSize[]> {
    return this.#inWords(async () => {
      this.#mustBeThere();
      return sqliteSizes(this.#path, this.#folder);
    });
  }

  async prune(keep: KeepDays, nowUs: number, dryRun: boolean): Promise<PruneReport> {
    return this.#inWords(async () => {
      const main = this.#existing();
      try {
        return await pruneSqlite(main, this.#folder, keep, nowUs, { dryRun });
      } finally {
        main.close();
      }
    });
  }

  async rows(question: RowsQuestion): Promise<RowStream> {
    return this.#inWords(async () => {
      this.#mustBeThere();
      this.#reader ??= new DayReader(this.#path);
      const stream =
        question.ask === 'table'
          ? sqliteTableRows(this.#reader, this.#folder, question)
          : sqliteQueryRows(this.#reader, question);
      return { ...stream, batches: this.#inWordsEach(stream.batches) };
    });
  }

  async close(): Promise<void> {
    this.#reader?.close();
    this.#reader = undefined;
  }

  #existing(): Database.Database {
    this.#mustBeThere();
    return this.#writable();
  }

  #writable(): Database.Database {
    const main = connect({ path: this.#path, maxBytes: undefined }, 'full');
    main.pragma(`busy_timeout = ${BUSY_MS}`);
    return main;
  }

  #mustBeThere(): void {
    if (!existsSync(this.#path)) {
      throw new StoreError(
        `${this.place} is not there yet. \`fathom db setup\` makes it, and so does the first start.`,
      );
    }
  }

  async #inWords<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw sqliteRefusal(error, this.place);
    }
  }

  async *#inWordsEach(batches: RowStream['batches']): RowStream['batches'] {
    try {
      yield* batches;
    } catch (error) {
      throw sqliteRefusal(error, this.place);
    }
  }
}

/** An error of SQLite in words. */
export function sqliteRefusal(error: unknown, place: string): Error {
  if (error instanceof StoreError) return error;
  if (error instanceof DayFileError) return dayRefusal(error, place);
  const { message } = error as Error;
  const code = String((error as { code?: unknown }).code ?? '');
  if (error instanceof NewerSchemaError) return new StoreError(message);
  if (code.startsWith('SQLITE_BUSY')) {
    return new StoreError(`${place}: another program was writing to it for ${BUSY_MS / 1000} s. Try again.`);
  }
  if (code === 'SQLITE_FULL') return new StoreError(`${place}: the disk is full. Free space there.`);
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) {
    return new StoreError(`${place} is damaged (${message}). The next start sets it aside and begins a new one.`);
  }
  return code.startsWith('SQLITE') ? new StoreError(`${place}: ${message}`) : (error as Error);
}

/** Of the file of a day: everything else may be well. */
function dayRefusal({ file, cause }: DayFileError, place: string): Error {
  if (faultOf(cause).kind !== 'damaged') return sqliteRefusal(cause, `${file} of ${place}`);
  const { message } = cause as Error;
  return new StoreError(
    `${file} of ${place} is damaged (${message}); nothing else need be. Move this file away: captures have what it held. The terminal does so itself when it writes into it.`,
  );
}

function missingMigrations(path: string): readonly string[] {
  return reportStore(path).missingMigrations;
}

function writeAndTakeBack(main: Database.Database): void {
  main.exec('begin immediate');
  try {
    main.exec("insert into meta (name, value) values ('trial', 'written')");
    const read = main.prepare("select value from meta where name = 'trial'").get();
    if (read === undefined) throw new StoreError('what was written could not be read back');
  } finally {
    main.exec('rollback');
  }
}
