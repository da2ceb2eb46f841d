import { existsSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { MIGRATION_NAMES } from '../migrations.ts';

/** What there is to say about a database without opening it for work. */
export interface StoreReport {
  readonly sqliteVersion: string;
  /** With its log; undefined where there is no file yet. */
  readonly bytes: number | undefined;
  /** Migrations that will run at the next start. */
  readonly missingMigrations: readonly string[];
  /** What is wrong with the file; empty when nothing is. */
  readonly trouble: string;
}

/** Looks at a database file; makes and changes nothing. */
export function reportStore(path: string): StoreReport {
  const memory = new Database(':memory:');
  const { version } = memory.prepare<unknown[], { version: string }>('select sqlite_version() as version').get()!;
  memory.close();
  const missing = MIGRATION_NAMES;
  if (!existsSync(path)) {
    return { sqliteVersion: version, bytes: undefined, missingMigrations: missing, trouble: '' };
  }
  const found = { sqliteVersion: version, bytes: sizeOf(path) + sizeOf(`${path}-wal`) };
  try {
    const database = new Database(path, { readonly: true });
    try {
      const done = database.prepare<unknown[], { name: string }>('select name from kysely_migration').all();
      const names = new Set(done.map(({ name }) => name));
      return { ...found, missingMigrations: missing.filter((name) => !names.has(name)), trouble: '' };
    } finally {
      database.close();
    }
  } catch (error) {
    return { ...found, missingMigrations: [], trouble: (error as Error).message };
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
