import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { makeMarketData } from './migrations/0001-market-data.ts';
import { makeTrading } from './migrations/0002-trading.ts';
import { makeCalendar } from './migrations/0003-calendar.ts';
import { makeBatches } from './migrations/0004-batches.ts';
import { makeInstrumentLines } from './migrations/0005-instrument-lines.ts';
import {
  makeDayInstruments,
  makeMarketRows,
  makePostgresMarketRows,
  setFeaturesAside,
} from './migrations/0006-market-rows.ts';
import { makeReview } from './migrations/0007-review.ts';
import { makeHighWater } from './migrations/0008-high-water.ts';
import { SQLITE, type SqlDialect } from './sql-dialect.ts';
import { NewerSchemaError } from './store-fault.ts';

/** Every migration by its name; the order of the names is the order in which they run. Append, never change. */
const STEPS: Readonly<Record<string, (db: Kysely<unknown>, dialect: SqlDialect) => Promise<void>>> = {
  '0001-market-data': makeMarketData,
  '0002-trading': makeTrading,
  '0003-calendar': makeCalendar,
  '0004-batches': makeBatches,
  '0005-instrument-lines': makeInstrumentLines,
  '0006-market-rows': (db, { name }) => (name === 'postgres' ? makePostgresMarketRows(db) : setFeaturesAside(db)),
  '0007-review': makeReview,
  '0008-high-water': makeHighWater,
};

/** The migrations of the files of SQLite that hold the market rows of one trading day each. */
const DAY_STEPS: typeof STEPS = {
  '0001-market-rows': makeMarketRows,
  '0002-instruments': makeDayInstruments,
  '0003-batches': makeBatches,
  '0004-high-water': makeHighWater,
};

export const MIGRATION_NAMES: readonly string[] = Object.keys(STEPS);

/** The migrations for a database. @param upTo name of the last one; left out = all */
export function migrationsFor(dialect: SqlDialect, upTo = MIGRATION_NAMES.at(-1)!): Record<string, Migration> {
  const chosen = Object.entries(STEPS).filter(([name]) => name <= upTo);
  return Object.fromEntries(chosen.map(([name, make]) => [name, { up: (db: Kysely<unknown>) => make(db, dialect) }]));
}

/** The migrations of a file of one trading day. */
export function dayMigrations(): Record<string, Migration> {
  const steps = Object.entries(DAY_STEPS);
  return Object.fromEntries(steps.map(([name, make]) => [name, { up: (db: Kysely<unknown>) => make(db, SQLITE) }]));
}

/** Throws NewerSchemaError where a database has had a migration that is not among these. */
export function refuseNewer(done: readonly string[], migrations: Readonly<Record<string, Migration>>): void {
  const newer = done.find((name) => !(name in migrations));
  if (newer === undefined) return;
  throw new NewerSchemaError(
    `store: the database has the migration ${newer}, which this version does not know; use the newer version, or another database.`,
  );
}
