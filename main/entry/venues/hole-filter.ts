import type { DbnDecoder } from '../../codec/dbn/decoder.ts';
import { WORD } from '../../codec/dbn/layout.ts';
import { tsUs } from '../../codec/dbn/read-words.ts';
import { type LiveHole, WATCHED_US } from '../../feeds/databento/live-holes.ts';
import { ReplayPositions, rtypeOf } from '../../feeds/databento/replay-positions.ts';

/**
 * Tells the records of a hole from those around it, so that a capture of them and the captures of the stream have each
 * record once: what had come before the hole is told as in a replay, what came after it by the first record of its type.
 * A record of the very microsecond of that first one counts as having come.
 */
export class HoleFilter {
  readonly #before = new ReplayPositions();
  readonly #firstUs: ReadonlyMap<number, number>;
  readonly #endUs: number;

  constructor({ before, firstUs, toUs }: LiveHole) {
    this.#before.restore(before);
    this.#before.expectRepeats([...new Set(before.map(rtypeOf))]);
    this.#firstUs = firstUs;
    this.#endUs = toUs + WATCHED_US;
  }

  /** Whether the record under the cursor never came. Each is asked about once, those of one type in their order. */
  misses({ words, at, rtype }: DbnDecoder): boolean {
    const isNew = this.#before.admit(words, at);
    return isNew && tsUs(words, at + WORD.TS_EVENT) < (this.#firstUs.get(rtype) ?? this.#endUs);
  }
}
