import { soon } from './clock/wall-timer.ts';

/** Whole records, or a frame, as they arrived, and when. */
export interface Batch {
  readonly bytes: Uint8Array;
  readonly localUs: number;
}

/** A batch in the queue, and what was refused just before it came. */
interface Waiting<B extends Batch> {
  readonly batch: B;
  readonly lostBatches: number;
  readonly lostBytes: number;
}

export interface InboundQueueOptions<B extends Batch> {
  /** Bytes that may wait; what comes beyond is refused and told, never silently dropped. */
  readonly maxBytes: number;
  /** Plays one batch into the engine. */
  readonly take: (batch: B) => void;
  /** Batches were refused: the engine marks a gap that names what was lost. */
  readonly onOverflow: (lostBatches: number, lostBytes: number) => void;
}

/** Batches taken before their places are given back: a flood must not keep what was played. */
const COMPACT_FROM = 8_192;

/**
 * The bounded queue between a source and the engine. Batches are played in arrival order, in a turn of their own, so that
 * a socket is never kept waiting by the engine. A loss is told at its place in the order: after the batches that came before
 * it, before the first one that came after it.
 */
export class InboundQueue<B extends Batch> {
  readonly #options: InboundQueueOptions<B>;
  #waiting: Waiting<B>[] = [];
  /** Place of the oldest that waits; what lies before it has been taken. */
  #first = 0;
  #bytes = 0;
  #lostBatches = 0;
  #lostBytes = 0;
  #scheduled = false;

  constructor(options: InboundQueueOptions<B>) {
    this.#options = options;
  }

  /** Arrival time of the oldest waiting batch, or undefined when nothing waits. */
  get oldestUs(): number | undefined {
    return this.#waiting[this.#first]?.batch.localUs;
  }

  /**
   * Takes a batch in, or counts it as lost when the queue is full. The bytes belong to the queue from now on.
   * @returns whether it was taken in
   */
  push(batch: B): boolean {
    const { bytes } = batch;
    const fits = this.#bytes + bytes.length <= this.#options.maxBytes;
    if (!fits) {
      this.#lostBatches++;
      this.#lostBytes += bytes.length;
    } else {
      this.#waiting.push({ batch, lostBatches: this.#lostBatches, lostBytes: this.#lostBytes });
      this.#bytes += bytes.length;
      this.#lostBatches = 0;
      this.#lostBytes = 0;
    }
    if (this.#scheduled) return fits;
    this.#scheduled = true;
    soon(() => this.drain());
    return fits;
  }

  /** Plays everything that waits. */
  drain(): void {
    this.#scheduled = false;
    while (this.#first < this.#waiting.length) {
      const next = this.#waiting[this.#first++]!;
      if (this.#first === COMPACT_FROM) this.#compact();
      this.#bytes -= next.batch.bytes.length;
      this.#tell(next.lostBatches, next.lostBytes);
      this.#options.take(next.batch);
    }
    this.#compact();
    const batches = this.#lostBatches;
    const bytes = this.#lostBytes;
    this.#lostBatches = 0;
    this.#lostBytes = 0;
    this.#tell(batches, bytes);
  }

  /** Lets go of what was taken. */
  #compact(): void {
    this.#waiting = this.#waiting.slice(this.#first);
    this.#first = 0;
  }

  #tell(batches: number, bytes: number): void {
    if (batches > 0) this.#options.onOverflow(batches, bytes);
  }
}
