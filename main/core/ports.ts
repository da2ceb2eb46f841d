import type { VolumeType } from '../../shared/bars.ts';
import type { Market } from './market.ts';

/**
 * A stateful part that can be frozen and continued: restored and continued must equal never interrupted. Snapshots are
 * structured-clone data (plain objects, typed arrays).
 */
export interface Stateful<S> {
  snapshot(): S;
  restore(snapshot: S): void;
}

/** Aggressor of a trade: +1 buyer, −1 seller, 0 unknown. */
export type Aggressor = 1 | -1 | 0;

/** Why a book can no longer be trusted until the next complete image. */
export type GapReason = 'queue-overflow' | 'feed-gap' | 'maybe-bad-book' | 'clear' | 'roll' | 'halt' | 'restart';

/**
 * A stage of the engine sees every market's events in order, synchronously, and must neither allocate per event nor wait.
 * Stages run in the order in which they were added; each reads what earlier ones wrote to the market.
 */
export interface MarketStage {
  readonly name: string;
  /** A market appeared. */
  onMarket?(market: Market): void;
  /** A record of ten-level depth as the venue sent it, in Databento's MBP-10 form at a word of a buffer that is reused. */
  onDepthRecord?(market: Market, words: Int32Array, at: number): void;
  /** A trade print, before the event that it belongs to is complete. Lots > 0. */
  onTrade?(market: Market, ticks: number, lots: number, aggressor: Aggressor): void;
  /** An event ended: the book may be judged. `market.depth` marks what changed since the last judged event. */
  onBook?(market: Market): void;
  /** The book was lost; flow features must not bridge the hole. */
  onGap?(market: Market, reason: GapReason): void;
  /** The trade date turned. */
  onTradeDate?(market: Market): void;
  snapshot(): unknown;
  restore(snapshot: unknown): void;
}

/**
 * Takes in what was added to and pulled from a price level, trades apart, as far as depth images show it (main/features
 * estimates it for cancel-to-add). Called on the hot path: it may not allocate.
 */
export interface LevelFlowSink {
  /** @param side +1 bid, −1 ask; @param lots + added, − pulled */
  onLevelFlow(market: Market, side: 1 | -1, ticks: number, lots: number): void;
}

/** A one-minute bar; prices in decimal units, volumes in lots. NaN is absent. */
export interface Bar {
  /** Start of the `tsEvent` minute, µs since the epoch. */
  readonly startUs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** What open, high, low and close are prices of: mids of judged books, or trades where no book gave a mid. */
  readonly priceSource: 'mid' | 'trade';
  /** Lots that really traded, or changes of the quote: `volumeType` says which. */
  readonly volume: number;
  readonly volumeType: VolumeType;
  /** Lots bought minus lots sold by aggressors; trades without a known one count in neither. */
  readonly delta: number;
  /** Average price of this bar, weighed by real volume or else by time (`vwapKindOf`); absent without trades or quotes. */
  readonly vwap: number;
  /** The same average of the session when the bar last changed; absent before its first trade or quote. */
  readonly sessionVwap: number;
}

/** Takes in bars. A bar is told by market and start: one that is told again replaces what was known of it. */
export interface BarSink {
  onBar(market: Market, bar: Bar, closed: boolean): void;
}

/** A typed error of input that does not fit its instrument. */
export class OffTickError extends Error {
  override readonly name = 'OffTickError';
  readonly symbol: string;

  constructor(symbol: string, priceNano: number, tickNano: number, where: string) {
    super(
      `${where}: price ${decimal(priceNano)} of ${symbol} is not a multiple of its tick ${decimal(tickNano)}; the record is refused. ` +
        'Check the instrument definition or the product table.',
    );
    this.symbol = symbol;
  }
}

/** A price in units of 1e-9 as people write it, all its places kept. */
function decimal(nano: number): string {
  return (nano / 1e9).toFixed(9).replace(/\.?0+$/, '');
}
