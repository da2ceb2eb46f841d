/**
 * Rows of fixed width with absolute numbers, of which the newest are kept: the replica of a sequenced frame section.
 * Nothing is allocated after construction.
 */
export class RowRing {
  readonly width: number;
  readonly capacity: number;
  readonly values: Float64Array;
  #next = 0;
  #kept = 0;
  #version = 0;
  #generation = 0;

  constructor(width: number, capacity: number) {
    this.width = width;
    this.capacity = capacity;
    this.values = new Float64Array(width * capacity);
  }

  /** Absolute number of the oldest row kept. */
  get first(): number {
    return this.#next - this.#kept;
  }

  /** Absolute number that the next row will have. */
  get next(): number {
    return this.#next;
  }

  get size(): number {
    return this.#kept;
  }

  /** Grows with every change, for drawings that redraw only what changed. */
  get version(): number {
    return this.#version;
  }

  /** Grows when the rows were replaced rather than appended to. */
  get generation(): number {
    return this.#generation;
  }

  clear(): void {
    this.#next = 0;
    this.#kept = 0;
    this.#version++;
    this.#generation++;
  }

  /** Offset of a row in `values`; the row must be one of those kept. */
  at(row: number): number {
    return (row % this.capacity) * this.width;
  }

  /**
   * Takes rows in whose first has the absolute number `first`. A snapshot replaces what was there.
   * @returns rows missing between what was there and `first`; 0 when they follow on
   */
  append(first: number, rows: number, source: Float64Array, snapshot: boolean): number {
    let missing = 0;
    if (snapshot) {
      this.#next = first;
      this.#kept = 0;
      this.#generation++;
    } else if (first > this.#next) {
      missing = this.#kept === 0 ? 0 : first - this.#next;
      this.#next = first;
      if (missing > 0) {
        this.#kept = 0;
        this.#generation++;
      }
    }
    const known = Math.max(0, this.#next - first, rows - this.capacity);
    const width = this.width;
    for (let row = known; row < rows; row++) {
      const to = ((first + row) % this.capacity) * width;
      const from = row * width;
      for (let i = 0; i < width; i++) this.values[to + i] = source[from + i]!;
    }
    if (rows > known) {
      this.#next = first + rows;
      this.#kept = Math.min(this.capacity, this.#kept + rows - known);
    }
    this.#version++;
    return missing;
  }
}
