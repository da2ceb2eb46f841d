import { log } from '../numeric.ts';

const TWO_32 = 4294967296;
const TWO_53 = 9007199254740992;

/** State of a generator: four 32-bit words. */
export type RandomSnapshot = readonly [number, number, number, number];

/**
 * Seeded random numbers, the same on every machine: 32-bit integer operations, and `core/numeric` where a logarithm is
 * needed. Method: sfc32, the 128-bit "small fast counting" generator of Chris Doty-Humphrey's PractRand.
 */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  /** Seeds that differ in one bit give unrelated streams; `stream` gives further independent ones of the same seed. */
  constructor(seed: number, stream = 0) {
    this.#a = Math.floor(seed / TWO_32) | 0;
    this.#b = seed | 0;
    this.#c = stream | 0;
    for (let round = 0; round < 16; round++) this.nextUint32();
  }

  /** Uniform integer of 32 bits. */
  nextUint32(): number {
    const out = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + out) | 0;
    return out >>> 0;
  }

  /** Uniform in [0, 1) with all 53 bits of a double; two draws. */
  nextFloat(): number {
    const high = this.nextUint32() >>> 5;
    const low = this.nextUint32() >>> 6;
    return (high * 67108864 + low) / TWO_53;
  }

  /** Uniform in [0, 1) with 32 bits; one draw. Enough for choices between a handful of outcomes. */
  nextFraction(): number {
    return this.nextUint32() / TWO_32;
  }

  /** Uniform integer in [0, n); its bias is below n / 2^32, so `n` should stay small. */
  nextInt(n: number): number {
    return Math.floor((this.nextUint32() / TWO_32) * n);
  }

  /** Waiting time of a Poisson process with `rate` events per unit. */
  exponential(rate: number): number {
    return -log(1 - this.nextFloat()) / rate;
  }

  /** Standard normal deviate by Marsaglia's polar method. */
  normal(): number {
    for (;;) {
      const u = 2 * this.nextFloat() - 1;
      const v = 2 * this.nextFloat() - 1;
      const square = u * u + v * v;
      if (square > 0 && square < 1) return u * Math.sqrt((-2 * log(square)) / square);
    }
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.nextUint32() < probability * TWO_32;
  }

  /** One of the items, all equally likely. */
  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new RangeError('Nothing to pick from: the list is empty.');
    return items[this.nextInt(items.length)]!;
  }

  snapshot(): RandomSnapshot {
    return [this.#a, this.#b, this.#c, this.#counter];
  }

  restore(snapshot: RandomSnapshot): void {
    [this.#a, this.#b, this.#c, this.#counter] = snapshot;
  }
}
