import { soon } from './clock/wall-timer.ts';

/** Whole records as they arrived, and when. */
interface Batch {
  readonly bytes: Uint8Array;
  readonly localUs: number;
}

/** A batch in the queue, and what was refused just before it came. */
interface Waiting {
  readonly batch: Batch;
  readonly lostBatches: number;
  readonly lostBytes: number;
}

export interface InboundQueueOptions {
  /** Bytes that may wait; what comes beyond is refused and told, never silently dropped. */
  readonly maxBytes: number;
  /** Plays one batch into the engine. */
  readonly take: (batch: Batch) => void;
  /** Batches were refused: the engine marks a gap that names what was lost. */
  readonly onOverflow: (lostBatches: number, lostBytes: number) => void;
}

/**
 * The bounded queue between a source and the engine. Batches are played in arrival order, in a turn of their own, so that
 * a socket is never kept waiting by the engine. A loss is told at its place in the order: after the batches that came before
 * it, before the first one that came after it.
 */
export class InboundQueue {
  readonly #options: InboundQueueOptions;
  readonly #waiting: Waiting[] = [];
  #bytes = 0;
  #lostBatches = 0;
  #lostBytes = 0;
  #scheduled = false;

  constructor(options: InboundQueueOptions) {
    this.#options = options;
  }

  /** Arrival time of the oldest waiting batch, or undefined when nothing waits. */
  get oldestUs(): number | undefined {
    return this.#waiting[0]?.batch.localUs;
  }

  /** Takes a batch in, or counts it as lost when the queue is full. The bytes belong to the queue from now on. */
  push(bytes: Uint8Array, localUs: number): void {
    if (this.#bytes + bytes.length > this.#options.maxBytes) {
      this.#lostBatches++;
      this.#lostBytes += bytes.length;
    } else {
      const batch = { bytes, localUs };
      this.#waiting.push({ batch, lostBatches: this.#lostBatches, lostBytes: this.#lostBytes });
      this.#bytes += bytes.length;
      this.#lostBatches = 0;
      this.#lostBytes = 0;
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    soon(() => this.drain());
  }

  /** Plays everything that waits. */
  drain(): void {
    this.#scheduled = false;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#bytes -= next.batch.bytes.length;
      this.#tell(next.lostBatches, next.lostBytes);
      this.#options.take(next.batch);
    }
    const batches = this.#lostBatches;
    const bytes = this.#lostBytes;
    this.#lostBatches = 0;
    this.#lostBytes = 0;
    this.#tell(batches, bytes);
  }

  #tell(batches: number, bytes: number): void {
    if (batches > 0) this.#options.onOverflow(batches, bytes);
  }
}
