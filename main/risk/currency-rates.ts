import type { Currency } from '../../shared/money.ts';
import type { Engine } from '../core/engine.ts';

/**
 * Rates into the account currency from the spot markets that the engine watches. A rate older than the bound is no rate:
 * risk and results that rest on it are refused rather than guessed.
 */
export class CurrencyRates {
  readonly #engine: Engine;
  readonly #account: Currency;
  readonly #staleAfterUs: number;

  constructor(engine: Engine, account: Currency, staleAfterUs: number) {
    this.#engine = engine;
    this.#account = account;
    this.#staleAfterUs = staleAfterUs;
  }

  /** Units of account currency for one unit of `currency` (ISO 4217, or a coin's name), or null. */
  rate(currency: string): number | null {
    if (currency === this.#account) return 1;
    const direct = this.#mid(`${currency}${this.#account}`);
    if (direct !== null) return direct;
    const inverse = this.#mid(`${this.#account}${currency}`);
    return inverse === null ? null : 1 / inverse;
  }

  #mid(root: string): number | null {
    const market = this.#engine.markets.find((candidate) => candidate.instrument.root === root);
    if (market === undefined || market.gapped || !market.depth.twoSided || market.depth.crossed) return null;
    if (this.#engine.nowUs - market.engineUs > this.#staleAfterUs) return null;
    return market.price((market.depth.bidPrice[0]! + market.depth.askPrice[0]!) / 2);
  }
}
