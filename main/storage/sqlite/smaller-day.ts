import { renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import Database from 'better-sqlite3';

import type { MarketTable } from '../../core/store-port.ts';
import { MARKET_TABLE_NAMES } from '../tables/market-tables.ts';
import { connect } from './sqlite-connection.ts';
import { turn } from './turn.ts';

/** Rows that are copied in one go: who waits for this thread waits some tens of milliseconds at most. */
const ROWS_AT_ONCE = 1_000;

/**
 * Takes tables of a day's file out of it: what is kept goes, in steps between which others have their turn, into a new file
 * that takes the place of the old one. That costs what is kept and not what goes, and nothing is locked, as a delete and a
 * VACUUM would do both. A kill leaves the old file as it was.
 * @param release lets go of what this thread has open of the file; called right before it is replaced
 * @returns false where something was written to the file meanwhile, or another program reads it: it is as it was then
 */
export async function makeSmaller(
  path: string,
  without: readonly MarketTable[],
  release: () => void,
): Promise<boolean> {
  const smaller = `${path}.smaller`;
  removeDatabase(smaller);
  const old = connect({ path, maxBytes: undefined }, 'normal');
  try {
    old.pragma('busy_timeout = 0');
    const version = versionOf(old);
    await copyWithout(path, smaller, without);
    release();
    // A log that cannot be folded into the old file is a reason to leave it, as a change is.
    if (versionOf(old) !== version || !isFolded(old)) return false;
    old.close();
    removeLog(path);
    renameSync(smaller, path);
    return true;
  } finally {
    old.close();
    removeDatabase(smaller);
  }
}

/** Nothing is synced on the way: the file is worth nothing until it is whole, and then this thread need not wait for it. */
async function copyWithout(path: string, smaller: string, without: readonly MarketTable[]): Promise<void> {
  const copy = new Database(smaller);
  try {
    copy.pragma('journal_mode = off');
    copy.pragma('synchronous = off');
    copy.prepare('attach ? as old').run(path);
    makeTables(copy);
    for (const table of tablesOf(copy)) {
      const market = MARKET_TABLE_NAMES.find((name) => name === table);
      if (market === undefined) copy.exec(`insert into main.${table} select * from old.${table}`);
      else if (!without.includes(market)) await copyRows(copy, market);
    }
    copy.exec('detach old');
    copy.pragma('journal_mode = wal');
  } finally {
    copy.close();
  }
  const handle = await open(smaller, 'r+');
  await handle.sync();
  await handle.close();
}

/** Removes the files of a database. */
export function removeDatabase(path: string): void {
  removeLog(path);
  rmSync(path, { force: true });
}

/** Left alone, it would be taken for that of a new file of this name. */
function removeLog(path: string): void {
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
}

/** Changes when another connection has written. */
function versionOf(old: Database.Database): unknown {
  return old.pragma('data_version', { simple: true });
}

function isFolded(old: Database.Database): boolean {
  const [result] = old.pragma('wal_checkpoint(truncate)') as { busy: number }[];
  return result?.busy === 0;
}

function makeTables(copy: Database.Database): void {
  const made = copy
    .prepare<unknown[], { sql: string }>(
      "select sql from old.sqlite_master where sql is not null and name not like 'sqlite%' order by type = 'table' desc",
    )
    .all();
  for (const { sql } of made) copy.exec(sql);
}

function tablesOf(copy: Database.Database): readonly string[] {
  const rows = copy.prepare<unknown[], { name: string }>(
    "select name from main.sqlite_master where type = 'table' and name not like 'sqlite%'",
  );
  return rows.all().map(({ name }) => name);
}

/** With the numbers of the rows, by which copies of the database go. */
async function copyRows(copy: Database.Database, table: MarketTable): Promise<void> {
  const columns = copy
    .prepare<unknown[], { name: string }>("select name from pragma_table_xinfo(?, 'old') where hidden = 0")
    .all(table);
  const list = ['rowid', ...columns.map(({ name }) => name)].join(', ');
  const some = copy.prepare(
    `insert into main.${table} (${list}) select ${list} from old.${table} where rowid > ? order by rowid limit ${ROWS_AT_ONCE}`,
  );
  let last = 0;
  for (let rows = ROWS_AT_ONCE; rows === ROWS_AT_ONCE; ) {
    await turn();
    const { changes, lastInsertRowid } = some.run(last);
    rows = changes;
    last = Number(lastInsertRowid);
  }
}
