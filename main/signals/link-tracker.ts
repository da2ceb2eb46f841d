import { basisPips, impliedMid, type Link } from '../../shared/links.ts';
import { FrontContract, type FrontContractSnapshot } from '../core/front-contract.ts';
import type { Market } from '../core/market.ts';
import { LinkLag, type LinkLagSnapshot } from './link-lag.ts';
import { WeightedMedian, type WeightedMedianSnapshot } from './weighted-median.ts';

/** Implied mids kept for looking back by the lag, one at most each STEP_US. */
const HISTORY = 512;
const STEP_US = 5_000;
/** Time between two basis samples, µs: with 240 kept and a half-life of 60 the median looks back about a minute. */
const SAMPLE_US = 250_000;

/**
 * One link live: what the signal instrument implies for the execution instrument, the basis between them, and the move
 * that the execution quote still has to make.
 *
 * Basis = spot mid − implied mid, in spot pips, as an exponentially weighted median of synchronous quotes: the spot now
 * against the future as it was one lag ago. Remaining move = implied mid now + basis − spot mid, in pips of the execution
 * instrument, positive when the spot is still to rise.
 */
export class LinkTracker {
  readonly link: Link;
  /** How long the execution quote follows: what the basis and the look back in time rest on. */
  readonly lag: LinkLag;
  readonly #front: FrontContract;
  #execution: Market | undefined;
  readonly #times = new Float64Array(HISTORY);
  readonly #implied = new Float64Array(HISTORY);
  #written = 0;
  #sampledUs = 0;
  readonly #basis = new WeightedMedian({ capacity: 240, halfLife: 60, least: 20 });

  constructor(link: Link) {
    this.link = link;
    this.lag = new LinkLag(link);
    this.#front = new FrontContract(link.signalRoot);
  }

  get signal(): Market | undefined {
    return this.#front.market;
  }

  get execution(): Market | undefined {
    return this.#execution;
  }

  /** Basis in pips of the execution instrument; NaN until enough synchronous quotes were seen. */
  get basis(): number {
    return this.#basis.value;
  }

  /** Takes a market that may be one of the link's two; of several expiries the front contract is the link's. */
  meet(market: Market): void {
    if (this.#front.meet(market)) this.#change();
    if (market.instrument.root === this.link.executionRoot) this.#execution = market;
  }

  /** A trade. @returns whether the link has another signal market now */
  onTrade(market: Market, lots: number): boolean {
    const changed = this.#front.trade(market, lots);
    if (changed) this.#change();
    return changed;
  }

  onTradeDate(market: Market): void {
    this.#front.turn(market);
  }

  /** A symbol was rolled away from the market. */
  leave(market: Market): void {
    if (this.#front.leave(market)) this.#change();
  }

  /** A book of one of the two was judged. */
  onBook(market: Market): void {
    if (market === this.#front.market) this.#remember(market);
    else if (market === this.#execution) this.#sample(market);
  }

  /** Move the execution mid still has to make, in pips; NaN while a quote or the basis is missing. */
  remainingPips(): number {
    const execution = this.#execution;
    if (execution === undefined || !execution.depth.twoSided || this.#written === 0) return Number.NaN;
    const implied = this.#implied[(this.#written - 1) % HISTORY]!;
    return this.#basis.value - basisPips(execution.instrument, midOf(execution), implied);
  }

  /** A gap in either market: what was implied before it says nothing about now. */
  forget(): void {
    this.#written = 0;
  }

  snapshot(): LinkTrackerSnapshot {
    return {
      times: this.#times.slice(),
      implied: this.#implied.slice(),
      written: this.#written,
      sampledUs: this.#sampledUs,
      basis: this.#basis.snapshot(),
      lag: this.lag.snapshot(),
      front: this.#front.snapshot(),
      hasExecution: this.#execution !== undefined,
    };
  }

  /** Continues from a snapshot; the markets that it had met have been met again, later ones are forgotten. */
  restore(snapshot: LinkTrackerSnapshot): void {
    this.#front.restore(snapshot.front);
    if (!snapshot.hasExecution) this.#execution = undefined;
    this.#times.set(snapshot.times);
    this.#implied.set(snapshot.implied);
    this.#written = snapshot.written;
    this.#sampledUs = snapshot.sampledUs;
    this.#basis.restore(snapshot.basis);
    this.lag.restore(snapshot.lag);
  }

  /** Another contract has another basis, and nothing that was implied by the old one holds. */
  #change(): void {
    this.forget();
    this.#basis.clear();
  }

  #remember(signal: Market): void {
    if (!signal.depth.twoSided || signal.depth.crossed) return;
    const { bidPrice, askPrice } = signal.depth;
    const implied = impliedMid(this.link, signal.price(bidPrice[0]!), signal.price(askPrice[0]!));
    const last = (this.#written - 1 + HISTORY) % HISTORY;
    if (this.#written > 0 && signal.engineUs - this.#times[last]! < STEP_US) {
      this.#implied[last] = implied;
      return;
    }
    this.#times[this.#written % HISTORY] = signal.engineUs;
    this.#implied[this.#written % HISTORY] = implied;
    this.#written++;
  }

  #sample(execution: Market): void {
    if (execution.engineUs - this.#sampledUs < SAMPLE_US || !execution.depth.twoSided || execution.depth.crossed)
      return;
    const implied = this.#impliedAt(execution.engineUs - this.lag.us);
    if (Number.isNaN(implied)) return;
    this.#sampledUs = execution.engineUs;
    this.#basis.push(basisPips(execution.instrument, midOf(execution), implied));
  }

  /** Implied mid at a time: the last one at or before it, NaN when it is not remembered. */
  #impliedAt(us: number): number {
    const oldest = Math.max(0, this.#written - HISTORY);
    for (let i = this.#written - 1; i >= oldest; i--) {
      if (this.#times[i % HISTORY]! <= us) return this.#implied[i % HISTORY]!;
    }
    return Number.NaN;
  }
}

export interface LinkTrackerSnapshot {
  readonly times: Float64Array;
  readonly implied: Float64Array;
  readonly written: number;
  readonly sampledUs: number;
  readonly basis: WeightedMedianSnapshot;
  readonly lag: LinkLagSnapshot;
  readonly front: FrontContractSnapshot;
  readonly hasExecution: boolean;
}

function midOf(market: Market): number {
  return market.price((market.depth.bidPrice[0]! + market.depth.askPrice[0]!) / 2);
}
