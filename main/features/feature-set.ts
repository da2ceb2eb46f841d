import { FEATURE } from '../../shared/features.ts';
import { TOP_LEVELS } from '../core/book/depth.ts';
import { ExponentialDecay } from '../core/exponential-decay.ts';
import type { Market } from '../core/market.ts';
import type { Aggressor, LevelFlowSink } from '../core/ports.ts';
import { CancelToAdd, type CancelToAddSnapshot } from './cancel-to-add.ts';
import { OrderFlowImbalance } from './order-flow-imbalance.ts';
import { QueueImbalance } from './queue-imbalance.ts';
import { RealisedVolatility, type RealisedVolatilitySnapshot } from './realised-volatility.ts';
import { TradeFlow } from './trade-flow.ts';

/** Places in the vector as plain constants: the hot path looks nothing up. */
const {
  mid: MID,
  spread: SPREAD,
  microprice: MICROPRICE,
  qi1: QI1,
  qi5: QI5,
  qi10: QI10,
  ofi: OFI,
  ofi1s: OFI1S,
  ofi5s: OFI5S,
  mlofi: MLOFI,
  mlofi5s: MLOFI5S,
  cvd: CVD,
  volume: VOLUME,
  unsidedVolume: UNSIDED_VOLUME,
  signedVolume5s: SIGNED_VOLUME5S,
  intensityFast: INTENSITY_FAST,
  intensitySlow: INTENSITY_SLOW,
  intensityRatio: INTENSITY_RATIO,
  ctaBid: CTA_BID,
  ctaAsk: CTA_ASK,
  volatility1m: VOLATILITY1M,
  vwap: VWAP,
} = FEATURE;

/** Time constants of the first features. */
const TAU_US = {
  flowFast: 1_000_000,
  flow: 5_000_000,
  cancelToAdd: 10_000_000,
  intensitySlow: 300_000_000,
} as const;

/** The decay tables, shared by all markets of an engine. */
export class Decays {
  readonly flowFast = new ExponentialDecay(TAU_US.flowFast);
  readonly flow = new ExponentialDecay(TAU_US.flow);
  readonly cancelToAdd = new ExponentialDecay(TAU_US.cancelToAdd);
  readonly intensitySlow = new ExponentialDecay(TAU_US.intensitySlow);
}

/**
 * All features of one market, updated per event and written into its vector. Prices (mid, spread, microprice, VWAP) are in
 * decimal units, computed from integers: mid = (bid + ask) / 2; microprice = (ask · bid size + bid · ask size) / (bid size +
 * ask size), the size-weighted mid (Stoikov 2018 discusses it as the baseline of his micro-price).
 */
export class FeatureSet {
  readonly #decays: Decays;
  readonly #flow = new OrderFlowImbalance();
  readonly #queue = new QueueImbalance();
  readonly #bidChanges: CancelToAdd;
  readonly #askChanges: CancelToAdd;
  readonly #trades: TradeFlow;
  readonly #volatility = new RealisedVolatility();
  #ofi = 0;
  #mlofi = 0;
  #ofiFast = 0;
  #ofiFlow = 0;
  #mlofiFlow = 0;
  #flowAtUs = 0;

  constructor(decays: Decays, sink?: LevelFlowSink) {
    this.#decays = decays;
    this.#bidChanges = new CancelToAdd('bid', decays.cancelToAdd, sink);
    this.#askChanges = new CancelToAdd('ask', decays.cancelToAdd, sink);
    this.#trades = new TradeFlow(decays.flow, decays.intensitySlow);
  }

  onTrade(market: Market, ticks: number, lots: number, aggressor: Aggressor): void {
    this.#trades.onTrade(market, ticks, lots, aggressor);
    const depth = market.depth;
    if (aggressor === -1 || (aggressor === 0 && ticks <= depth.bidPrice[0]!)) this.#bidChanges.onTrade(ticks, lots);
    else if (aggressor === 1 || ticks >= depth.askPrice[0]!) this.#askChanges.onTrade(ticks, lots);
  }

