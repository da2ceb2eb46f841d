import { createWriteStream, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { DbnRecordWriter } from '../main/codec/dbn/write-record.ts';
import { Engine } from '../main/core/engine.ts';
import { FeatureStage } from '../main/features/feature-stage.ts';
import { MinuteBars } from '../main/features/minute-bars.ts';
import { openRecording } from '../main/feeds/replay/open-recording.ts';
import { SimulatedMarket } from '../main/feeds/simulated/simulated-market.ts';
import { postgresAddress } from '../main/storage/postgres/postgres-address.ts';
import { setupPostgres } from '../main/storage/postgres/postgres-setup.ts';
import { PostgresStore } from '../main/storage/postgres/postgres-store.ts';
import { SqliteStore } from '../main/storage/sqlite/sqlite-store.ts';
import { MarketRecorder } from '../main/storage/tables/market-recorder.ts';
import type { WorkerStore } from '../main/storage/worker-store.ts';
import { DAY_US, HOUR_US } from '../shared/units.ts';
import { findPostgres, PostgresServer, runSql } from '../test/storage/postgres-server.ts';
import { type Figures, quantile } from './measure.ts';

/** Wednesday 2026-01-07 00:00 UTC. */
const START_US = Date.UTC(2026, 0, 7) * 1000;
const STEP_US = 60_000_000;
/** Depth events a second that make about five million a day of one future. */
const EVENTS_A_SECOND = 66;
const MOST_WAITING = 100_000;
const QUESTIONS = 25;
const KEY = { provider: 'SIMULATED', symbol: '6E' };
const RUN = { runId: 'bench', account: 'bench', slowMs: 60_000 };

/**
 * A simulated day of one future and its spot pair, every depth record of it, from its file through engine and recorder into
 * either database; then an hour of features for a chart, from random hours of that day.
 */
export async function storeDayBench(): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'fathom-bench-'));
  try {
    const file = join(folder, 'day.dbn.zst');
    await writeDay(file);
    const path = join(folder, 'store', 'fathom.sqlite');
    const figures = await measured('sqlite', file, new SqliteStore({ ...RUN, path }), async () =>
      folderBytes(join(folder, 'store')),
    );
    const programs = findPostgres();
    if (programs === undefined) return figures;
    const server = await PostgresServer.start(programs);
    try {
      const url = server.url('bench');
      const address = postgresAddress(url, {});
      await setupPostgres(address);
      const store = new PostgresStore({ ...RUN, address, spoolFolder: join(folder, 'spool') });
      const bytes = async () =>
        Number((await runSql(url, 'select pg_database_size(current_database()) as bytes'))[0]!['bytes']);
      return { ...figures, ...(await measured('postgres', file, store, bytes)) };
    } finally {
      await server.remove();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeDay(file: string): Promise<void> {
  const market = new SimulatedMarket({
    ...{
      seed: 7,
      startUs: START_US,
      lagUs: 150_000,
      eventsPerSecond: EVENTS_A_SECOND,
      products: ['6E'],
      alwaysOpen: true,
    },
  });
  const out = new DbnRecordWriter(16 * 1024 * 1024);
  const pieces = function* () {
    market.prologue(out);
    for (let us = START_US + STEP_US; us <= START_US + DAY_US; us += STEP_US) {
      market.advanceTo(us, out);
      yield Buffer.from(out.written());
      out.clear();
    }
  };
  await pipeline(Readable.from(pieces()), createZstdCompress(), createWriteStream(file));
}

async function measured(
  name: string,
  file: string,
  store: WorkerStore,
  bytesNow: () => Promise<number>,
): Promise<Figures> {
  await store.settingPut('bench', 0);
  const before = await bytesNow();
  const engine = new Engine({ continuity: 'live' });
  const recorder = new MarketRecorder(store, engine, { depthEvents: 'all' });
  let events = 0;
  engine.addStage(new FeatureStage());
  engine.addStage(new MinuteBars(engine.scheduler, recorder));
  engine.addStage(recorder);
  engine.addStage({
    ...{ name: 'count', snapshot: () => null, restore: () => undefined },
    onDepthRecord: (market) => {
      if (market.instrument.venue === 'GLBX') events++;
    },
  });
  const startedMs = performance.now();
  const recording = openRecording([file], engine);
  let inputs = 0;
  for await (const _ of recording.pieces()) {
    while (recording.next()) {
      recording.apply();
      // As often as a socket would let others have their turn.
      if (++inputs % 4_000 === 0) {
        await (store.state.waitingRows > MOST_WAITING ? store.settingPut('bench', inputs) : undefined);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }
  await store.settingPut('bench', 1);
  const seconds = (performance.now() - startedMs) / 1000;
  if (store.state.droppedRows > 0) throw new Error(`${store.state.droppedRows} rows were dropped`);
  const hours = await featureHours(store);
  await store.close();
  const bytes = (await bytesNow()) - before;
  return {
    [`store-day.${name}.depth-events`]: { value: events, unit: 'events' },
    [`store-day.${name}`]: { value: seconds, unit: 's' },
    [`store-day.${name}.bytes`]: { value: bytes / events, unit: 'bytes/depth event' },
    [`store-day.${name}.feature-hour.p50`]: { value: quantile(hours, 0.5), unit: 'ms' },
    [`store-day.${name}.feature-hour.max`]: { value: quantile(hours, 1), unit: 'ms' },
  };
}

/** Times of questions for an hour of eight features in a thousand points, ms. */
async function featureHours(store: WorkerStore): Promise<Float64Array> {
  const names = ['mid', 'microprice', 'qi1', 'qi5', 'ofi5s', 'mlofi5s', 'cvd', 'volatility1m'] as const;
  const times = new Float64Array(QUESTIONS);
  for (let question = 0; question < QUESTIONS; question++) {
    const fromUs = START_US + ((question * 7) % 23) * HOUR_US + question * 61_000_000;
    const startedMs = performance.now();
    const series = await store.featuresBetween({ key: KEY, fromUs, toUs: fromUs + HOUR_US, names, points: 1_000 });
    times[question] = performance.now() - startedMs;
    if (series.tsEventUs.length < 900) throw new Error(`an hour of features has ${series.tsEventUs.length} points`);
  }
  return times;
}

function folderBytes(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder, { recursive: true }) as string[]) {
    const found = statSync(join(folder, name));
    if (found.isFile()) bytes += found.size;
  }
  return bytes;
}
