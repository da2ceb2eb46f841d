import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { afterMs, type Cancel } from '../../core/clock/wall-timer.ts';
import {
  emptyBatch,
  type InstrumentBinding,
  type SqliteWorkerData,
  type StoreBatch,
  type StoreReply,
  type StoreRequest,
} from '../store-batch.ts';
import { faultOf } from '../store-fault.ts';
import { SqliteDatabase, setAside } from './sqlite-database.ts';

/** Pause before a write that failed is tried again. */
const RETRY_MS = 500;

/**
 * The thread in which the database lives. A batch that can't be written is kept and tried again; a damaged database is set
 * aside and a new one begun; what is wrong is told in words. One thing happens at a time.
 */
class StoreWorker {
  readonly #data: SqliteWorkerData;
  readonly #port: MessagePort;
  readonly #bindings = new Map<number, InstrumentBinding>();
  readonly #batches: StoreBatch[] = [];
  #database: SqliteDatabase | undefined;
  #trouble = 'store: opening';
  #working: Promise<void> = Promise.resolve();
  #retry: Cancel | undefined;

  constructor(data: SqliteWorkerData, port: MessagePort) {
    this.#data = data;
    this.#port = port;
    port.on('message', (request: StoreRequest) => {
      this.#working = this.#working.then(() => this.#take(request));
    });
    this.#working = this.#drain();
  }

  async #take(request: StoreRequest): Promise<void> {
    switch (request.type) {
      case 'write':
        for (const binding of request.batch.instruments) this.#bindings.set(binding.market, binding);
        this.#batches.push(request.batch);
        if (this.#retry === undefined) await this.#drain();
        return;
      case 'setting':
        this.#answer(request.id, (database) => {
          const text = database.setting(request.name);
          return text === undefined ? undefined : JSON.parse(text);
        });
        return;
      case 'bars':
        this.#answer(request.id, (database) => database.latestBars(request.key, request.count));
        return;
      case 'calendar':
        this.#answer(request.id, ({ calendar }) => calendar.between(request.question));
        return;
      case 'news':
        this.#answer(request.id, ({ calendar }) => calendar.latestNews(request.count));
        return;
      case 'close':
        this.#retry?.();
        await this.#drain();
        this.#retry?.();
        this.#retry = undefined;
        this.#send({ type: 'closed', words: this.#closeDatabase() });
        this.#port.close();
    }
  }

  /** Why not everything was written, or nothing. */
  #closeDatabase(): string {
    try {
      this.#database?.close();
      return this.#batches.length === 0 ? '' : this.#trouble;
    } catch (error) {
      return faultOf(error).words;
    }
  }

  #answer(id: number, read: (database: SqliteDatabase) => unknown): void {
    try {
      if (this.#database === undefined) this.#send({ type: 'refusal', id, words: this.#trouble });
      else this.#send({ type: 'answer', id, value: read(this.#database) });
    } catch (error) {
      this.#send({ type: 'refusal', id, words: faultOf(error).words });
    }
  }

  /** Writes what waits, in order, until it is done or something is wrong. */
  async #drain(): Promise<void> {
    this.#retry = undefined;
    try {
      if (this.#database === undefined) {
        const database = await SqliteDatabase.open(this.#data);
        this.#database = database;
        database.write({ ...emptyBatch(), instruments: [...this.#bindings.values()] });
      }
      for (let batch = this.#batches[0]; batch !== undefined; batch = this.#batches[0]) {
        this.#send(writeBatch(this.#database, batch));
        this.#batches.shift();
      }
      this.#state('');
    } catch (error) {
      const fault = faultOf(error);
      if (fault.kind === 'damaged') await this.#replace(fault.words);
      else {
        this.#state(fault.words);
        this.#retry = afterMs(RETRY_MS, () => {
          this.#working = this.#working.then(() => (this.#retry === undefined ? undefined : this.#drain()));
        });
      }
    }
  }

  async #replace(words: string): Promise<void> {
    this.#database?.abandon();
    this.#database = undefined;
    const name = setAside(this.#data.path);
    this.#send({
      type: 'notice',
      words: `${words}. It was set aside as ${name} and a new one begun; what it held can be rebuilt from captures and journal.`,
    });
    await this.#drain();
  }

  #state(trouble: string): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#send({ type: 'state', ok: trouble === '', words: trouble === '' ? 'stored' : trouble });
  }

  #send(reply: StoreReply): void {
    this.#port.postMessage(reply);
  }
}

/** Writes a batch, or says why its rows can't be written at all; throws what waiting may cure. */
function writeBatch(database: SqliteDatabase, batch: StoreBatch): StoreReply {
  try {
    database.write(batch);
    return { type: 'written' };
  } catch (error) {
    const { kind, words } = faultOf(error);
    if (kind !== 'rows') throw error;
    return { type: 'unwritable', words };
  }
}

if (parentPort === null) throw new Error('The store runs in a worker thread of its own.');
new StoreWorker(workerData as SqliteWorkerData, parentPort);
