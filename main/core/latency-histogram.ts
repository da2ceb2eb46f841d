const BUCKETS_PER_OCTAVE = 8;
const BUCKETS = 40 * BUCKETS_PER_OCTAVE;

/**
 * Durations in buckets that grow by an eighth of an octave: percentiles to within about nine per cent, no allocation per
 * sample. Wall-clock measurements: shown, never hashed.
 */
export class LatencyHistogram {
  #counts = new Float64Array(BUCKETS);
  #before = new Float64Array(BUCKETS);
  #total = 0;
  #totalBefore = 0;

  /** Samples that are told of: all that came since the last turn but one. */
  get total(): number {
    return this.#total + this.#totalBefore;
  }

  /** @param duration ≥ 0 in any unit */
  add(duration: number): void {
    const value = duration < 1 ? 1 : duration;
    const bucket = Math.min(BUCKETS - 1, Math.floor(Math.log2(value) * BUCKETS_PER_OCTAVE));
    this.#counts[bucket] = this.#counts[bucket]! + 1;
    this.#total++;
  }

  /** Upper bound of the bucket that holds the given share (0…1) of the samples; 0 when there are none. */
  percentile(share: number): number {
    if (this.total === 0) return 0;
    let left = Math.ceil(this.total * share);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#counts[bucket]! + this.#before[bucket]!;
      if (left <= 0) return 2 ** ((bucket + 1) / BUCKETS_PER_OCTAVE);
    }
    return 2 ** (BUCKETS / BUCKETS_PER_OCTAVE);
  }

  /** Forgets what came before the last turn: called every so often, percentiles are those of the last while. */
  turn(): void {
    const free = this.#before;
    this.#before = this.#counts;
    this.#totalBefore = this.#total;
    this.#counts = free.fill(0);
    this.#total = 0;
  }
}
