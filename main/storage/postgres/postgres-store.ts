import { randomUUID } from 'node:crypto';
import type { PostgresWorkerData } from '../store-batch.ts';
import { type StoreOptions, WorkerStore } from '../worker-store.ts';
import type { PostgresAddress } from './postgres-address.ts';

/** With the quarter of a second for which rows are gathered, less than a second is in memory alone. */
const SLOW_MS = 600;
const SPOOL_BYTES = 2 * 1024 ** 3;

export interface PostgresStoreOptions extends StoreOptions {
  readonly address: PostgresAddress;
  /** Folder for what the database does not take; left out = rows wait in memory then. One store has it at a time. */
  readonly spoolFolder?: string | undefined;
  /** Bytes that the spool may hold. */
  readonly spoolBytes?: number;
  /** Milliseconds after which a write that still runs is spooled as well. */
  readonly slowMs?: number;
}

/**
 * The store in a Postgres database, here or elsewhere. What was said to be stored is in the database or synced in the
 * spool, from where it goes to the database in order, each batch once.
 */
export class PostgresStore extends WorkerStore {
  constructor(options: PostgresStoreOptions) {
    const { address, runId, account, spoolFolder, spoolBytes = SPOOL_BYTES, slowMs = SLOW_MS } = options;
    const spool = { folder: spoolFolder ?? '', maxBytes: spoolFolder === undefined ? 0 : spoolBytes };
    const data = { address, runId, account, writer: randomUUID(), spool, slowMs } satisfies PostgresWorkerData;
    super(options, 'postgres/postgres-worker', data);
  }
}
