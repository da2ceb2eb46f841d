/** A timer that has been set and can be taken back. */
export type TimerId = number;

interface Timer {
  readonly id: TimerId;
  readonly dueUs: number;
  readonly fire: (dueUs: number) => void;
}

/**
 * Timers in engine time. They fire in the order (due time, order of setting), before any input of the same or a later
 * time, so that the order of timers and events depends on their times alone and not on when the machine got round to them.
 * What is due is decided by the engine; the scheduler never reads a clock. A restore of the engine clears every timer; those
 * that the restored state needs are set again by their owners, in the order in which they had been set.
 */
export class Scheduler {
  readonly #heap: Timer[] = [];
  readonly #cancelled = new Set<TimerId>();
  #nextId: TimerId = 1;

  /** Due time of the next timer, +∞ when there is none. */
  get nextDueUs(): number {
    return this.#heap.length === 0 ? Number.POSITIVE_INFINITY : this.#heap[0]!.dueUs;
  }

  /** Sets a timer at an engine time; a time that has passed fires at the next advance. */
  at(dueUs: number, fire: (dueUs: number) => void): TimerId {
    const timer: Timer = { id: this.#nextId++, dueUs, fire };
    this.#heap.push(timer);
    this.#up(this.#heap.length - 1);
    return timer.id;
  }

  /** Takes a timer back; one that has fired is ignored. */
  cancel(id: TimerId): void {
    if (this.#heap.some((timer) => timer.id === id)) this.#cancelled.add(id);
  }

  /** Takes out and fires the next timer if it is due at `nowUs`; false when none is. */
  fireNext(nowUs: number, onFire: (dueUs: number) => void): boolean {
    const first = this.#heap[0];
    if (first === undefined || first.dueUs > nowUs) return false;
    this.#pop();
    if (this.#cancelled.delete(first.id)) return true;
    onFire(first.dueUs);
    first.fire(first.dueUs);
    return true;
  }

  /** Forgets every timer: the state that they belong to is gone. */
  clear(): void {
    this.#heap.length = 0;
    this.#cancelled.clear();
  }

  #before(a: Timer, b: Timer): boolean {
    return a.dueUs < b.dueUs || (a.dueUs === b.dueUs && a.id < b.id);
  }

  #up(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(this.#heap[at]!, this.#heap[parent]!)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let least = at;
      if (left < this.#heap.length && this.#before(this.#heap[left]!, this.#heap[least]!)) least = left;
      if (right < this.#heap.length && this.#before(this.#heap[right]!, this.#heap[least]!)) least = right;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(a: number, b: number): void {
    const kept = this.#heap[a]!;
    this.#heap[a] = this.#heap[b]!;
    this.#heap[b] = kept;
  }
}
