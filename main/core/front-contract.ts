import type { Market } from './market.ts';
import type { Stateful } from './ports.ts';

/** What another contract must have traded beyond the one in hand, so that two alike do not take turns. */
const MORE_THAN = 1.25;
const LEAST_LOTS = 50;
/** Month codes of futures, January first. */
const MONTHS = 'FGHJKMNQUVXZ';
const EXPIRY = /([FGHJKMNQUVXZ])(\d{1,2})$/;
/** A year's last digit is all that many symbols have. */
const CYCLE_MONTHS = 120;

interface Contract {
  readonly market: Market;
  /** Traded on the trade date. */
  lots: number;
  /** Its symbol went over to another contract: nothing is expected of it. */
  left: boolean;
}

/**
 * The market that stands for a product of which several expiries may be there: the one that has traded clearly more on the
 * trade date, the nearest expiry while none has traded, and after a roll the contract that was rolled to.
 */
export class FrontContract implements Stateful<FrontContractSnapshot> {
  readonly #root: string;
  readonly #contracts: Contract[] = [];
  #front: Contract | undefined;

  /** @param root the product's: `6E` */
  constructor(root: string) {
    this.#root = root;
  }

  get market(): Market | undefined {
    return this.#front?.market;
  }

  /** A market appeared. @returns whether it is the front now */
  meet(market: Market): boolean {
    if (market.instrument.root !== this.#root) return false;
    const contract: Contract = { market, lots: 0, left: false };
    this.#contracts.push(contract);
    const front = this.#front;
    const untraded = front?.lots === 0 && expiresBefore(market, front.market);
    if (front !== undefined && !front.left && !untraded) return false;
    this.#front = contract;
    return true;
  }

  /** @returns whether the market is the front now and was not before */
  trade(market: Market, lots: number): boolean {
    for (let i = 0; i < this.#contracts.length; i++) {
      const contract = this.#contracts[i]!;
      if (contract.market !== market) continue;
      contract.lots += lots;
      contract.left = false;
      const front = this.#front!;
      if (contract === front || contract.lots <= front.lots * MORE_THAN + LEAST_LOTS) return false;
      this.#front = contract;
      return true;
    }
    return false;
  }

  /** The market's trade date turned. */
  turn(market: Market): void {
    for (const contract of this.#contracts) if (contract.market === market) contract.lots = 0;
  }

  /** The market was rolled away from. @returns whether another is the front now */
  leave(market: Market): boolean {
    const contract = this.#contracts.find((one) => one.market === market);
    if (contract === undefined) return false;
    contract.left = true;
    contract.lots = 0;
    if (contract !== this.#front) return false;
    const rest = this.#contracts.filter(({ left }) => !left);
    const next = rest.toSorted((a, b) => b.lots - a.lots || (expiresBefore(a.market, b.market) ? -1 : 1))[0];
    if (next !== undefined) this.#front = next;
    return next !== undefined;
  }

  snapshot(): FrontContractSnapshot {
    return {
      front: this.#front?.market.index ?? -1,
      contracts: this.#contracts.map(({ market, lots, left }) => ({ index: market.index, lots, left })),
    };
  }

  /** Continues from a snapshot; the markets that it had met have been met again, later ones are forgotten. */
  restore(snapshot: FrontContractSnapshot): void {
    const met = new Map(this.#contracts.map(({ market }) => [market.index, market]));
    this.#contracts.length = 0;
    for (const { index, lots, left } of snapshot.contracts) {
      const market = met.get(index);
      if (market !== undefined) this.#contracts.push({ market, lots, left });
    }
    this.#front = this.#contracts.find(({ market }) => market.index === snapshot.front);
  }
}

export interface FrontContractSnapshot {
  /** Index of the front's market; −1 while there is none. */
  readonly front: number;
  readonly contracts: readonly { readonly index: number; readonly lots: number; readonly left: boolean }[];
}

/** Whether a contract expires before another, both within some years of each other; false where a symbol does not tell. */
function expiresBefore(a: Market, b: Market): boolean {
  const months = (monthOf(b) - monthOf(a) + CYCLE_MONTHS) % CYCLE_MONTHS;
  return months > 0 && months < CYCLE_MONTHS / 2;
}

function monthOf({ instrument }: Market): number {
  const [, code = '', year = ''] = EXPIRY.exec(instrument.rawSymbol) ?? [];
  return (Number(year) % 10) * 12 + MONTHS.indexOf(code);
}
