import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StoreError } from '../../main/core/store-port.ts';
import { openStore } from '../../main/entry/open-store.ts';
import { EURUSD, order } from '../storage/store-rows.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-open-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const RUN = { runId: 'run-1', account: 'paper' };
const place = { alone: true, environment: {} };

test('without an address the embedded database of the folder is opened', async () => {
  const store = openStore({ ...place, folder, url: '' }, RUN);
  await store.settingPut('x', 1);
  await store.close();
  expect(readdirSync(folder)).toContain('fathom.sqlite');
});

test('with an address rows go to Postgres, and to the spool of the folder while it is away', async () => {
  const store = openStore({ ...place, folder, url: 'postgres://me@127.0.0.1:1/fx' }, RUN);
  store.instrument(1, EURUSD);
  await store.orders([order(1)]);
  await expect(store.settingGet('x')).rejects.toThrow(/Postgres at 127\.0\.0\.1 port 1/);
  await store.close();
  expect(readdirSync(folder)).toEqual(['spool']);
});

test('beside another process the spool is not touched', async () => {
  const store = openStore({ ...place, folder, alone: false, url: 'postgres://me@127.0.0.1:1/fx' }, RUN);
  store.instrument(1, EURUSD);
  await expect(store.close()).rejects.toThrow(StoreError);
  expect(existsSync(join(folder, 'spool'))).toBe(false);
});

test('an address that is none is said without repeating it', () => {
  const open = () => openStore({ ...place, folder, url: 'postgres://me:hunter2@host:x/' }, RUN);
  expect(open).toThrow(StoreError);
  expect(open).not.toThrow(/hunter2/);
});
