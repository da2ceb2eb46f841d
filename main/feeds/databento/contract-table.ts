/** What an asked symbol means now. */
export interface MappedContract {
  readonly asked: string;
  readonly rawSymbol: string;
  readonly instrumentId: number;
}

/** A continuous symbol went over to another contract. */
export interface Roll {
  readonly asked: string;
  readonly from: MappedContract;
  readonly to: MappedContract;
}

/** `6E.v.0`: one contract at a time. A parent (`6E.FUT`) stands for many, a raw symbol for itself. */
const CONTINUOUS = /\.[cnv]\.\d+$/;
const PARENT = /\.(FUT|OPT)$/;

/** Which contracts the symbols that were asked for stand for, from the gateway's symbol mappings. */
export class ContractTable {
  readonly #byAsked = new Map<string, MappedContract>();
  readonly #askedOf = new Map<number, string>();

  /** Takes in a mapping. @returns the roll that it means, if it does */
  learn(asked: string, rawSymbol: string, instrumentId: number): Roll | undefined {
    if (PARENT.test(asked)) {
      this.#askedOf.set(instrumentId, rawSymbol);
      this.#byAsked.set(rawSymbol, { asked: rawSymbol, rawSymbol, instrumentId });
      return undefined;
    }
    const from = this.#byAsked.get(asked);
    const to = { asked, rawSymbol, instrumentId };
    this.#byAsked.set(asked, to);
    this.#askedOf.set(instrumentId, asked);
    const rolled = from !== undefined && from.instrumentId !== instrumentId && CONTINUOUS.test(asked);
    return rolled ? { asked, from, to } : undefined;
  }

  /** Contract of an asked symbol or of a raw one. */
  contractOf(symbol: string): MappedContract | undefined {
    const asked = this.#byAsked.get(symbol);
    if (asked !== undefined) return asked;
    for (const contract of this.#byAsked.values()) if (contract.rawSymbol === symbol) return contract;
    return undefined;
  }

  /** The symbol that was asked for and led to an instrument, last; undefined while no mapping names it. */
  askedOf(instrumentId: number): string | undefined {
    return this.#askedOf.get(instrumentId);
  }

  /** Every asked symbol with its contract, in the order of appearance. */
  entries(): readonly MappedContract[] {
    return [...this.#byAsked.values()];
  }

  snapshot(): ContractTableSnapshot {
    return { contracts: [...this.#byAsked.values()], askedOf: [...this.#askedOf] };
  }

  restore(snapshot: ContractTableSnapshot): void {
    this.#byAsked.clear();
    this.#askedOf.clear();
    for (const contract of snapshot.contracts) this.#byAsked.set(contract.asked, contract);
    for (const [instrumentId, asked] of snapshot.askedOf) this.#askedOf.set(instrumentId, asked);
  }
}

export interface ContractTableSnapshot {
  readonly contracts: readonly MappedContract[];
  readonly askedOf: readonly (readonly [instrumentId: number, asked: string])[];
}
