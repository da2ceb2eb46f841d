import { TOP_LEVELS } from '../../core/book/depth.ts';
import type { FrameMapper, TextLevel } from '../../core/feed-port.ts';
import type { Market } from '../../core/market.ts';
import type { RecordMapper } from '../../feeds/databento/record-mapper.ts';

/** One price of a book, in decimal units. */
export interface BookLevel {
  readonly price: number;
  readonly size: number;
  /** 0 where the venue does not tell. */
  readonly orders: number;
}

/** Both sides of a book, best first. */
export interface BookLevels {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** All levels that a DBN stream has of a market: every price of a book by order, the levels of the schema otherwise. */
export function levelsOfRecords(market: Market, mapper: RecordMapper): BookLevels {
  const { instrument, depth } = market;
  const orders = mapper.slotOf(instrument.venueId)?.orders;
  const level = (ticks: number, size: number, count: number): BookLevel => ({
    price: market.price(ticks),
    size,
    orders: count,
  });
  if (orders !== undefined) {
    const side = (ladder: typeof orders.bids) =>
      ladder.levels().map(({ ticks, lots, orders: count }) => level(ticks, lots, count));
    return { bids: side(orders.bids), asks: side(orders.asks) };
  }
  const side = (prices: Float64Array, sizes: Float64Array, counts: Float64Array) =>
    Array.from({ length: TOP_LEVELS }, (_, rank) => rank)
      .filter((rank) => sizes[rank]! > 0)
      .map((rank) => level(prices[rank]!, sizes[rank]!, counts[rank]!));
  return {
    bids: side(depth.bidPrice, depth.bidSize, depth.bidOrders),
    asks: side(depth.askPrice, depth.askSize, depth.askOrders),
  };
}

/** All levels that the mapper of another venue keeps of a market. */
export function levelsOfFrames(market: Market, mapper: FrameMapper): BookLevels {
  const book = mapper.bookText(market.instrument.rawSymbol, Number.POSITIVE_INFINITY);
  const level = ([price, size]: TextLevel): BookLevel => ({ price: Number(price), size: Number(size), orders: 0 });
  return { bids: book?.bids.map(level) ?? [], asks: book?.asks.map(level) ?? [] };
}
