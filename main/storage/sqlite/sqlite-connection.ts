import Database from 'better-sqlite3';
import type { SqliteWorkerData } from '../store-batch.ts';

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
