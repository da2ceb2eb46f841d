import type { InstrumentBinding, SpooledBatch } from '../store-batch.ts';
import { RowError } from '../store-fault.ts';
import type { KnownInstrument, RowContext } from './row-context.ts';
import { instrumentRow, providerOf } from './table-rows.ts';

/** Numbers of stored instruments, with the descriptions under which they are stored. */
export class InstrumentIds {
  readonly #ids = new Map<string, { readonly id: number; readonly description: string }>();

  /** Those of which the database does not know, or knows otherwise. */
  newOf(bindings: readonly InstrumentBinding[]): readonly InstrumentBinding[] {
    return bindings.filter((binding) => this.#ids.get(keyOf(binding))?.description !== descriptionOf(binding));
  }

  /** The database has it under this number. */
  learn(binding: InstrumentBinding, id: number): void {
    this.#ids.set(keyOf(binding), { id, description: descriptionOf(binding) });
  }

  /** What was learned may not be true: the transaction in which it was is undone. */
  forget(): void {
    this.#ids.clear();
  }

  /** What the rows of a batch share, once all its bindings are learned. */
  contextOf({ runId, account, bindings }: SpooledBatch): RowContext {
    const known = new Map<number, KnownInstrument>();
    for (const binding of bindings) {
      const { market, instrument, symbol } = binding;
      const { id } = this.#ids.get(keyOf(binding))!;
      known.set(market, { id, provider: providerOf(instrument), symbol, instrument });
    }
    return {
      runId,
      account,
      instrumentOf: (market) => {
        const instrument = known.get(market);
        if (instrument === undefined) throw new RowError(`market ${market} was never described`);
        return instrument;
      },
    };
  }
}

function keyOf({ instrument, symbol }: InstrumentBinding): string {
  return `${providerOf(instrument)} ${symbol}`;
}

/** With the contract, which a line changes when it rolls. */
function descriptionOf(binding: InstrumentBinding): string {
  return JSON.stringify([instrumentRow(binding), binding.instrument.rawSymbol]);
}
