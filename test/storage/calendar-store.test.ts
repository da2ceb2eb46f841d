import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StoreError } from '../../main/core/store-port.ts';
import { withCalendar } from '../../main/storage/sqlite/calendar-store.ts';
import { SqliteStore } from '../../main/storage/sqlite/sqlite-store.ts';
import { calendarEvent as event, HOUR, NOON } from './calendar-events.ts';
import { calendarSuite } from './calendar-suite.ts';
import { sqliteBackend } from './sqlite-backend.ts';

let folder: string;
let path: string;
let store: SqliteStore | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-calendar-'));
  path = join(folder, 'data', 'fathom.sqlite');
});

afterEach(async () => {
  await store?.close();
  store = undefined;
  rmSync(folder, { recursive: true });
});

const open = () => new SqliteStore({ path, runId: 'run-1', account: 'paper' });
const DAY = { fromUs: NOON - 12 * HOUR, toUs: NOON + 12 * HOUR };

calendarSuite('SQLite', sqliteBackend);

describe('the calendar beside a running engine', () => {
  test('reads and writes, and leaves the note that the file is in use', async () => {
    store = open();
    await store.calendar([event(1, 'CPI')]);
    await withCalendar(path, (calendar) => {
      expect(calendar.between(DAY).map(({ title }) => title)).toEqual(['CPI']);
      calendar.tell([event(2, 'PMI', { source: 'file a.csv' })]);
    });
    expect((await store.calendarBetween(DAY)).map(({ title }) => title)).toEqual(['CPI', 'PMI']);
    const inUse = new Database(path, { readonly: true });
    expect(inUse.prepare("select value from meta where name = 'in_use'").all()).toEqual([{ value: 'yes' }]);
    inUse.close();
  });

  test('makes the database when there is none', async () => {
    await withCalendar(path, (calendar) => calendar.tell([event(1, 'CPI')]));
    store = open();
    expect(await store.calendarBetween(DAY)).toEqual([event(1, 'CPI')]);
  });

  test('a database of a newer version is left alone, in words', async () => {
    await withCalendar(path, () => undefined);
    const newer = new Database(path);
    newer.exec("insert into kysely_migration (name, timestamp) values ('9999-later', '2030')");
    newer.close();
    const refused = withCalendar(path, () => undefined);
    await expect(refused).rejects.toThrow(StoreError);
    await expect(refused).rejects.toThrow(/9999-later.*use the newer version/);
  });
});
