import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { SqliteSource } from '../../main/storage/admin/copy/sqlite-source.ts';
import { SqliteTarget } from '../../main/storage/admin/copy/sqlite-target.ts';
import { SqliteAdmin } from '../../main/storage/admin/sqlite-admin.ts';
import { migrationsFor } from '../../main/storage/migrations.ts';
import { SQLITE } from '../../main/storage/sql-dialect.ts';
import { dayPath, daysFolder, storedDays } from '../../main/storage/sqlite/day-files.ts';
import { DayReader } from '../../main/storage/sqlite/day-reader.ts';
import { connect } from '../../main/storage/sqlite/sqlite-connection.ts';
import { migrateSqlite } from '../../main/storage/sqlite/sqlite-migrate.ts';
import { SqliteStore } from '../../main/storage/sqlite/sqlite-store.ts';
import type { StoreBackend } from './store-backend.ts';

export async function sqliteBackend(): Promise<StoreBackend> {
  const folder = mkdtempSync(join(tmpdir(), 'fathom-store-'));
  const path = join(folder, 'deeper', 'fathom.db');
  const spoolFolder = join(folder, 'spool');
  const sql = async (text: string): Promise<unknown[]> => {
    if (/^\s*select/i.test(text)) {
      const reader = new DayReader(path);
      try {
        reader.attach(reader.daysIn());
        return reader.connection.prepare(text).all();
      } finally {
        reader.close();
      }
    }
    const db = new Database(path);
    try {
      const statement = db.prepare(text);
      if (statement.reader) return statement.all();
      statement.run();
      return [];
    } finally {
      db.close();
    }
  };
  return {
    open: (options) =>
      new SqliteStore({ path, spoolFolder, slowMs: 20_000, runId: 'run-1', account: 'paper', ...options }),
    admin: () => new SqliteAdmin(path),
    source: () => SqliteSource.open(path),
    target: () => SqliteTarget.open(path, () => undefined),
    spoolFolder,
    sql,
    makeVersion: async (migration) => {
      mkdirSync(dirname(path), { recursive: true });
      const connection = connect({ path, maxBytes: undefined }, 'normal');
      await migrateSqlite(connection, migrationsFor(SQLITE, migration));
      connection.close();
    },
    columns: async (table) =>
      (await sql(`select name from pragma_table_xinfo('${table}')`)).map((row) => (row as { name: string }).name),
    shown: (column) => column,
    before: (ago) => `datetime('now', '-${ago}')`,
    writer: ['sqlite', path, spoolFolder],
    check: async () => {
      const days = daysFolder(path);
      for (const file of [path, ...storedDays(days).map(({ date }) => dayPath(days, date))]) {
        const db = new Database(file);
        const found = db.pragma('integrity_check', { simple: true });
        db.close();
        if (found !== 'ok') throw new Error(`${file}: ${String(found)}`);
      }
    },
    remove: async () => rmSync(folder, { recursive: true }),
  };
}
