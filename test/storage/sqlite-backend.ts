import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { migrationsFor } from '../../main/storage/migrations.ts';
import { SQLITE } from '../../main/storage/sql-dialect.ts';
import { connect } from '../../main/storage/sqlite/sqlite-connection.ts';
import { migrateSqlite } from '../../main/storage/sqlite/sqlite-migrate.ts';
import { SqliteStore } from '../../main/storage/sqlite/sqlite-store.ts';
import type { StoreBackend } from './store-backend.ts';

export async function sqliteBackend(): Promise<StoreBackend> {
  const folder = mkdtempSync(join(tmpdir(), 'fathom-store-'));
  const path = join(folder, 'deeper', 'fathom.db');
  const sql = async (text: string): Promise<unknown[]> => {
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
    open: (options) => new SqliteStore({ path, runId: 'run-1', account: 'paper', ...options }),
    sql,
    makeVersion: async (migration) => {
      mkdirSync(dirname(path), { recursive: true });
      const connection = connect({ path, maxBytes: undefined }, 'normal');
      await migrateSqlite(connection, migrationsFor(SQLITE, migration));
      connection.close();
    },
    columns: async (table) =>
      (await sql(`select name from pragma_table_info('${table}')`)).map((row) => (row as { name: string }).name),
    writer: ['sqlite', path],
    check: async () => {
      const [found] = await sql('pragma integrity_check');
      if ((found as { integrity_check: string }).integrity_check !== 'ok') throw new Error(JSON.stringify(found));
    },
    remove: async () => rmSync(folder, { recursive: true }),
  };
}
