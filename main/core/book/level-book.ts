import type { DeepBook } from './deep-book.ts';
import { type Depth, TOP_LEVELS } from './depth.ts';
import { PriceLadder, type PriceLadderSnapshot } from './price-ladder.ts';

/** A book by price level (L2) of any depth, fed with incremental changes. Prices in ticks, sizes in lots. */
export class LevelBook implements DeepBook {
  readonly bids = new PriceLadder('bid');
  readonly asks = new PriceLadder('ask');
  readonly #maxDepth: number;

  /** @param maxDepth levels a side that the feed promises; the book forgets what lies beyond */
  constructor(maxDepth = Number.POSITIVE_INFINITY) {
    this.#maxDepth = maxDepth;
  }

  /** Sets a bid level to a size; 0 removes it. */
  setBid(ticks: number, lots: number, orders = 0): void {
    this.bids.set(ticks, lots, orders);
  }

  /** Sets an ask level to a size; 0 removes it. */
  setAsk(ticks: number, lots: number, orders = 0): void {
    this.asks.set(ticks, lots, orders);
  }

  /** Drops the levels beyond the promised depth; called at the end of each message. */
  settle(): void {
    if (this.#maxDepth === Number.POSITIVE_INFINITY) return;
    this.bids.truncate(this.#maxDepth);
    this.asks.truncate(this.#maxDepth);
  }

  clear(): void {
    this.bids.clear();
    this.asks.clear();
  }

  /** Writes the ten best levels a side into `depth`, which marks what changed. */
  fill(depth: Depth): void {
    this.bids.fill(depth, TOP_LEVELS);
    this.asks.fill(depth, TOP_LEVELS);
  }

  copyBids(to: Float64Array, at: number, most: number): number {
    return this.bids.copy(to, at, most);
  }

  copyAsks(to: Float64Array, at: number, most: number): number {
    return this.asks.copy(to, at, most);
  }

  snapshot(): LevelBookSnapshot {
    return { bids: this.bids.snapshot(), asks: this.asks.snapshot() };
  }

  restore(snapshot: LevelBookSnapshot): void {
    this.bids.restore(snapshot.bids);
    this.asks.restore(snapshot.asks);
  }
}

export interface LevelBookSnapshot {
  readonly bids: PriceLadderSnapshot;
  readonly asks: PriceLadderSnapshot;
}
