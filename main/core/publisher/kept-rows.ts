/**
 * The newest rows of a sequence, each of the same width, numbered from 0 since the start. Nothing is allocated after
 * construction.
 */
export class KeptRows {
  readonly width: number;
  readonly capacity: number;
  readonly #values: Float64Array;
  #begin: number;
  #next: number;

  /** @param begin number of the first row */
  constructor(width: number, capacity: number, begin = 0) {
    this.width = width;
    this.capacity = capacity;
    this.#values = new Float64Array(width * capacity);
    this.#begin = begin;
    this.#next = begin;
  }

  /** Number that the next row will have. */
  get next(): number {
    return this.#next;
  }

  /** Number of the oldest row that is kept. */
  get first(): number {
    return Math.max(this.#begin, this.#next - this.capacity);
  }

  get values(): Float64Array {
    return this.#values;
  }

  /** Where the newest row's first value is in `values`; −1 while there is none. */
  get newest(): number {
    return this.#next === this.#begin ? -1 : ((this.#next - 1) % this.capacity) * this.width;
  }

  /** Adds a row over the oldest one and returns where its first value goes in `values`. */
  add(): number {
    return (this.#next++ % this.capacity) * this.width;
  }

  /** Copies the kept rows from number `first` on into `to`. */
  copy(first: number, to: Float64Array, at: number): void {
    const { width, capacity } = this;
    const start = first % capacity;
    const rows = this.#next - first;
    const beforeWrap = Math.min(rows, capacity - start);
    to.set(this.#values.subarray(start * width, (start + beforeWrap) * width), at);
    if (rows > beforeWrap) to.set(this.#values.subarray(0, (rows - beforeWrap) * width), at + beforeWrap * width);
  }

  snapshot(): KeptRowsSnapshot {
    const values = new Float64Array((this.#next - this.first) * this.width);
    this.copy(this.first, values, 0);
    return { next: this.#next, values };
  }

  restore(snapshot: KeptRowsSnapshot): void {
    this.#begin = snapshot.next - snapshot.values.length / this.width;
    this.#next = this.#begin;
    for (let from = 0; from < snapshot.values.length; from += this.width) {
      this.#values.set(snapshot.values.subarray(from, from + this.width), this.add());
    }
  }
}

export interface KeptRowsSnapshot {
  readonly next: number;
  readonly values: Float64Array;
}
