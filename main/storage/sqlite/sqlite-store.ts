import type { SqliteWorkerData } from '../store-batch.ts';
import { type StoreOptions, workerData } from '../store-options.ts';
import { WorkerStore } from '../worker-store.ts';

export interface SqliteStoreOptions extends StoreOptions {
  /** Path of the database; the files of its days are in a folder `market` beside it. */
  readonly path: string;
  /** Size beyond which no file grows; the disk is the limit when left out. */
  readonly maxBytes?: number;
}

/** The embedded store: SQLite, one file a trading day for market rows and one for everything else. */
export class SqliteStore extends WorkerStore {
  constructor(options: SqliteStoreOptions) {
    const { path, maxBytes } = options;
    super(options, 'sqlite/sqlite-worker', { ...workerData(options), path, maxBytes } satisfies SqliteWorkerData);
  }
}
