import type { ExponentialDecay } from '../core/exponential-decay.ts';
import type { Market } from '../core/market.ts';
import type { Aggressor } from '../core/ports.ts';

/**
 * What trades say: session volume and cumulative volume delta, signed volume that decays, and trade intensity.
 *
 * CVD is the running sum of aggressor-signed volume; volume without a known aggressor is kept apart and never split.
 * Intensity is x ← x·exp(−Δt/τ) + 1/τ at each trade (trades per second); fast over slow is a burst indicator. Each is
 * absent until its own τ has passed since the market's first event. Units: lots, trades per second.
 * Time only moves forward here: a trade stamped before the last event counts at the last event's time.
 */
export class TradeFlow {
  readonly #fast: ExponentialDecay;
  readonly #slow: ExponentialDecay;
  cvd = 0;
  volume = 0;
  unsidedVolume = 0;
  /** Σ ticks × lots of the session: exact, for VWAP. */
  turnover = 0;
  /** Signed volume of the last seconds, lots. */
  signedVolume = 0;
  intensityFast = Number.NaN;
  intensitySlow = Number.NaN;
  /** Fast over slow intensity; absent while either is, or while no trade was seen. */
  intensityRatio = Number.NaN;
  /** VWAP of the session in ticks; absent before the first trade. */
  vwapTicks = Number.NaN;
  #rateFast = 0;
  #rateSlow = 0;
  #fadedAtUs = 0;
  #firstUs = 0;

  /** @param fast decay of signed volume and fast intensity (5 s); @param slow decay of slow intensity (300 s) */
  constructor(fast: ExponentialDecay, slow: ExponentialDecay) {
    this.#fast = fast;
    this.#slow = slow;
  }

  onTrade(market: Market, ticks: number, lots: number, aggressor: Aggressor): void {
    this.#fadeTo(market);
    this.volume += lots;
    this.turnover += ticks * lots;
    if (aggressor === 0) this.unsidedVolume += lots;
    else {
      this.cvd += aggressor * lots;
      this.signedVolume += aggressor * lots;
    }
    this.#rateFast += SECOND_US / this.#fast.tauUs;
    this.#rateSlow += SECOND_US / this.#slow.tauUs;
  }

  /** Brings what is read from here up to the market's event; fields, since a getter's result may be boxed on the heap. */
  settle(market: Market): void {
    this.#fadeTo(market);
    const ageUs = this.#fadedAtUs - this.#firstUs;
    const slow = ageUs < this.#slow.tauUs ? Number.NaN : this.#rateSlow;
    this.intensityFast = ageUs < this.#fast.tauUs ? Number.NaN : this.#rateFast;
    this.intensitySlow = slow;
    this.intensityRatio = slow > 0 ? this.#rateFast / slow : Number.NaN;
    this.vwapTicks = this.volume > 0 ? this.turnover / this.volume : Number.NaN;
  }

  /** Reads the time here: as an argument it may be boxed on the heap. */
  #fadeTo(market: Market): void {
    const tsEventUs = market.tsEventUs;
    if (this.#firstUs === 0) {
      this.#firstUs = tsEventUs;
      this.#fadedAtUs = tsEventUs;
      return;
    }
    const elapsedUs = tsEventUs - this.#fadedAtUs;
    if (elapsedUs <= 0) return;
    this.#fadedAtUs = tsEventUs;
    if (this.#rateSlow === 0) return;
    const fade = this.#fast.factor(elapsedUs);
    this.signedVolume *= fade;
    this.#rateFast *= fade;
    this.#rateSlow *= this.#slow.factor(elapsedUs);
  }

  /** The trade date turned: session sums start again, decaying ones go on. */
  resetSession(): void {
    this.cvd = 0;
    this.volume = 0;
    this.unsidedVolume = 0;
    this.turnover = 0;
  }

  snapshot(): readonly number[] {
    return [
      this.cvd,
      this.volume,
      this.unsidedVolume,
      this.turnover,
      this.signedVolume,
      this.#rateFast,
      this.#rateSlow,
      this.#fadedAtUs,
      this.#firstUs,
    ];
  }

  restore(state: readonly number[]): void {
    this.cvd = state[0]!;
    this.volume = state[1]!;
    this.unsidedVolume = state[2]!;
    this.turnover = state[3]!;
    this.signedVolume = state[4]!;
    this.#rateFast = state[5]!;
    this.#rateSlow = state[6]!;
    this.#fadedAtUs = state[7]!;
    this.#firstUs = state[8]!;
  }
}

const SECOND_US = 1_000_000;
