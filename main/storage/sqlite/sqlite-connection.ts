import { existsSync, renameSync } from 'node:fs';
import { basename } from 'node:path';
import Database from 'better-sqlite3';
import type { SqliteWorkerData } from '../store-batch.ts';

/** Pages of the log that are folded into the database together: 16 MB, so that a page that is filled is written twice, not often. */
const CHECKPOINT_PAGES = 4_096;

/** How long a write waits for another program's transaction before it is given up and tried again later. */
const BUSY_MS = 250;

/**
 * A connection to the database in WAL mode. With `full`, what is committed outlives a power cut; with `normal` the last
 * moments may be missing then, but never the whole. Makes the file when there is none.
 */
export function connect(
  { path, maxBytes }: Pick<SqliteWorkerData, 'path' | 'maxBytes'>,
  synchronous: 'normal' | 'full',
): Database.Database {
  const connection = new Database(path, { timeout: BUSY_MS });
  try {
    connection.pragma('journal_mode = wal');
    connection.pragma(`synchronous = ${synchronous}`);
    connection.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    if (maxBytes !== undefined) {
      const pageBytes = connection.pragma('page_size', { simple: true }) as number;
      connection.pragma(`max_page_count = ${Math.ceil(maxBytes / pageBytes)}`);
    }
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Does work in one transaction that holds the right to write from its beginning. */
export function transaction(connection: Database.Database, work: () => void): void {
  connection.transaction(work).immediate();
}

/** Notes a batch in its transaction; nothing changes when it, or a later one of its writer, was stored before. */
export const NOTE_BATCH = `insert into batches (writer, last) values (?, ?)
  on conflict (writer) do update set last = excluded.last where batches.last < excluded.last`;

/** Files of one database. */
const SUFFIXES = ['', '-wal', '-shm'] as const;

/** Renames the files of a damaged database out of the way; gives the new name without its folder. */
export function setAside(path: string): string {
  let n = 1;
  while (existsSync(`${path}.damaged-${n}`)) n++;
  for (const suffix of SUFFIXES) {
    if (existsSync(path + suffix)) renameSync(path + suffix, `${path}.damaged-${n}${suffix}`);
  }
  return `${basename(path)}.damaged-${n}`;
}
