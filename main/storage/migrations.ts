import type { Migration } from 'kysely/migration';
import { makeMarketData } from './migrations/0001-market-data.ts';
import { makeTrading } from './migrations/0002-trading.ts';
import { makeCalendar } from './migrations/0003-calendar.ts';

/** Every migration by its name; the order of the names is the order in which they run. Append, never change. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-market-data': { up: makeMarketData },
  '0002-trading': { up: makeTrading },
  '0003-calendar': { up: makeCalendar },
};
