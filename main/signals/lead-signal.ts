import { FEATURE } from '../../shared/features.ts';
import { executionDirection, type Link } from '../../shared/links.ts';
import type { Settings } from '../../shared/settings.ts';
import type { LagEvent } from '../core/lag-port.ts';
import type { Market } from '../core/market.ts';
import type { GapReason, MarketStage } from '../core/ports.ts';
import type { SignalSink } from '../core/trading-ports.ts';
import { LinkTracker, type LinkTrackerSnapshot } from './link-tracker.ts';

const { ofi5s: OFI_5S, microprice: MICROPRICE, mid: MID, qi5: QI_5, spread: SPREAD } = FEATURE;
/** Weight of one event in the running mean of the size at the best. */
const SIZE_WEIGHT = 1 / 512;

interface LinkState {
  readonly tracker: LinkTracker;
  /** Running mean of the size at the best of the signal market, lots. */
  meanBest: number;
  lastSignalUs: number;
}

/**
 * A demonstration signal, not a strategy: order flow, microprice and queue imbalance of the future agree on a direction,
 * and the spot that follows it has not made the move yet. It shows how a signal is built on the features and what it has
 * to say about itself; its thresholds were not fitted to anything.
 */
export class LeadSignal implements MarketStage {
  readonly name = 'lead-signal';
  readonly #settings: Settings;
  readonly #sink: SignalSink;
  readonly #links: LinkState[];
  #count = 0;

  constructor(links: readonly Link[], settings: Settings, sink: SignalSink) {
    this.#settings = settings;
    this.#sink = sink;
    this.#links = links.map((link) => ({ tracker: new LinkTracker(link), meanBest: 0, lastSignalUs: 0 }));
  }

  /** Live numbers of the links for the screen. */
  trackers(): readonly LinkTracker[] {
    return this.#links.map((state) => state.tracker);
  }

  /** A lag was measured, or its answer is missing. */
  onLag(event: LagEvent): void {
    this.#links.find((state) => state.tracker.link.id === event.linkId)?.tracker.lag.take(event);
  }

  onMarket(market: Market): void {
    for (const state of this.#links) state.tracker.meet(market);
  }

  onTrade(market: Market, _ticks: number, lots: number): void {
    for (let i = 0; i < this.#links.length; i++) {
      const state = this.#links[i]!;
      if (state.tracker.onTrade(market, lots)) state.meanBest = 0;
    }
  }

  onTradeDate(market: Market): void {
    for (const { tracker } of this.#links) tracker.onTradeDate(market);
  }

  onBook(market: Market): void {
    for (let i = 0; i < this.#links.length; i++) {
      const state = this.#links[i]!;
      state.tracker.onBook(market);
      if (market === state.tracker.signal) this.#judge(state, market);
    }
  }

  onGap(market: Market, reason: GapReason): void {
    for (const { tracker } of this.#links) {
      if (market === tracker.signal || market === tracker.execution) tracker.forget();
      if (reason === 'roll') tracker.leave(market);
    }
  }

  snapshot(): LeadSignalSnapshot {
    return {
      count: this.#count,
      links: this.#links.map((state) => ({
        tracker: state.tracker.snapshot(),
        meanBest: state.meanBest,
        lastSignalUs: state.lastSignalUs,
      })),
    };
  }

  restore(snapshot: LeadSignalSnapshot): void {
    this.#count = snapshot.count;
    for (const [index, saved] of snapshot.links.entries()) {
      const state = this.#links[index]!;
      state.tracker.restore(saved.tracker);
      state.meanBest = saved.meanBest;
      state.lastSignalUs = saved.lastSignalUs;
    }
  }

  #judge(state: LinkState, signal: Market): void {
    const { depth, features } = signal;
    if (!depth.twoSided || depth.crossed || signal.fresh || signal.gapped) return;
    const best = (depth.bidSize[0]! + depth.askSize[0]!) / 2;
    state.meanBest = state.meanBest === 0 ? best : state.meanBest + (best - state.meanBest) * SIZE_WEIGHT;
    const flow = features[OFI_5S]! / state.meanBest;
    const direction = flow > 0 ? 1 : -1;
    const rules = this.#settings.signal;
    if (!(Math.abs(flow) >= rules.minFlowRatio)) return;
    const queue = features[QI_5]!;
    if (!(queue * direction >= rules.minQueueImbalance)) return;
    const lean = ((features[MICROPRICE]! - features[MID]!) / features[SPREAD]!) * 2;
    if (!(lean * direction > 0)) return;
    this.#propose(state, signal, direction, flow, queue, lean);
  }

  #propose(state: LinkState, signal: Market, direction: 1 | -1, flow: number, queue: number, lean: number): void {
    const rules = this.#settings.signal;
    const execution = state.tracker.execution;
    if (execution === undefined || execution.gapped || execution.fresh) return;
    if (signal.engineUs - execution.engineUs > this.#settings.risk.staleAfterMs * 1000) return;
    const side = executionDirection(state.tracker.link, direction);
    const remaining = state.tracker.remainingPips() * side;
    const spread =
      ((execution.depth.askPrice[0]! - execution.depth.bidPrice[0]!) * execution.instrument.tickNano) /
      execution.instrument.pipNano;
    if (!(remaining - spread >= rules.minRemainingPips)) return;
    if (signal.engineUs - state.lastSignalUs < rules.cooldownMs * 1000) return;
    state.lastSignalUs = signal.engineUs;
    const word = direction === 1 ? 'bid' : 'offer';
    this.#sink({
      id: `S${++this.#count}`,
      linkId: state.tracker.link.id,
      name: 'Lead',
      execution,
      side: side === 1 ? 'buy' : 'sell',
      strength: Math.min(1, (Math.abs(flow) / (4 * rules.minFlowRatio) + Math.abs(queue) + Math.abs(lean)) / 3),
      remainingPips: remaining,
      reasons: [
        `${signal.instrument.label} flow ${flow.toFixed(1)} × best size to the ${word}`,
        `queue imbalance ${(queue * 100).toFixed(0)} %`,
        `microprice leans ${(lean * 100).toFixed(0)} % of half the spread`,
        `${execution.instrument.label} has ${remaining.toFixed(1)} pips still to go`,
      ],
      atUs: signal.engineUs,
    });
  }
}

export interface LeadSignalSnapshot {
  readonly count: number;
  readonly links: readonly {
    readonly tracker: LinkTrackerSnapshot;
    readonly meanBest: number;
    readonly lastSignalUs: number;
  }[];
}
