import { exp } from '../core/numeric.ts';

export interface WeightedMedianOptions {
  /** Samples kept. */
  readonly capacity: number;
  /** Samples after which a weight has halved. */
  readonly halfLife: number;
  /** Samples needed before there is a value. */
  readonly least: number;
}

/**
 * Exponentially weighted median of the last samples: robust against a bad quote where a mean is not. The newest sample
 * weighs 1, each older one less by a constant factor; the value is the sample at which half of the weight is reached.
 */
export class WeightedMedian {
  readonly #least: number;
  readonly #samples: Float64Array;
  readonly #weights: Float64Array;
  readonly #ranked: Uint16Array;
  #next = 0;
  #count = 0;
  /** The median; NaN until there are enough samples. */
  value = Number.NaN;

  constructor(options: WeightedMedianOptions) {
    this.#least = options.least;
    this.#samples = new Float64Array(options.capacity);
    this.#weights = Float64Array.from({ length: options.capacity }, (_, age) =>
      exp((-age * Math.LN2) / options.halfLife),
    );
    this.#ranked = new Uint16Array(options.capacity);
  }

  push(sample: number): void {
    const capacity = this.#samples.length;
    this.#samples[this.#next] = sample;
    this.#next = (this.#next + 1) % capacity;
    if (this.#count < capacity) this.#count++;
    if (this.#count >= this.#least) this.value = this.#median();
  }

  clear(): void {
    this.#next = 0;
    this.#count = 0;
    this.value = Number.NaN;
  }

  snapshot(): WeightedMedianSnapshot {
    return { samples: this.#samples.slice(), next: this.#next, count: this.#count, value: this.value };
  }

  restore(snapshot: WeightedMedianSnapshot): void {
    this.#samples.set(snapshot.samples);
    this.#next = snapshot.next;
    this.#count = snapshot.count;
    this.value = snapshot.value;
  }

  #median(): number {
    const ranked = this.#ranked.subarray(0, this.#count);
    let total = 0;
    for (let i = 0; i < this.#count; i++) {
      ranked[i] = i;
      total += this.#weights[i]!;
    }
    ranked.sort((a, b) => this.#samples[a]! - this.#samples[b]!);
    let reached = 0;
    for (const slot of ranked) {
      reached += this.#weights[this.#age(slot)]!;
      if (reached >= total / 2) return this.#samples[slot]!;
    }
    throw new Error('weights of a median do not add up');
  }

  #age(slot: number): number {
    const capacity = this.#samples.length;
    return (this.#next - 1 - slot + 2 * capacity) % capacity;
  }
}

export interface WeightedMedianSnapshot {
  readonly samples: Float64Array;
  readonly next: number;
  readonly count: number;
  readonly value: number;
}
