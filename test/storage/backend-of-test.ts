import { afterEach, beforeEach } from 'vitest';
import type { StoreOptions } from '../../main/storage/store-options.ts';
import type { WorkerStore } from '../../main/storage/worker-store.ts';
import type { StoreBackend } from './store-backend.ts';
import { EURO, EURUSD } from './store-rows.ts';

/** The database of the test that runs; made before it and removed after it, with the stores that it opened. */
export class BackendOfTest {
  #backend: StoreBackend | undefined;
  readonly #opened: WorkerStore[] = [];

  /** To be called within a `describe`. @param make a database of its own for each test */
  constructor(make: () => Promise<StoreBackend>) {
    beforeEach(async () => {
      this.#backend = await make();
    });
    afterEach(async () => {
      for (const store of this.#opened.splice(0)) await store.close().catch(() => undefined);
      await this.#backend?.remove();
    });
  }

  get is(): StoreBackend {
    return this.#backend!;
  }

  /** Opens a store in which market 0 is the future and market 1 the spot. */
  readonly open = (options: Partial<StoreOptions> = {}): WorkerStore => {
    const store = this.is.open(options);
    this.#opened.push(store);
    store.instrument(0, EURO);
    store.instrument(1, EURUSD);
    return store;
  };

  /** Rows of a question in SQL. */
  readonly rows = async (sql: string): Promise<Record<string, unknown>[]> =>
    (await this.is.sql(sql)) as Record<string, unknown>[];
}
