import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { StoredBar, StoredFeatures } from '../main/core/store-port.ts';
import { migrationsFor } from '../main/storage/migrations.ts';
import { CopyBuffer, type TypedColumn } from '../main/storage/postgres/copy-buffer.ts';
import { postgresAddress } from '../main/storage/postgres/postgres-address.ts';
import { migratePostgres } from '../main/storage/postgres/postgres-migrate.ts';
import { PostgresStore } from '../main/storage/postgres/postgres-store.ts';
import { POSTGRES } from '../main/storage/sql-dialect.ts';
import { barRow, type Column, featureValues } from '../main/storage/table-rows.ts';
import { FEATURE_COUNT } from '../shared/features.ts';
import { instrumentOf } from '../shared/instruments.ts';
import { findPostgres, PostgresServer } from '../test/storage/postgres-server.ts';
import type { Figures } from './measure.ts';

const ROWS = 200_000;
const BATCH = 1_000;
const INSTRUMENT = instrumentOf('6EZ6', 65_001, 1, undefined);
const VECTOR = new Float64Array(FEATURE_COUNT).map((_, index) => 1.25 + index / 3);

const featuresAt = (at: number): StoredFeatures => ({ market: 0, tsEventUs: at, tsRecvUs: at, vector: VECTOR });
const barAt = (at: number): StoredBar => ({
  ...{
    market: 0,
    startUs: at * 60_000_000,
    tsRecvUs: at * 60_000_000 + 5,
    open: 1.1,
    high: 1.3,
    low: 1.05,
    close: 1.2,
  },
  ...{ priceSource: 'mid', volume: 12, volumeType: 'real', delta: -3, vwap: 1.123456789, sessionVwap: Number.NaN },
});
const CONTEXT = { runId: 'bench', account: 'bench', instrumentOf: () => ({ id: 1, instrument: INSTRUMENT }) };

/**
 * Rows per second into a Postgres of its own, from the call until everything is in the database, beside what bare COPY
 * takes into the same table in the same run: its bytes are made before the clock starts.
 */
export async function postgresBench(): Promise<Figures> {
  const programs = findPostgres();
  if (programs === undefined) {
    console.error('bench: no Postgres is at hand; left out');
    return {};
  }
  const folder = mkdtempSync(join(tmpdir(), 'fathom-bench-'));
  const server = await PostgresServer.start(programs);
  try {
    const bench = new PostgresBench(server.url(), join(folder, 'spool'));
    await migratePostgres(bench.address, migrationsFor(POSTGRES));
    const featureFigures = await bench.table('features', (at) => featureValues(featuresAt(at), CONTEXT), featuresAt);
    const barFigures = await bench.table('bars', (at) => Object.values(barRow(barAt(at), CONTEXT)), barAt);
    return { ...featureFigures, ...barFigures };
  } finally {
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

class PostgresBench {
  readonly address;
  readonly #spoolFolder: string;

  constructor(url: string, spoolFolder: string) {
    this.address = postgresAddress(url, {});
    this.#spoolFolder = spoolFolder;
  }

  async table<Name extends 'bars' | 'features'>(
    name: Name,
    rowAt: (at: number) => readonly Column[],
    at: (at: number) => Parameters<PostgresStore[Name]>[0][number],
  ): Promise<Figures> {
    const { rate: stored, slowestCallMs } = await this.#stored(name, at);
    const bare = await this.#bare(name, rowAt);
    return {
      [`postgres.${name}`]: { value: stored, unit: 'rows/s' },
      [`postgres.${name}.bare-copy`]: { value: bare, unit: 'rows/s' },
      [`postgres.${name}.share`]: { value: (100 * stored) / bare, unit: '%' },
      [`postgres.${name}.slowest-call`]: { value: slowestCallMs, unit: 'ms' },
    };
  }

  async #stored<Name extends 'bars' | 'features'>(
    name: Name,
    at: (at: number) => Parameters<PostgresStore[Name]>[0][number],
  ): Promise<{ rate: number; slowestCallMs: number }> {
    const store = new PostgresStore({
      ...{ address: this.address, spoolFolder: this.#spoolFolder, runId: 'bench', account: 'bench' },
      ...{ mostWaitingRows: 2 * ROWS, slowMs: 60_000 },
    });
    store.instrument(0, INSTRUMENT, 'simulated');
    await store.settingPut('bench', 0);
    await store.settingGet('bench');
    const write = store[name].bind(store) as (rows: readonly unknown[]) => void;
    const startedMs = performance.now();
    let slowestCallMs = 0;
    for (let from = 0; from < ROWS; from += BATCH) {
      const rows = Array.from({ length: BATCH }, (_, i) => at(from + i));
      const calledMs = performance.now();
      write(rows);
      slowestCallMs = Math.max(slowestCallMs, performance.now() - calledMs);
    }
    await store.settingPut('bench', 1);
    const rate = ROWS / ((performance.now() - startedMs) / 1000);
    await store.close();
    return { rate, slowestCallMs };
  }

  async #bare(name: 'bars' | 'features', rowAt: (at: number) => readonly Column[]): Promise<number> {
    const client = new Client(this.address);
    await client.connect();
    try {
      await client.query(`truncate ${name}`);
      const { rows } = await client.query<TypedColumn>(
        `select column_name as name, data_type as type from information_schema.columns where table_name = '${name}'
         order by ordinal_position`,
      );
      const buffer = new CopyBuffer(rows);
      for (let at = 0; at < ROWS; at++) buffer.row(rowAt(at));
      const bytes = buffer.finish();
      const startedMs = performance.now();
      const stream = client.query(copyFrom(`copy ${name} from stdin (format binary)`));
      stream.end(bytes);
      await finished(stream);
      return ROWS / ((performance.now() - startedMs) / 1000);
    } finally {
      await client.end();
    }
  }
}
