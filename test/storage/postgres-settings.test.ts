import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { PostgresTarget } from '../../main/storage/admin/copy/postgres-target.ts';
import { migrationsFor } from '../../main/storage/migrations.ts';
import { postgresAddress } from '../../main/storage/postgres/postgres-address.ts';
import { postgresFaultOf, postgresRefusal } from '../../main/storage/postgres/postgres-fault.ts';
import { migratePostgres } from '../../main/storage/postgres/postgres-migrate.ts';
import { PostgresStore } from '../../main/storage/postgres/postgres-store.ts';
import { POSTGRES } from '../../main/storage/sql-dialect.ts';
import { type PostgresBackend, postgresBackend } from './postgres-backend.ts';
import { findPostgres, PostgresServer, runSql } from './postgres-server.ts';
import { bar, EURO, EURUSD, order, putTrade } from './store-rows.ts';

const programs = findPostgres();

describe.skipIf(programs === undefined)('a Postgres that is set up otherwise', () => {
  let server: PostgresServer;
  let backend: PostgresBackend;

  beforeAll(async () => {
    server = await PostgresServer.start(programs!);
  });

  afterAll(() => server.remove());

  beforeEach(async () => {
    backend = await postgresBackend(server.url());
  });

  afterEach(() => backend.remove());

  async function set(...settings: string[]): Promise<void> {
    const { pathname } = new URL(backend.writer[1]!);
    for (const setting of settings) await runSql(server.url(), `alter database ${pathname.slice(1)} set ${setting}`);
  }

  test('gives every time and number as any other does', async () => {
    await set(
      "timezone = 'Asia/Kolkata'",
      "datestyle = 'SQL, DMY'",
      'extra_float_digits = 0',
      'standard_conforming_strings = off',
    );
    const store = backend.open();
    store.instrument(0, EURO);
    store.instrument(1, EURUSD);
    const exact = bar(0, { vwap: 0.1 + 0.2 });
    store.bars([exact]);
    putTrade(store, 1);
    await store.orders([order(1, { reason: 'C:\\new \\ end\\' })]);
    expect(await store.latestBars({ provider: 'SIMULATED', symbol: '6E' }, 1)).toEqual([{ ...exact, market: -1 }]);
    await store.close();
    const admin = backend.admin();
    const { batches } = await admin.rows({
      ...{ ask: 'sql', fromUs: undefined, toUs: undefined, onNotice: () => undefined },
      text: 'select provider_event_ts, reason from cme_trades, orders',
    });
    const rows: unknown[] = [];
    for await (const batch of batches) rows.push(...batch);
    await admin.close();
    expect(rows).toEqual([['2026-11-18T13:00:00.001000Z', 'C:\\new \\ end\\']]);
  });

  test('is refused in words where its encoding does not hold every text', async () => {
    const there = new URL(server.url());
    there.pathname = '/latin';
    await runSql(server.url(), "create database latin encoding 'LATIN1' template template0 locale 'C'");
    const address = postgresAddress(there.href, {});
    const error = await migratePostgres(address, migrationsFor(POSTGRES)).catch((thrown: unknown) => thrown);
    expect(postgresFaultOf(error, address).words).toMatch(
      /database "latin": its encoding does not hold every text.*store\.url/,
    );
    const spoolFolder = mkdtempSync(join(tmpdir(), 'fathom-spool-'));
    const store = new PostgresStore({ address, spoolFolder, runId: 'r', account: 'a' });
    await expect(store.settingGet('x')).rejects.toThrow(/encoding/);
    await store.close();
    rmSync(spoolFolder, { recursive: true });
  });

  test('that only lets itself be read refuses a copy, and keeps no connection', async () => {
    await set('default_transaction_read_only = on');
    const address = postgresAddress(backend.writer[1]!, {});
    await expect(PostgresTarget.open(address, () => undefined)).rejects.toThrow(/only lets itself be read/);
    const connections = `select count(*)::int as n from pg_stat_activity where datname = '${address.database}'`;
    await vi.waitFor(async () => expect(await runSql(server.url(), connections)).toEqual([{ n: 0 }]), 5_000);
  });

  test('a short password makes no words of this program unreadable', () => {
    const address = postgresAddress('postgres://weak:w@127.0.0.1:1/x', {});
    const refused = Object.assign(new Error('permission denied'), { code: '42501' });
    expect(postgresRefusal(refused, address)).toContain(
      'user "weak" lacks a right that is needed. Make the user the owner',
    );
    expect(postgresRefusal(new Error('no w here'), address)).toContain('no … here');
  });
});
