import type { Link } from '../../shared/links.ts';
import { SECOND_US } from '../../shared/units.ts';
import type { LagEstimate, LagEvent } from '../core/lag-port.ts';

/** Confidence from which a measured lag is used. */
export const LEAST_LAG_CONFIDENCE = 0.9;
/** A measurement is forgotten when later ones have been missing for so long. */
const KEPT_US = 60 * SECOND_US;

/** The lag of a link: measured while the measurement can be relied on, else the link's first guess; and which, in words. */
export class LinkLag {
  readonly #guessUs: number;
  #estimate: LagEstimate | null = null;
  #measuredUs: number | null = null;
  /** Answers that were late since the latest measurement. */
  #missed = 0;

  constructor(link: Link) {
    this.#guessUs = link.lagUs;
  }

  /** Lag to reckon with, µs. */
  get us(): number {
    return this.guessed ? this.#guessUs : this.#estimate!.lagUs!;
  }

  /** Whether the lag is the first guess. */
  get guessed(): boolean {
    return this.#doubt() !== '';
  }

  /** The latest measurement, whether it is used or not. */
  get estimate(): LagEstimate | null {
    return this.#estimate;
  }

  /** End of the window that the latest measurement looked at, µs; null while there is none. */
  get measuredUs(): number | null {
    return this.#measuredUs;
  }

  /** Where the lag comes from and, for a guess, why it is one. */
  get words(): string {
    const doubt = this.#doubt();
    const late =
      this.#missed === 0 ? '' : ` ${this.#missed} ${this.#missed === 1 ? 'answer was' : 'answers were'} late.`;
    if (doubt !== '') return `First guess: ${doubt}.${late}`;
    const { samples, confidence } = this.#estimate!;
    return `Measured from ${samples} changes, confidence ${confidence.toFixed(2)}.${late}`;
  }

  take({ estimate, askedUs, atUs }: LagEvent): void {
    if (estimate !== null) {
      this.#estimate = estimate;
      this.#measuredUs = askedUs;
      this.#missed = 0;
      return;
    }
    this.#missed++;
    if (this.#measuredUs === null || atUs - this.#measuredUs <= KEPT_US) return;
    this.#estimate = null;
    this.#measuredUs = null;
  }

  snapshot(): LinkLagSnapshot {
    return { estimate: this.#estimate, measuredUs: this.#measuredUs, missed: this.#missed };
  }

  restore(snapshot: LinkLagSnapshot): void {
    this.#estimate = snapshot.estimate;
    this.#measuredUs = snapshot.measuredUs;
    this.#missed = snapshot.missed;
  }

  /** Why the measurement is not used; empty when it is. */
  #doubt(): string {
    if (this.#estimate === null) return 'nothing measured yet';
    const { lagUs, correlation, confidence, samples } = this.#estimate;
    if (lagUs === null || correlation === null) return `too little in common, ${samples} changes`;
    if (confidence < LEAST_LAG_CONFIDENCE) {
      const reached = (Math.floor(confidence * 100) / 100).toFixed(2);
      return `confidence ${reached}, ${LEAST_LAG_CONFIDENCE.toFixed(2)} is needed`;
    }
    if (correlation < 0) return 'the two move against each other';
    return lagUs < 0 ? `the spot goes ahead by ${Math.round(-lagUs / 1000)} ms` : '';
  }
}

export interface LinkLagSnapshot {
  readonly estimate: LagEstimate | null;
  readonly measuredUs: number | null;
  readonly missed: number;
}
