import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pruneCaptures } from '../../main/storage/capture/capture-retention.ts';

test('keeps the newest hours of one source with their sidecars and touches nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fathom-retention-'));
  const hours = ['2026-11-18T22Z', '2026-11-18T23Z', '2026-11-19T00Z'];
  for (const source of ['simulated', 'glbx-mdp3']) {
    for (const hour of hours) {
      writeFileSync(join(folder, `${source}-${hour}.dbn.zst`), '');
      writeFileSync(join(folder, `${source}-${hour}.arrivals.ndjson`), '');
    }
  }
  expect(await pruneCaptures(folder, 'simulated', 2)).toEqual(['simulated-2026-11-18T22Z.dbn.zst']);
  const left = readdirSync(folder);
  expect(left.filter((name) => name.startsWith('simulated-')).sort()).toEqual(
    hours.slice(1).flatMap((hour) => [`simulated-${hour}.arrivals.ndjson`, `simulated-${hour}.dbn.zst`]),
  );
  expect(left.filter((name) => name.startsWith('glbx-mdp3-')).length).toBe(6);
  expect(await pruneCaptures(join(folder, 'nowhere'), 'simulated', 2)).toEqual([]);
  rmSync(folder, { recursive: true });
});
