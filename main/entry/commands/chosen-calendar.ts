import type { EconomicEvent } from '../../../shared/economic-calendar.ts';
import type { CalendarQuestion } from '../../core/store-port.ts';
import { postgresAddress } from '../../storage/postgres/postgres-address.ts';
import { PostgresStore } from '../../storage/postgres/postgres-store.ts';
import { withCalendar } from '../../storage/sqlite/calendar-store.ts';
import { dataFolder, storePath } from '../data-folder.ts';
import { readSettings, SettingsError } from '../setup/settings-file.ts';
import { CommandError } from './command-context.ts';

/** The events of a database. */
export interface Calendar {
  /** As `Store.calendarBetween`. */
  between(question: CalendarQuestion): Promise<readonly EconomicEvent[]>;
  tell(events: readonly EconomicEvent[]): Promise<void>;
}

/** Works with the calendar of the database that the settings choose, beside an engine that may be running on it. Throws StoreError. */
export async function withChosenCalendar<T>(
  environment: NodeJS.ProcessEnv,
  work: (calendar: Calendar) => Promise<T>,
): Promise<T> {
  const folder = dataFolder(environment);
  const url = await storeUrl(folder);
  if (url === '') {
    return await withCalendar(storePath(folder), (tables) =>
      work({ between: async (question) => tables.between(question), tell: async (events) => tables.tell(events) }),
    );
  }
  const store = new PostgresStore({ address: postgresAddress(url, environment), runId: 'calendar', account: '' });
  try {
    return await work({
      between: (question) => store.calendarBetween(question),
      tell: (events) => store.calendar(events),
    });
  } finally {
    await store.close();
  }
}

async function storeUrl(folder: string): Promise<string> {
  try {
    return (await readSettings(folder)).store.url;
  } catch (error) {
    if (error instanceof SettingsError) throw new CommandError(error.message);
    throw error;
  }
}
