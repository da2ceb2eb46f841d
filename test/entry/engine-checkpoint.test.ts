import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { saveCheckpoint, takeCheckpoint } from '../../main/entry/engine-checkpoint.ts';

const SAVED = { version: '1 simulated', savedUs: 1_000_000, engine: { nowUs: 7 }, source: undefined };
const MINUTE_US = 60_000_000;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-checkpoint-'));
  path = join(folder, 'state', 'engine.checkpoint');
});
afterEach(() => rmSync(folder, { recursive: true }));

const take = (version = SAVED.version, nowUs = SAVED.savedUs) => takeCheckpoint(path, version, nowUs, MINUTE_US);

test('what was saved is taken once', async () => {
  await saveCheckpoint(path, SAVED);
  expect(await take()).toMatchObject(SAVED);
  expect(await take()).toBeUndefined();
});

test.each<[string, () => Promise<unknown>]>([
  ['another version or source', () => take('2 simulated')],
  ['too old', () => take(SAVED.version, SAVED.savedUs + MINUTE_US + 1)],
  ['from the future', () => take(SAVED.version, SAVED.savedUs - 1)],
])('%s is passed over', async (_name, taken) => {
  await saveCheckpoint(path, SAVED);
  expect(await taken()).toBeUndefined();
});

test('state of another shape, and what is no checkpoint at all, are passed over', async () => {
  await saveCheckpoint(path, SAVED);
  const { format, ...rest } = deserialize(readFileSync(path)) as { format: number };
  writeFileSync(path, serialize({ ...rest, format: format - 1 }));
  expect(await take()).toBeUndefined();
  writeFileSync(path, serialize(rest));
  expect(await take()).toBeUndefined();
  writeFileSync(path, 'torn');
  expect(await take()).toBeUndefined();
});
