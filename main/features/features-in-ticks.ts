import { TOP_LEVELS } from '../core/book/depth.ts';
import type { CancelToAddSnapshot } from './cancel-to-add.ts';
import type { FeatureSetSnapshot } from './feature-set.ts';

/** Where prices lie in the state of order flow imbalance (bid prices, bid sizes, ask prices, ask sizes), and of trade flow. */
const BID_PRICES = 0;
const ASK_PRICES = 2 * TOP_LEVELS;
const TURNOVER = 3;

/**
 * The state of a market's features in another tick. An instrument's tick may become known, by its definition or its symbol,
 * after its first events: what was remembered in the old ticks is the same prices in new ones, so that sums run on.
 */
export function featuresInTicks(state: FeatureSetSnapshot, fromNano: number, toNano: number): FeatureSetSnapshot {
  const convert = (ticks: number) => (ticks * fromNano) / toNano;
  const flow = state.flow.slice();
  for (let level = 0; level < TOP_LEVELS; level++) {
    flow[BID_PRICES + level] = convert(flow[BID_PRICES + level]!);
    flow[ASK_PRICES + level] = convert(flow[ASK_PRICES + level]!);
  }
  const changes = (side: CancelToAddSnapshot): CancelToAddSnapshot => {
    return { ...side, price: side.price.map(convert), tradePrice: side.tradePrice.map(convert) };
  };
  return {
    ...state,
    flow,
    bidChanges: changes(state.bidChanges),
    askChanges: changes(state.askChanges),
    trades: state.trades.map((value, place) => (place === TURNOVER ? convert(value) : value)),
  };
}
