import type { PostgresWorkerData } from '../store-batch.ts';
import { type StoreOptions, workerData } from '../store-options.ts';
import { WorkerStore } from '../worker-store.ts';
import type { PostgresAddress } from './postgres-address.ts';

export interface PostgresStoreOptions extends StoreOptions {
  readonly address: PostgresAddress;
}

/** The store in a Postgres database, here or elsewhere. */
export class PostgresStore extends WorkerStore {
  constructor(options: PostgresStoreOptions) {
    const data = { ...workerData(options), address: options.address } satisfies PostgresWorkerData;
    super(options, 'postgres/postgres-worker', data);
  }
}
