import type { PositionRow } from './replay-positions.ts';

/** How long after a hole its first records are waited for: a schema without one by then had none. */
export const WATCHED_US = 60_000_000;

/** Data that are missing and that no replay will bring: a trader's volume sums have a hole there. */
export interface LiveHole {
  readonly fromUs: number;
  readonly toUs: number;
  readonly schemas: readonly string[];
  readonly symbols: readonly string[];
  readonly why: string;
  /** What had come of each schema and instrument before it. */
  readonly before: readonly PositionRow[];
  /** Event time of the first record after it by record type, µs; filled as records come. */
  readonly firstUs: Map<number, number>;
}

/** The holes of a stream that are still open, each with where it ends in each schema. */
export class LiveHoles {
  #open: readonly LiveHole[] = [];
  #watched: readonly LiveHole[] = [];

  /** The latest last. */
  get all(): readonly LiveHole[] {
    return this.#open;
  }

  /** Whether records have to be noted, so that a hole's end is known. */
  get watching(): boolean {
    return this.#watched.length > 0;
  }

  add(hole: LiveHole): void {
    this.#open = [...this.#open, hole];
    this.#watched = [...this.#watched, hole];
  }

  /** A new record came. */
  note(rtype: number, eventUs: number): void {
    for (const hole of this.#watched) {
      if (eventUs > hole.toUs + WATCHED_US) this.#watched = this.#watched.filter((other) => other !== hole);
      else if (Number.isFinite(eventUs) && !hole.firstUs.has(rtype)) hole.firstUs.set(rtype, eventUs);
    }
  }

  /** What lies within a span is filled, or accepted. */
  settle(fromUs: number, toUs: number): void {
    this.#open = this.#open.filter((hole) => hole.fromUs < fromUs || hole.toUs > toUs);
  }
}
