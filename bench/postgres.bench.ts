import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { MarketTable } from '../main/core/store-port.ts';
import { CopyBuffer, columnsOf } from '../main/storage/postgres/copy-buffer.ts';
import { postgresAddress } from '../main/storage/postgres/postgres-address.ts';
import { setupPostgres } from '../main/storage/postgres/postgres-setup.ts';
import { PostgresStore } from '../main/storage/postgres/postgres-store.ts';
import { MARKET_TABLES } from '../main/storage/tables/market-tables.ts';
import { findPostgres, PostgresServer } from '../test/storage/postgres-server.ts';
import type { Figures } from './measure.ts';
import { blockOf, LOAD_ROWS, LOADS, loadStore } from './store-load.ts';

const ROUNDS = 3;

/**
 * Rows per second into a Postgres of its own, from the call until everything is in the database, beside what bare COPY
 * takes into the same table in the same run: its bytes are made before the clock starts.
 */
export async function postgresBench(): Promise<Figures> {
  const timescale = process.env['FATHOM_BENCH_TIMESCALE_URL'];
  const programs = findPostgres();
  if (programs === undefined) console.error('bench: no Postgres is at hand; left out');
  const figures: Figures = {};
  if (programs !== undefined) {
    const server = await PostgresServer.start(programs);
    try {
      Object.assign(figures, await measured('postgres', server.url('bench')));
    } finally {
      await server.remove();
    }
  }
  if (timescale !== undefined) {
    const url = new URL(timescale);
    url.pathname = `/fathom_bench_${process.pid}`;
    try {
      Object.assign(figures, await measured('timescale', url.href));
    } finally {
      await onDatabase(timescale, (client) =>
        client.query(`drop database if exists ${url.pathname.slice(1)} with (force)`),
      );
    }
  }
  return figures;
}

async function measured(server: string, url: string): Promise<Figures> {
  await setupPostgres(postgresAddress(url, {}));
  const figures: Figures = {};
  for (const [name, table] of LOADS) {
    let stored = 0;
    let bare = 0;
    let slowestTurnMs = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS; round++) {
      const load = await intoStore(url, table);
      stored = Math.max(stored, load.rowsPerSecond);
      slowestTurnMs = Math.min(slowestTurnMs, load.slowestTurnMs);
      bare = Math.max(bare, await bareCopy(url, table));
    }
    figures[`${server}.${name}`] = { value: stored, unit: 'rows/s' };
    figures[`${server}.${name}.bare-copy`] = { value: bare, unit: 'rows/s' };
    figures[`${server}.${name}.share`] = { value: (100 * stored) / bare, unit: '%' };
    figures[`${server}.${name}.slowest-turn`] = { value: slowestTurnMs, unit: 'ms' };
  }
  return figures;
}

async function intoStore(url: string, table: MarketTable) {
  const folder = mkdtempSync(join(tmpdir(), 'fathom-bench-'));
  try {
    const address = postgresAddress(url, {});
    const store = new PostgresStore({ address, spoolFolder: folder, runId: 'bench', account: 'bench', slowMs: 60_000 });
    return await loadStore(store, table, LOAD_ROWS);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Into the table as the store has left it, empty, with the parts that the rows need. */
function bareCopy(url: string, table: MarketTable): Promise<number> {
  return onDatabase(url, async (client) => {
    await client.query(`truncate ${table}`);
    const names = columnsOf(MARKET_TABLES[table].fields);
    const buffer = new CopyBuffer(names.map((name) => ({ name, type: '' })));
    buffer.rows(blockOf(table, LOAD_ROWS), 0, LOAD_ROWS, () => 7);
    const bytes = buffer.finish();
    const startedMs = performance.now();
    const stream = client.query(copyFrom(`copy ${table} (${names.join(', ')}) from stdin (format binary)`));
    stream.end(bytes);
    await finished(stream);
    const rate = LOAD_ROWS / ((performance.now() - startedMs) / 1000);
    await client.query(`truncate ${table}`);
    return rate;
  });
}

async function onDatabase<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
