import { FEATURE_COUNT } from '../../shared/features.ts';

/** Samples a minute and a bit at ten a second. */
export const HISTORY_LENGTH = 600;
const SAMPLE_US = 100_000;

/** The current feature vector and a regular history of it for sparklines. */
export class FeatureHistory {
  readonly current = new Float64Array(FEATURE_COUNT).fill(Number.NaN);
  readonly #samples = new Float64Array(FEATURE_COUNT * HISTORY_LENGTH).fill(Number.NaN);
  #slot = -1;
  #count = 0;
  version = 0;

  get length(): number {
    return this.#count;
  }

  clear(): void {
    this.current.fill(Number.NaN);
    this.#samples.fill(Number.NaN);
    this.#slot = -1;
    this.#count = 0;
    this.version++;
  }

  /** Takes a features row in: [engineUs, ...vector]. Time that goes back (a seek) starts the history again. */
  take(values: Float64Array): void {
    const slot = Math.floor(values[0]! / SAMPLE_US);
    if (this.#slot >= 0 && (slot < this.#slot || slot > this.#slot + HISTORY_LENGTH)) this.clear();
    const from = this.#slot < 0 ? slot : this.#slot + 1;
    for (let missed = from; missed < slot; missed++) this.#write(missed, this.current, 0);
    this.#write(slot, values, 1);
    if (this.#slot < 0) this.#count = 1;
    else this.#count = Math.min(HISTORY_LENGTH, this.#count + slot - this.#slot);
    this.#slot = slot;
    for (let i = 0; i < FEATURE_COUNT; i++) this.current[i] = values[i + 1]!;
    this.version++;
  }

  /** Sample of a feature, `age` samples ago (0 = newest). */
  sample(feature: number, age: number): number {
    return this.#samples[
      ((((this.#slot - age) % HISTORY_LENGTH) + HISTORY_LENGTH) % HISTORY_LENGTH) * FEATURE_COUNT + feature
    ]!;
  }

  #write(slot: number, values: Float64Array, offset: number): void {
    const to = (slot % HISTORY_LENGTH) * FEATURE_COUNT;
    for (let i = 0; i < FEATURE_COUNT; i++) this.#samples[to + i] = values[i + offset]!;
  }
}
