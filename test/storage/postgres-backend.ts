import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresSource } from '../../main/storage/admin/copy/postgres-source.ts';
import { PostgresTarget } from '../../main/storage/admin/copy/postgres-target.ts';
import { PostgresAdmin } from '../../main/storage/admin/postgres-admin.ts';
import { migrationsFor } from '../../main/storage/migrations.ts';
import { postgresAddress } from '../../main/storage/postgres/postgres-address.ts';
import { connectPostgres } from '../../main/storage/postgres/postgres-connection.ts';
import { migratePostgres } from '../../main/storage/postgres/postgres-migrate.ts';
import { PostgresStore, type PostgresStoreOptions } from '../../main/storage/postgres/postgres-store.ts';
import { POSTGRES } from '../../main/storage/sql-dialect.ts';
import type { StoreBackend } from './store-backend.ts';

export interface PostgresBackend extends StoreBackend {
  open(options?: Partial<PostgresStoreOptions>): PostgresStore;
}

let databases = 0;
/** By server, the name of a database with all tables, of which others are made as copies. */
const templates = new Map<string, Promise<string>>();

/**
 * A new database on a server.
 * @param server address of a database from which others can be made
 * @param extension made in it before any table is
 */
export async function postgresBackend(server: string, extension?: 'timescaledb'): Promise<PostgresBackend> {
  const name = `fathom_test_${process.pid}_${++databases}`;
  const there = new URL(server);
  there.pathname = `/${name}`;
  const address = postgresAddress(there.href, {});
  const sql = (text: string) => on(there.href, text);
  if (extension === undefined) await on(server, `create database ${name} template ${await templateOn(server)}`);
  else {
    await on(server, `create database ${name}`);
    await on(there.href, `create extension ${extension}`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'fathom-store-'));
  const spoolFolder = join(folder, 'spool');
  return {
    // On a busy machine a write may take long, which is no fault in these tests.
    open: (options) =>
      new PostgresStore({ address, spoolFolder, slowMs: 20_000, runId: 'run-1', account: 'paper', ...options }),
    admin: () => new PostgresAdmin(address),
    source: () => PostgresSource.open(address),
    target: () => PostgresTarget.open(address, () => undefined),
    spoolFolder,
    sql,
    makeVersion: async (migration) => {
      await on(server, `drop database ${name} with (force)`);
      await on(server, `create database ${name}`);
      if (extension !== undefined) await on(there.href, `create extension ${extension}`);
      await migratePostgres(address, migrationsFor(POSTGRES, migration));
    },
    columns: async (table) => {
      const rows = await sql(
        `select column_name as name from information_schema.columns where table_name = '${table}' order by ordinal_position`,
      );
      return rows.map((row) => (row as { name: string }).name);
    },
    shown: (column) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') as ${column}`,
    before: (ago) => `NOW() - INTERVAL '${ago}'`,
    writer: ['postgres', there.href, spoolFolder],
    check: async () => undefined,
    remove: async () => {
      await on(server, `drop database ${name} with (force)`);
      rmSync(folder, { recursive: true });
    },
  };
}

async function on(place: string, text: string): Promise<unknown[]> {
  const client = await connectPostgres(postgresAddress(place, {}), () => undefined);
  try {
    return (await client.query(text)).rows as unknown[];
  } finally {
    await client.end();
  }
}

function templateOn(server: string): Promise<string> {
  const known = templates.get(server) ?? makeTemplate(server);
  templates.set(server, known);
  return known;
}

async function makeTemplate(server: string): Promise<string> {
  const name = `fathom_template_${process.pid}`;
  const there = new URL(server);
  there.pathname = `/${name}`;
  await on(server, `create database ${name}`);
  await migratePostgres(postgresAddress(there.href, {}), migrationsFor(POSTGRES));
  return name;
}
