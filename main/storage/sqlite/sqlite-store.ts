import type { SqliteWorkerData } from '../store-batch.ts';
import { type StoreOptions, WorkerStore } from '../worker-store.ts';

export interface SqliteStoreOptions extends StoreOptions {
  readonly path: string;
  /** Size beyond which the file does not grow; the disk is the limit when left out. */
  readonly maxBytes?: number;
}

/** The embedded store: one SQLite file. */
export class SqliteStore extends WorkerStore {
  constructor(options: SqliteStoreOptions) {
    const { path, runId, account, maxBytes } = options;
    super(options, 'sqlite/sqlite-worker', { path, runId, account, maxBytes } satisfies SqliteWorkerData);
  }
}
