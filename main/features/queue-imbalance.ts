import { type Depth, TOP_LEVELS } from '../core/book/depth.ts';

/**
 * Queue imbalance (sum of bid sizes − sum of ask sizes) / (sum of both) over the best 1, 5 and 10 levels, in −1…1.
 * Sizes are integer lots, so the sums are exact in any order. Absent while a side is missing, and beyond the levels that
 * the market's schema shows. Gould & Bonart (2016), "Queue imbalance as a one-tick-ahead price predictor in a limit order
 * book", for the best level; sums over levels are the usual extension.
 */
export class QueueImbalance {
  one = Number.NaN;
  five = Number.NaN;
  ten = Number.NaN;

  /** @param levels levels a side that the market's schema shows: 1 or 10 */
  update(depth: Depth, levels: number): void {
    const bidSize = depth.bidSize;
    const askSize = depth.askSize;
    const bid = bidSize[0]!;
    const ask = askSize[0]!;
    if (bid === 0 || ask === 0) {
      this.one = Number.NaN;
      this.five = Number.NaN;
      this.ten = Number.NaN;
      return;
    }
    this.one = (bid - ask) / (bid + ask);
    if (levels < TOP_LEVELS) return;
    const bids5 = bid + bidSize[1]! + bidSize[2]! + bidSize[3]! + bidSize[4]!;
    const asks5 = ask + askSize[1]! + askSize[2]! + askSize[3]! + askSize[4]!;
    this.five = (bids5 - asks5) / (bids5 + asks5);
    const bids10 = bids5 + bidSize[5]! + bidSize[6]! + bidSize[7]! + bidSize[8]! + bidSize[9]!;
    const asks10 = asks5 + askSize[5]! + askSize[6]! + askSize[7]! + askSize[8]! + askSize[9]!;
    this.ten = (bids10 - asks10) / (bids10 + asks10);
  }
}
