import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore } from '../main/storage/sqlite/sqlite-store.ts';
import { FEATURE_COUNT } from '../shared/features.ts';
import { instrumentOf } from '../shared/instruments.ts';
import type { Figures } from './measure.ts';

const ROWS = 200_000;
const BATCH = 1_000;

/** Rows per second into the embedded store, from the call until everything is on disk. */
export async function storeBench(): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'fathom-bench-'));
  try {
    const store = new SqliteStore({
      path: join(folder, 'bench.sqlite'),
      runId: 'bench',
      account: 'bench',
      mostWaitingRows: 2 * ROWS,
    });
    store.instrument(0, instrumentOf('6EZ6', 65_001, 1, undefined), 'simulated');
    const vector = new Float64Array(FEATURE_COUNT).fill(1.25);
    await store.settingPut('bench', 0);
    const startedMs = performance.now();
    let slowestCallMs = 0;
    for (let at = 0; at < ROWS; at += BATCH) {
      const rows = Array.from({ length: BATCH }, (_, i) => ({
        market: 0,
        tsEventUs: at + i,
        tsRecvUs: at + i,
        vector,
      }));
      const calledMs = performance.now();
      store.features(rows);
      slowestCallMs = Math.max(slowestCallMs, performance.now() - calledMs);
    }
    await store.close();
    const seconds = (performance.now() - startedMs) / 1000;
    return {
      'store.features': { value: ROWS / seconds, unit: 'rows/s' },
      'store.slowest-call': { value: slowestCallMs, unit: 'ms' },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
