import { FrontContract } from '../../core/front-contract.ts';
import type { Market } from '../../core/market.ts';

/** Which contracts of which data source stand for their products: theirs are the lines `6E`, `6B` …; others are stored by their own symbols. */
export class FrontContracts {
  readonly #byRoot = new Map<string, FrontContract>();
  readonly #of: (FrontContract | undefined)[] = [];

  meet(market: Market): void {
    const { root, venue, publisherId } = market.instrument;
    if (root === undefined || venue !== 'GLBX') return;
    const key = `${publisherId} ${root}`;
    const front = this.#byRoot.get(key) ?? new FrontContract(root);
    this.#byRoot.set(key, front);
    this.#of[market.index] = front;
    front.meet(market);
  }

  /** @returns whether a front changed */
  trade(market: Market, lots: number): boolean {
    return this.#of[market.index]?.trade(market, lots) ?? false;
  }

  turn(market: Market): void {
    this.#of[market.index]?.turn(market);
  }

  /** @returns whether a front changed */
  leave(market: Market): boolean {
    return this.#of[market.index]?.leave(market) ?? false;
  }

  /** Whether another contract stands for the market's product. */
  isBehind(market: Market): boolean {
    const front = this.#of[market.index]?.market;
    return front !== undefined && front !== market;
  }
}
