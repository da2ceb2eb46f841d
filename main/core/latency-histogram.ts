const BUCKETS_PER_OCTAVE = 8;
const BUCKETS = 40 * BUCKETS_PER_OCTAVE;

/**
 * Durations in buckets that grow by an eighth of an octave: percentiles to within about nine per cent, no allocation per
 * sample. Wall-clock measurements: shown, never hashed.
 */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  #total = 0;

  /** Samples since the last reset. */
  get total(): number {
    return this.#total;
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
    if (this.#total === 0) return 0;
    let left = Math.ceil(this.#total * share);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#counts[bucket]!;
      if (left <= 0) return 2 ** ((bucket + 1) / BUCKETS_PER_OCTAVE);
    }
    return 2 ** (BUCKETS / BUCKETS_PER_OCTAVE);
  }

  reset(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }
}
