import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { Spool } from './spool.ts';
import type { StoreReply, StoreRequest, StoreWorkerData } from './store-batch.ts';
import type { StoreDatabaseKind } from './store-database.ts';
import { StoreWriter } from './store-writer.ts';

/** The thread that talks with the database. Batches are stored one after the other; questions don't wait for them. */
export class StoreWorker {
  readonly #port: MessagePort;
  readonly #writer: StoreWriter;
  #writes: Promise<void> = Promise.resolve();
  #trouble = 'store: opening';

  /** @param kindOf the kind of database; what it has to tell the trader goes to `onNotice` */
  constructor(
    data: StoreWorkerData,
    port: MessagePort,
    kindOf: (onNotice: (words: string) => void) => StoreDatabaseKind,
  ) {
    this.#port = port;
    const onNotice = (words: string) => this.#send({ type: 'notice', words });
    this.#writer = new StoreWriter({
      data,
      kind: kindOf(onNotice),
      spoolOf: (lane) => spoolOf(spoolPlace(data, lane), onNotice),
      onState: (trouble) => this.#state(trouble),
      onNotice,
      onHeld: (rows) => this.#send({ type: 'held', rows }),
      onPassed: (rows) => this.#send({ type: 'passed', rows }),
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
      case 'ask':
        void this.#answer(request.id, () => this.#writer.answer(request.question));
        return;
      case 'prune':
        void this.#answer(request.id, () => this.#writer.prune(request.keepDays, request.nowUs));
        return;
      case 'close':
        this.#writer.tryNoMore();
        this.#writes = this.#writes.then(() => this.#close());
    }
  }

  async #answer(id: number, find: () => Promise<unknown>): Promise<void> {
    try {
      this.#send({ type: 'answer', id, value: await find() });
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

/** A spool, or one that takes nothing where there can be none: orders are stored all the same. */
function spoolOf(place: StoreWorkerData['spool'], onNotice: (words: string) => void): Spool {
  try {
    return new Spool({ ...place, onDamage: onNotice });
  } catch (error) {
    onNotice(
      `store: ${place.folder} cannot be used (${(error as Error).message}): what the database does not take waits in memory. Check that this folder may be written.`,
    );
    return new Spool({ folder: place.folder, maxBytes: 0, onDamage: onNotice });
  }
}

/** Where a lane has its spool. Orders and the like take little room; of days that are stored apart the most is spooled. */
function spoolPlace({ spool: { folder, maxBytes } }: StoreWorkerData, lane: 'all' | 'days'): StoreWorkerData['spool'] {
  return lane === 'all' ? { folder, maxBytes } : { folder: join(folder, 'days'), maxBytes };
}
