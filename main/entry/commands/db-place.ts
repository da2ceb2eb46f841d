import type { Command } from 'commander';
import type { Settings } from '../../../shared/settings.ts';
import { PostgresAdmin } from '../../storage/admin/postgres-admin.ts';
import { SqliteAdmin } from '../../storage/admin/sqlite-admin.ts';
import type { StoreAdmin } from '../../storage/admin/store-admin.ts';
import { type PostgresAddress, postgresAddress } from '../../storage/postgres/postgres-address.ts';
import { dataFolder, storePath } from '../data-folder.ts';
import { FolderLockedError, lockFolder } from '../folder-lock.ts';
import { readSettings, SettingsError } from '../setup/settings-file.ts';
import { CommandError, UsageError } from './command-context.ts';

/** Which database a command is about. */
export type DbPlace =
  | { readonly kind: 'embedded'; readonly folder: string; readonly path: string }
  | { readonly kind: 'postgres'; readonly address: PostgresAddress };

export interface PlaceOptions {
  readonly url?: string;
  readonly embedded?: true;
}

/** Adds the options by which another database than that of the settings is chosen. */
export function withPlace(command: Command): Command {
  return command
    .option(
      '--url <url>',
      'a Postgres database in place of that of the settings, as postgres://user@host:port/database',
    )
    .option('--embedded', 'the embedded database of the data folder in place of that of the settings');
}

/** The database that the options choose, else the settings. @throws CommandError, and StoreError for a wrong address */
export async function placeOf({ url, embedded }: PlaceOptions): Promise<DbPlace> {
  if (url !== undefined && embedded === true) throw new UsageError('--url and --embedded exclude each other');
  if (url !== undefined) return { kind: 'postgres', address: postgresAddress(url, process.env, '--url') };
  if (embedded === true) return embeddedPlace();
  const { store } = await settingsOf();
  return store.url === '' ? embeddedPlace() : { kind: 'postgres', address: postgresAddress(store.url, process.env) };
}

/** The embedded database of the data folder. */
export function embeddedPlace(): DbPlace {
  const folder = dataFolder(process.env);
  return { kind: 'embedded', folder, path: storePath(folder) };
}

export async function settingsOf(): Promise<Settings> {
  try {
    return await readSettings(dataFolder(process.env));
  } catch (error) {
    if (error instanceof SettingsError) throw new CommandError(error.message);
    throw error;
  }
}

/** Works with the database of a place. */
export async function withAdmin<T>(place: DbPlace, work: (admin: StoreAdmin) => Promise<T>): Promise<T> {
  const admin = place.kind === 'embedded' ? new SqliteAdmin(place.path) : new PostgresAdmin(place.address);
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}

/**
 * Works while no engine has the data folder of an embedded database; other databases are worked with as they are.
 * @param why what an engine stands in the way of
 * @throws CommandError while one has it
 */
export async function withoutEngine<T>(place: DbPlace, why: string, work: () => Promise<T>): Promise<T> {
  if (place.kind !== 'embedded') return work();
  let release: () => Promise<void>;
  try {
    release = await lockFolder(place.folder);
  } catch (error) {
    if (!(error instanceof FolderLockedError)) throw error;
    throw new CommandError(`${error.message} ${why} Nothing was changed.`);
  }
  try {
    return await work();
  } finally {
    await release();
  }
}
