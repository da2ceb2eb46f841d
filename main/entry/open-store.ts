import type { Store } from '../core/store-port.ts';
import { postgresAddress } from '../storage/postgres/postgres-address.ts';
import { PostgresStore } from '../storage/postgres/postgres-store.ts';
import { SqliteStore } from '../storage/sqlite/sqlite-store.ts';
import type { StoreOptions } from '../storage/store-options.ts';
import { spoolFolder, storePath } from './data-folder.ts';

export interface StorePlace {
  /** `store.url` of the settings; empty = the embedded database of the folder. */
  readonly url: string;
  readonly folder: string;
  /** Whether this process alone works on the folder; only then may it use the folder's spool. */
  readonly alone: boolean;
  /** Where a password is looked for that the address leaves out. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Opens the store that the settings choose; returns at once. @throws StoreError for an address that is none */
export function openStore({ url, folder, alone, environment }: StorePlace, options: StoreOptions): Store {
  const spool = (database: 'embedded' | 'postgres') => (alone ? spoolFolder(folder, database) : undefined);
  if (url === '') return new SqliteStore({ ...options, path: storePath(folder), spoolFolder: spool('embedded') });
  return new PostgresStore({ ...options, address: postgresAddress(url, environment), spoolFolder: spool('postgres') });
}
