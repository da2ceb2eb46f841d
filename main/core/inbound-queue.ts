import { soon } from './clock/wall-timer.ts';

/** Whole records as they arrived, and when. */
export interface Batch {
  readonly bytes: Uint8Array;
  readonly localUs: number;
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
 * a socket is never kept waiting by the engine. After an overflow the loss is told before the next batch is played.
 */
export class InboundQueue {
  readonly #options: InboundQueueOptions;
  readonly #batches: Batch[] = [];
  #bytes = 0;
  #lostBatches = 0;
  #lostBytes = 0;
  #scheduled = false;

  constructor(options: InboundQueueOptions) {
    this.#options = options;
  }

  /** Arrival time of the oldest waiting batch, or undefined when nothing waits. */
  get oldestUs(): number | undefined {
    return this.#batches[0]?.localUs;
  }

  /** Takes a batch in, or counts it as lost when the queue is full. The bytes belong to the queue from now on. */
  push(bytes: Uint8Array, localUs: number): void {
    if (this.#bytes + bytes.length > this.#options.maxBytes) {
      this.#lostBatches++;
      this.#lostBytes += bytes.length;
      return;
    }
    this.#batches.push({ bytes, localUs });
    this.#bytes += bytes.length;
    if (this.#scheduled) return;
    this.#scheduled = true;
    soon(() => this.drain());
  }

  /** Plays everything that waits. */
  drain(): void {
    this.#scheduled = false;
    for (let batch = this.#batches.shift(); batch !== undefined; batch = this.#batches.shift()) {
      this.#bytes -= batch.bytes.length;
      this.#options.take(batch);
      if (this.#batches.length === 0) this.#tellLoss();
    }
  }

  #tellLoss(): void {
    if (this.#lostBatches === 0) return;
    const batches = this.#lostBatches;
    const bytes = this.#lostBytes;
    this.#lostBatches = 0;
    this.#lostBytes = 0;
    this.#options.onOverflow(batches, bytes);
  }
}
