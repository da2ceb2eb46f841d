import type { Side } from '../../shared/trading.ts';
import { TOP_LEVELS } from '../core/book/depth.ts';
import type { Market } from '../core/market.ts';
import type { OrderIntent } from '../core/trading-ports.ts';

/**
 * Average price of taking lots now: the dealer's whole quote, or the book walked level by level (what it does not show is
 * had at the last level that it shows); whole ticks, rounded and slipped against the order, never beyond its limit.
 */
export function takerTicks(
  market: Market,
  side: Side,
  lots: number,
  limitTicks: number | null,
  slippageTicks: number,
): number {
  const { prices, sizes, sign } = opposite(market, side);
  let ticks = prices[0]!;
  if (!isDealer(market)) {
    let left = lots;
    let cost = 0;
    for (let level = 0; level < TOP_LEVELS && left > 0; level++) {
      const last = level === TOP_LEVELS - 1 || sizes[level + 1] === 0;
      const taken = last ? left : Math.min(left, sizes[level]!);
      cost += taken * prices[level]!;
      left -= taken;
      if (last) break;
    }
    ticks = sign === 1 ? Math.ceil(cost / lots) : Math.floor(cost / lots);
  }
  ticks += sign * slippageTicks;
  if (limitTicks === null) return ticks;
  return sign === 1 ? Math.min(ticks, limitTicks) : Math.max(ticks, limitTicks);
}

/** Whether a limit order can be had whole at its limit or better: a dealer's quote counts for any size, a book for what it shows. */
export function marketable(market: Market, intent: OrderIntent): boolean {
  const { prices, sizes, sign } = opposite(market, intent.side);
  const limit = intent.limitTicks!;
  if (isDealer(market)) return (limit - prices[0]!) * sign >= 0;
  let lots = 0;
  for (let level = 0; level < TOP_LEVELS && (limit - prices[level]!) * sign >= 0; level++) lots += sizes[level]!;
  return lots >= intent.lots;
}

/** Why an entry is refused whose stop or target would fire at once, as dealers do; undefined when neither would. */
export function levelRefusal(market: Market, intent: OrderIntent): string | undefined {
  const { side, stopTicks, targetTicks } = intent;
  const sign = side === 'buy' ? 1 : -1;
  const exit = side === 'buy' ? market.depth.bidPrice[0]! : market.depth.askPrice[0]!;
  const from = intent.type === 'limit' && !marketable(market, intent) ? intent.limitTicks! : exit;
  if (stopTicks !== null && (from - stopTicks) * sign <= 0) return 'the price is past the stop already';
  if (targetTicks !== null && (targetTicks - from) * sign <= 0) return 'the price is past the target already';
  return undefined;
}

/** Spot quotes come as one level and mean any size. */
function isDealer(market: Market): boolean {
  return market.depthSchema === 'mbp-1';
}

/** The side of the depth that an order takes from; `sign` is +1 for buys. */
function opposite(market: Market, side: Side) {
  const { askPrice, askSize, bidPrice, bidSize } = market.depth;
  return side === 'buy'
    ? ({ prices: askPrice, sizes: askSize, sign: 1 } as const)
    : ({ prices: bidPrice, sizes: bidSize, sign: -1 } as const);
}
