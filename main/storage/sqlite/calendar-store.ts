import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from '../../core/store-port.ts';
import { migrationsFor } from '../migrations.ts';
import { SQLITE } from '../sql-dialect.ts';
import { faultOf } from '../store-fault.ts';
import { CalendarTables } from './calendar-tables.ts';
import { connect } from './sqlite-connection.ts';
import { migrateSqlite } from './sqlite-migrate.ts';

/** How long an engine's transaction is waited for. */
const BUSY_MS = 5_000;

/**
 * Works with the calendar of a data folder beside an engine that may be running on it: WAL lets both read, and writes wait
 * for each other. Whether the file was closed in order stays the engine's to note.
 * @throws StoreError in words
 */
export async function withCalendar<T>(path: string, work: (calendar: CalendarTables) => T | Promise<T>): Promise<T> {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const connection = connect({ path, maxBytes: undefined }, 'full');
    try {
      connection.pragma(`busy_timeout = ${BUSY_MS}`);
      await migrateSqlite(connection, migrationsFor(SQLITE));
      return await work(new CalendarTables(connection));
    } finally {
      connection.close();
    }
  } catch (error) {
    const { kind, words } = faultOf(error);
    throw new StoreError(
      kind === 'locked' ? `store: ${path} was busy for ${BUSY_MS / 1000} s; nothing was changed. Try again.` : words,
    );
  }
}
