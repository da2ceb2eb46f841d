import type { Migration } from 'kysely/migration';
import * as marketData from './migrations/0001-market-data.ts';
import * as trading from './migrations/0002-trading.ts';

/** Every migration by its name; the order of the names is the order in which they run. Append, never change. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-market-data': marketData,
  '0002-trading': trading,
};
