import type { CopySource, CopyTarget } from '../../main/storage/admin/copy/copy-ends.ts';
import type { StoreAdmin } from '../../main/storage/admin/store-admin.ts';
import type { StoreOptions } from '../../main/storage/store-options.ts';
import type { WorkerStore } from '../../main/storage/worker-store.ts';

/** A database of its own for one test, and the ways to it that the suites need. */
export interface StoreBackend {
  /** The store on it; of one run and account unless told otherwise. */
  open(options?: Partial<StoreOptions>): WorkerStore;
  /** Runs SQL beside the store; whole numbers come as numbers. */
  sql(text: string): Promise<unknown[]>;
  /** Makes the tables as they were after a migration. */
  makeVersion(migration: string): Promise<void>;
  columns(table: string): Promise<string[]>;
  /** The time now less `5 minutes` and the like, in the words of the database. */
  before(ago: string): string;
  /** A column of a time as a text of UTC, under its own name. */
  shown(column: string): string;
  /** The database as its keeper works with it. */
  admin(): StoreAdmin;
  /** The database as one end of a copy. */
  source(): Promise<CopySource>;
  target(): Promise<CopyTarget>;
  readonly spoolFolder: string;
  /** Arguments with which `store-writer.ts` opens the store. */
  readonly writer: readonly string[];
  /** Throws when the database is damaged. */
  check(): Promise<void>;
  /** Removes all of it; the stores are closed. */
  remove(): Promise<void>;
}
