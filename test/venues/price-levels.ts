import type { Random } from '../../main/core/clock/random.ts';
import type { TextBook } from '../../main/core/feed-port.ts';

/** A change of one level, as text: `["bid", "100.10", "0.5"]`; a size of zero removes. */
export type LevelChange = readonly [side: 'bid' | 'ask', price: string, size: string];

export interface PriceLevelsOptions {
  readonly random: Random;
  /** Middle of the book in ticks. */
  readonly middle: number;
  /** Levels a side at the start. */
  readonly depth: number;
  readonly priceText: (ticks: number) => string;
  readonly sizeText: (lots: number) => string;
}

/** A stand-in venue's own book: maps of text, moved by seeded chance. It never crosses. */
export class PriceLevels {
  readonly #options: PriceLevelsOptions;
  readonly #bids = new Map<number, string>();
  readonly #asks = new Map<number, string>();
  #middle: number;

  constructor(options: PriceLevelsOptions) {
    this.#options = options;
    this.#middle = options.middle;
    for (let away = 1; away <= options.depth; away++) {
      this.#bids.set(this.#middle - away, this.#size());
      this.#asks.set(this.#middle + away, this.#size());
    }
  }

  /** Changes one level by chance; a moving middle takes levels that it passes away. */
  change(): readonly LevelChange[] {
    const { random, priceText, sizeText } = this.#options;
    const changes: LevelChange[] = [];
    if (random.chance(0.05)) {
      this.#middle += random.chance(0.5) ? 1 : -1;
      for (const [side, of] of [
        ['bid', this.#bids],
        ['ask', this.#asks],
      ] as const) {
        if (!of.delete(this.#middle)) continue;
        changes.push([side, priceText(this.#middle), sizeText(0)]);
      }
    }
    const side = random.chance(0.5) ? ('bid' as const) : ('ask' as const);
    const away = 1 + Math.floor(random.exponential(1 / 12));
    const ticks = side === 'bid' ? this.#middle - away : this.#middle + away;
    const of = side === 'bid' ? this.#bids : this.#asks;
    if (random.chance(0.3)) {
      // Removing what is not there is normal.
      of.delete(ticks);
      changes.push([side, priceText(ticks), sizeText(0)]);
    } else {
      const size = this.#size();
      of.set(ticks, size);
      changes.push([side, priceText(ticks), size]);
    }
    return changes;
  }

  /** Price of a trade at the inside. */
  inside(side: 'bid' | 'ask'): string {
    return this.#options.priceText(this.#middle + (side === 'ask' ? 1 : -1));
  }

  size(): string {
    return this.#size();
  }

  /** The best levels, best first. */
  text(levels: number): TextBook {
    const { priceText } = this.#options;
    const side = (of: Map<number, string>, sign: number) =>
      [...of]
        .sort(([a], [b]) => sign * (a - b))
        .slice(0, levels)
        .map(([ticks, size]) => [priceText(ticks), size] as const);
    return { bids: side(this.#bids, -1), asks: side(this.#asks, 1) };
  }

  #size(): string {
    const { random, sizeText } = this.#options;
    return sizeText(1 + random.nextInt(500_000));
  }
}
