import type { DealRow, FillRow, OrderRow, Proposal, SignalRow } from '../../shared/trading.ts';
import { MS_US } from '../../shared/units.ts';
import type { Engine } from '../core/engine.ts';
import type { Store, StoredProposal } from '../core/store-port.ts';
import type { LinkTracker } from '../signals/link-tracker.ts';
import type { TradeRecords } from './trade-screen.ts';

/** The trade loop's rows on their way into the store. What cannot be kept is told once a row, never swallowed. */
export class StoreKeeper implements TradeRecords {
  readonly #engine: Engine;
  readonly #store: Store;
  readonly #onLoss: (words: string) => void;

  constructor(engine: Engine, store: Store, onLoss: (words: string) => void) {
    this.#engine = engine;
    this.#store = store;
    this.#onLoss = onLoss;
  }

  signal(row: SignalRow): void {
    this.#store.signals([row]);
  }

  proposal(proposal: Proposal, event: StoredProposal['event']): void {
    this.#store.proposals([{ proposal, event, atUs: this.#engine.nowUs }]);
  }

  order(row: OrderRow): void {
    this.#keep(this.#store.orders([row]), `order ${row.id}`);
  }

  deal(row: DealRow): void {
    this.#keep(this.#store.deals([row]), `deal ${row.id}`);
  }

  fill(row: FillRow): void {
    this.#keep(this.#store.fills([row]), `fill ${row.id}`);
  }

  /** A link whose lag was measured. */
  link({ link, lag, signal, execution, basis }: LinkTracker): void {
    if (signal === undefined || execution === undefined || lag.guessed) return;
    const mapping = {
      signal: signal.index,
      execution: execution.index,
      inverted: link.inverted,
      lagMs: lag.us / MS_US,
      basisPips: Number.isNaN(basis) ? null : basis,
      updatedUs: this.#engine.nowUs,
    };
    // The next measurement says it again.
    this.#store.mappings([mapping]).catch(() => undefined);
  }

  #keep(kept: Promise<void>, what: string): void {
    kept.catch((error: Error) => this.#onLoss(`${what} is in the journal but not in the database: ${error.message}`));
  }
}
