import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Spool } from '../spool.ts';
import type { PostgresWorkerData, StoreReply, StoreRequest } from '../store-batch.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { PostgresWriter } from './postgres-writer.ts';

/** The thread that talks with Postgres: rows are made into COPY bytes here, and questions don't wait for writes. */
class PostgresWorker {
  readonly #port: MessagePort;
  readonly #writer: PostgresWriter;
  #writes: Promise<void> = Promise.resolve();
  #trouble = 'store: opening';

  constructor(data: PostgresWorkerData, port: MessagePort) {
    this.#port = port;
    const onNotice = (words: string) => this.#send({ type: 'notice', words });
    this.#writer = new PostgresWriter({
      data,
      spool: new Spool({ ...data.spool, onDamage: onNotice }),
      open: (onLost) => PostgresDatabase.open(data.address, onLost),
      onState: (trouble) => this.#state(trouble),
      onNotice,
    });
    port.on('message', (request: StoreRequest) => this.#take(request));
  }

  #take(request: StoreRequest): void {
    switch (request.type) {
      case 'write':
        this.#writes = this.#writes.then(async () => {
          const words = await this.#writer.write(request.batch);
          if (words !== undefined) this.#send(words === '' ? { type: 'written' } : { type: 'unwritable', words });
        });
        return;
      case 'setting':
        void this.#answer(request.id, async () => {
          const text = await this.#writer.setting(request.name);
          return text === undefined ? undefined : JSON.parse(text);
        });
        return;
      case 'bars':
        void this.#answer(request.id, () => this.#writer.read((db) => db.latestBars(request.key, request.count)));
        return;
      case 'calendar':
        void this.#answer(request.id, () => this.#writer.read((db) => db.eventsBetween(request.question)));
        return;
      case 'news':
        void this.#answer(request.id, () => this.#writer.read((db) => db.latestNews(request.count)));
        return;
      case 'close':
        this.#writer.tryNoMore();
        this.#writes = this.#writes.then(() => this.#close());
    }
  }

  async #answer(id: number, read: () => Promise<unknown>): Promise<void> {
    try {
      this.#send({ type: 'answer', id, value: await read() });
    } catch (error) {
      this.#send({ type: 'refusal', id, words: (error as Error).message });
    }
  }

  async #close(): Promise<void> {
    this.#send({ type: 'closed', words: await this.#writer.close() });
    // Ends this thread, with whatever a silent server has left open.
    process.exit();
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

if (parentPort === null) throw new Error('The store runs in a worker thread of its own.');
new PostgresWorker(workerData as PostgresWorkerData, parentPort);
