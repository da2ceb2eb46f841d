import {
  BOOK_STATE,
  COLUMN_INTERVAL_US,
  COLUMN_WIDTH,
  COLUMNS_KEPT,
  DEPTH_HEAD,
  DEPTH_LEVELS,
  DEPTH_WIDTH,
  LADDER_WIDTH,
  LEVEL_WIDTH,
  TRADES_KEPT,
} from '../../../shared/contract/frames.ts';
import { FEATURE, FEATURE_COUNT, type FeatureName } from '../../../shared/features.ts';
import { NANO } from '../../../shared/units.ts';
import { SeededRandom } from './random.ts';

const REACH = 2_000;
/** Ticks either side of the inside where added and pulled sizes fade, and those more for every tick between two levels. */
const FLOW_REACH = 40;
const FLOW_REACH_APART = 20;

/** A plausible order book that moves by itself: sizes live at prices, trades eat them, walls stay for a while. */
export class ScriptedMarket {
  readonly columns: Float64Array[] = [];
  columnsFirst = 0;
  readonly trades: Float64Array[] = [];
  tradesFirst = 0;
  readonly depth = new Float64Array(DEPTH_WIDTH);
  readonly features = new Float64Array(FEATURE_COUNT).fill(Number.NaN);
  bookState: number = BOOK_STATE.live;
  nowUs: number;
  bid: number;
  events = 0;
  volume = 0;
  cvd = 0;
  readonly #base: number;
  readonly #tickNano: number;
  readonly #random: SeededRandom;
  readonly #lots = new Float64Array(2 * REACH);
  readonly #flow = new Float64Array(2 * REACH * 4);
  #lastTrade: readonly [number, number, number] = [Number.NaN, 0, 0];
  #ofi = 0;
  #ofi5 = 0;
  #delta5 = 0;
  #fast = 0;
  #slow = 4;
  #drift = 0;
  #notional = 0;
  #nextColumnUs: number;
  readonly #typical: number;
  readonly #spread: number;
  readonly #apart: number;
  readonly #flowReach: number;
  readonly #deep: number;

  /**
   * @param apart ticks from one level to the next
   * @param deep levels a side that are told beyond the depth; 0 = none
   */
  constructor(
    seed: number,
    startTicks: number,
    tickNano: number,
    typicalLots: number,
    startUs: number,
    spread = 1,
    apart = 1,
    deep = 0,
  ) {
    this.#deep = deep;
    this.#spread = spread;
    this.#apart = apart;
    this.#flowReach = FLOW_REACH + FLOW_REACH_APART * apart;
    this.#random = new SeededRandom(seed);
    this.#base = startTicks - REACH;
    this.#tickNano = tickNano;
    this.#typical = typicalLots;
    this.bid = startTicks;
    this.nowUs = startUs;
    this.#nextColumnUs = startUs - (startUs % COLUMN_INTERVAL_US) + COLUMN_INTERVAL_US;
    for (let i = 0; i < 2 * REACH; i++) this.#lots[i] = this.#fresh(i);
  }

  get mid(): number {
    return this.bid + this.#spread / 2;
  }