  onBook(market: Market): void {
    if (market.instrument.indicative) {
      this.#writeQuote(market);
      return;
    }
    const depth = market.depth;
    if (market.fresh) {
      this.#flow.start(depth);
      this.#bidChanges.start(depth);
      this.#askChanges.start(depth);
      if (this.#flowAtUs === 0) this.#flowAtUs = market.tsEventUs;
    } else {
      this.#flow.update(depth);
      if (depth.changedBids !== 0) this.#bidChanges.update(market, depth.changedBids);
      if (depth.changedAsks !== 0) this.#askChanges.update(market, depth.changedAsks);
    }
    this.#accumulate(market);
    this.#trades.settle(market);
    this.#writeBook(market);
    this.#writeTrades(market);
  }

  /** The book was lost: flow may not bridge the hole, so the decaying sums start again; session sums keep what they saw. */
  onGap(): void {
    this.#ofiFast = 0;
    this.#ofiFlow = 0;
    this.#mlofiFlow = 0;
  }

  onTradeDate(): void {
    this.#ofi = 0;
    this.#mlofi = 0;
    this.#trades.resetSession();
  }

  snapshot(): FeatureSetSnapshot {
    return {
      flow: this.#flow.snapshot(),
      queue: [this.#queue.one, this.#queue.five, this.#queue.ten],
      bidChanges: this.#bidChanges.snapshot(),
      askChanges: this.#askChanges.snapshot(),
      trades: this.#trades.snapshot(),
      volatility: this.#volatility.snapshot(),
      sums: [this.#ofi, this.#mlofi, this.#ofiFast, this.#ofiFlow, this.#mlofiFlow, this.#flowAtUs],
    };
  }

  restore(snapshot: FeatureSetSnapshot): void {
    this.#flow.restore(snapshot.flow);
    [this.#queue.one, this.#queue.five, this.#queue.ten] = snapshot.queue;
    this.#bidChanges.restore(snapshot.bidChanges);
    this.#askChanges.restore(snapshot.askChanges);
    this.#trades.restore(snapshot.trades);
    this.#volatility.restore(snapshot.volatility);
    [this.#ofi, this.#mlofi, this.#ofiFast, this.#ofiFlow, this.#mlofiFlow, this.#flowAtUs] = snapshot.sums;
  }

  #accumulate(market: Market): void {
    const elapsedUs = market.tsEventUs - this.#flowAtUs;
    if (elapsedUs > 0) {
      const fade = this.#decays.flow.factor(elapsedUs);
      this.#ofiFast *= this.#decays.flowFast.factor(elapsedUs);
      this.#ofiFlow *= fade;
      this.#mlofiFlow *= fade;
      this.#flowAtUs = market.tsEventUs;
    }
    const best = this.#flow.best;
    const weighted = this.#flow.weighted;
    this.#ofi += best;
    this.#mlofi += weighted;
    this.#ofiFast += best;
    this.#ofiFlow += best;
    this.#mlofiFlow += weighted;
  }

  #writeBook(market: Market): void {
    const depth = market.depth;
    const vector = market.features;
    if (((depth.changedBids | depth.changedAsks) & 1) !== 0 || market.fresh) this.#writeBest(market);
    this.#volatility.update(market.tsEventUs, vector[MID]!);
    const levels = market.depthSchema === 'mbp-1' ? 1 : TOP_LEVELS;
    this.#queue.update(depth, levels);
    vector[QI1] = this.#queue.one;
    vector[QI5] = this.#queue.five;
    vector[QI10] = this.#queue.ten;
    vector[OFI] = this.#ofi;
    vector[OFI1S] = this.#ofiFast;
    vector[OFI5S] = this.#ofiFlow;
    vector[MLOFI] = levels === 1 ? Number.NaN : this.#mlofi;
    vector[MLOFI5S] = levels === 1 ? Number.NaN : this.#mlofiFlow;
    vector[CTA_BID] = this.#bidChanges.ratio;
    vector[CTA_ASK] = this.#askChanges.ratio;
    vector[VOLATILITY1M] = this.#volatility.value;
  }

  /** A dealer's quote tells a price and nothing of order flow: all else stays absent. */
  #writeQuote(market: Market): void {
    const vector = market.features;
    this.#writeBest(market);
    vector[MICROPRICE] = Number.NaN;
    this.#volatility.update(market.tsEventUs, vector[MID]!);
    vector[VOLATILITY1M] = this.#volatility.value;
  }

  /** What depends on the best level alone: unchanged while neither side of it is. */
  #writeBest(market: Market): void {
    const depth = market.depth;
    const vector = market.features;
    const unit = market.instrument.tickNano;
    const bid = depth.bidPrice[0]! * unit;
    const ask = depth.askPrice[0]! * unit;
    const bidLots = depth.bidSize[0]!;
    const askLots = depth.askSize[0]!;
    if (bidLots > 0 && askLots > 0) {
      vector[MID] = (bid + ask) / 2e9;
      vector[SPREAD] = (ask - bid) / 1e9;
      vector[MICROPRICE] = (ask * bidLots + bid * askLots) / (bidLots + askLots) / 1e9;
    } else {
      vector[MID] = Number.NaN;
      vector[SPREAD] = Number.NaN;
      vector[MICROPRICE] = Number.NaN;
    }
  }

  #writeTrades(market: Market): void {
    const vector = market.features;
    const trades = this.#trades;
    vector[SIGNED_VOLUME5S] = trades.signedVolume;
    vector[INTENSITY_FAST] = trades.intensityFast;
    vector[INTENSITY_SLOW] = trades.intensitySlow;
    vector[INTENSITY_RATIO] = trades.intensityRatio;
    vector[CVD] = trades.cvd;
    vector[VOLUME] = trades.volume;
    vector[UNSIDED_VOLUME] = trades.unsidedVolume;
    vector[VWAP] = (trades.vwapTicks * market.instrument.tickNano) / 1e9;
  }
}

export interface FeatureSetSnapshot {
  readonly flow: Float64Array;
  readonly queue: readonly [number, number, number];
  readonly bidChanges: CancelToAddSnapshot;
  readonly askChanges: CancelToAddSnapshot;
  readonly trades: readonly number[];
  readonly volatility: RealisedVolatilitySnapshot;
  readonly sums: readonly [number, number, number, number, number, number];
}