  /** Advances by `us`: a few book events and now and then a trade or a sweep. */
  step(us: number, liveliness = 1): void {
    this.nowUs += us;
    const random = this.#random;
    const seconds = us / 1e6;
    const decay5 = Math.exp(-seconds / 5);
    this.#ofi5 *= decay5;
    this.#delta5 *= decay5;
    this.#fast *= decay5;
    this.#slow *= Math.exp(-seconds / 300);
    if (random.next() < seconds * 0.08) this.#drift = (random.next() - 0.5) * 0.8;
    const inside = (this.bid - this.#base) * 4;
    for (let f = inside - 4 * this.#flowReach; f < inside + 4 * this.#flowReach; f += 4) {
      if (this.#flow[f]! > 0.4 || this.#flow[f + 1]! > 0.4) {
        this.#flow[f]! *= 1 - seconds / 3;
        this.#flow[f + 1]! *= 1 - seconds / 3;
      }
    }
    const count = Math.max(1, Math.round(seconds * 260 * liveliness));
    for (let i = 0; i < count; i++) this.#change();
    if (random.next() < seconds * 5 * liveliness) this.#trade();
    while (this.nowUs >= this.#nextColumnUs) {
      this.#column(this.#nextColumnUs);
      this.#nextColumnUs += COLUMN_INTERVAL_US;
    }
    this.#writeDepth();
    this.#writeFeatures();
  }

  /** Rows of the levels section, bids and then asks, as many of each; empty where the market has no deeper book. */
  levels(): Float64Array {
    const rows = new Float64Array(2 * this.#deep * LEVEL_WIDTH);
    for (let level = 0; level < this.#deep; level++) {
      for (const ask of [false, true]) {
        const price = this.#priceOf(level, ask);
        rows.set([price, this.#lots[this.#at(price)]!], (level + (ask ? this.#deep : 0)) * LEVEL_WIDTH);
      }
    }
    return rows;
  }

  /** Rows of the ladder section around the inside. */
  ladder(): Float64Array {
    const reach = this.#flowReach;
    const rows = new Float64Array((2 * reach + 1) * LADDER_WIDTH);
    for (let i = 0; i <= 2 * reach; i++) {
      const price = this.bid - reach + i;
      const at = (price - this.#base) * 4;
      rows.set([price, ...this.#flow.subarray(at, at + 4)], i * LADDER_WIDTH);
    }
    return rows;
  }

  #fresh(index: number): number {
    const wall = index % 20 === 0 ? 2.4 : index % 10 === 0 ? 1.5 : 1;
    return Math.ceil(this.#typical * wall * (0.4 + 1.2 * this.#random.next()));
  }

  /** Price of a level: the inside, and behind it multiples of the distance. */
  #priceOf(level: number, ask: boolean): number {
    const apart = this.#apart;
    const inside = ask ? this.bid + this.#spread : this.bid;
    if (level === 0) return inside;
    return ask ? (Math.ceil(inside / apart) + level) * apart : (Math.floor(inside / apart) - level) * apart;
  }

  #at(price: number): number {
    return price - this.#base;
  }

  #change(): void {
    const random = this.#random;
    this.events++;
    const level = Math.floor(random.next() ** 1.6 * DEPTH_LEVELS);
    const buy = random.next() < 0.5;
    const at = this.#at(this.#priceOf(level, !buy));
    const grow =
      random.next() <
      0.5 + (this.#fresh(at) - this.#lots[at]!) / (6 * this.#typical) + (buy ? 0.03 : -0.03) * this.#drift;
    const size = Math.ceil(random.next() ** 3 * this.#typical * 0.5);
    const change = grow ? size : -Math.min(size, Math.max(0, this.#lots[at]! - Math.ceil(this.#typical * 0.2)));
    this.#lots[at]! += change;
    this.#flow[at * 4 + (grow ? 0 : 1)]! += Math.abs(change);
    if (random.next() < 0.0004) this.#lots[at]! += this.#typical * (4 + random.below(5));
    if (level === 0) {
      this.#ofi += buy ? change : -change;
      this.#ofi5 += buy ? change : -change;
    }
  }

  #trade(): void {
    const random = this.#random;
    const buy = random.next() < 0.5 + 0.35 * this.#drift;
    let left = 1 + Math.floor(random.next() ** 6 * this.#typical * 2.2);
    let levels = 0;
    while (left > 0 && levels < 3) {
      const price = buy ? this.bid + this.#spread : this.bid;
      const at = this.#at(price);
      const filled = Math.min(left, this.#lots[at]!);
      left -= filled;
      levels++;
      this.#lots[at]! -= filled;
      this.#flow[at * 4 + (buy ? 2 : 3)]! += filled;
      this.#print(price, filled, buy ? 1 : -1, levels);
      if (this.#lots[at]! > 0.5) break;
      this.#lots[at] = Math.ceil(this.#fresh(at) * 0.5);
      this.bid += buy ? 1 : -1;
    }
    // Thin queues tip over now and then, so that the price also moves between large prints.
    if (random.next() < 0.05) this.bid += random.next() < 0.5 + 0.3 * this.#drift ? 1 : -1;
  }

  #print(price: number, lots: number, side: 1 | -1, levels: number): void {
    this.trades.push(Float64Array.of(this.nowUs - 900, this.nowUs, price, lots, side, levels));
    if (this.trades.length > TRADES_KEPT) {
      this.trades.shift();
      this.tradesFirst++;
    }
    this.#lastTrade = [price, lots, side];
    this.volume += lots;
    this.#notional += lots * price;
    this.cvd += side * lots;
    this.#delta5 += side * lots;
    this.#fast += 1 / 5;
    this.#slow += 1 / 300;
  }

  #column(endUs: number): void {
    const row = new Float64Array(COLUMN_WIDTH).fill(Number.NaN);
    row[0] = endUs;
    row[1] = this.bookState;
    if (this.bookState === BOOK_STATE.live) {
      for (let level = 0; level < DEPTH_LEVELS; level++) {
        const bid = this.#priceOf(level, false);
        const ask = this.#priceOf(level, true);
        row.set([bid, this.#lots[this.#at(bid)]!], 2 + level * 2);
        row.set([ask, this.#lots[this.#at(ask)]!], 2 + (DEPTH_LEVELS + level) * 2);
      }
    }
    this.columns.push(row);
    if (this.columns.length > COLUMNS_KEPT) {
      this.columns.shift();
      this.columnsFirst++;
    }
  }

  #writeDepth(): void {
    const depth = this.depth;
    depth.set([this.nowUs - 1_800, this.nowUs - 700, this.bookState, ...this.#lastTrade, this.events, 0]);
    for (let level = 0; level < DEPTH_LEVELS; level++) {
      const bid = this.#priceOf(level, false);
      const ask = this.#priceOf(level, true);
      const bidLots = this.#lots[this.#at(bid)]!;
      const askLots = this.#lots[this.#at(ask)]!;
      depth.set([bid, bidLots, Math.ceil(bidLots / 4)], DEPTH_HEAD + level * 3);
      depth.set([ask, askLots, Math.ceil(askLots / 4)], DEPTH_HEAD + (DEPTH_LEVELS + level) * 3);
    }
  }

  #writeFeatures(): void {
    const price = (ticks: number): number => (ticks * this.#tickNano) / NANO;
    const sum = (levels: number, ask: boolean): number => {
      let total = 0;
      for (let i = 0; i < levels; i++) total += this.#lots[this.#at(this.#priceOf(i, ask))]!;
      return total;
    };
    const imbalance = (levels: number): number => {
      const bids = sum(levels, false);
      const asks = sum(levels, true);
      return (bids - asks) / (bids + asks);
    };
    const set = (name: FeatureName, value: number): void => {
      this.features[FEATURE[name]] = value;
    };
    set('mid', price(this.mid));
    set('spread', price(this.#spread));
    set('qi1', imbalance(1));
    set('qi5', imbalance(5));
    set('qi10', imbalance(10));
    set('microprice', price(this.mid + 0.5 * imbalance(1)));
    set('ofi', this.#ofi);
    set('ofi1s', this.#ofi5 * 0.4);
    set('ofi5s', this.#ofi5);
    set('mlofi', this.#ofi * 1.6);
    set('mlofi5s', this.#ofi5 * 1.7 + 20 * imbalance(5));
    set('cvd', this.cvd);
    set('volume', this.volume);
    set('unsidedVolume', 0);
    set('signedVolume5s', this.#delta5);
    set('intensityFast', this.#fast);
    set('intensitySlow', this.#slow);
    set('intensityRatio', this.#fast / this.#slow);
    set('ctaBid', 0.9 + 0.2 * imbalance(10));
    set('ctaAsk', 0.9 - 0.2 * imbalance(10));
    set('volatility1m', 0.00009 + 0.00001 * this.#fast);
    if (this.volume > 0) set('vwap', price(this.#notional / this.volume));
  }
}
