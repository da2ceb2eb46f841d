import { dataSourceOf, type Instrument } from '../../shared/instruments.ts';
import { SECOND_US } from '../../shared/units.ts';
import type { Market } from '../core/market.ts';
import type { Bar, BarSink, MarketStage } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';

/**
 * Hands market data to the store: closed bars, and once a second of engine time the features of every market in which
 * something happened. Keeps no state that the engine depends on, so its snapshots are empty.
 */
export class MarketRecorder implements MarketStage, BarSink {
  readonly name = 'market-recorder';
  readonly #store: Store;
  readonly #described: (Instrument | undefined)[] = [];
  readonly #dueUs: number[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  onMarket(market: Market): void {
    this.#dueUs[market.index] = 0;
    this.#describe(market);
  }

  onBook(market: Market): void {
    if (market.engineUs < this.#dueUs[market.index]!) return;
    this.#dueUs[market.index] = market.engineUs - (market.engineUs % SECOND_US) + SECOND_US;
    this.#describe(market);
    const { index, tsEventUs, tsRecvUs, features } = market;
    this.#store.features([{ market: index, tsEventUs, tsRecvUs, vector: features.slice() }]);
  }

  onBar(market: Market, bar: Bar, closed: boolean): void {
    if (!closed) return;
    this.#describe(market);
    this.#store.bars([{ ...bar, market: market.index, tsRecvUs: market.tsRecvUs }]);
  }

  snapshot(): null {
    return null;
  }

  restore(): void {
    for (const index of this.#dueUs.keys()) this.#dueUs[index] = 0;
  }

  #describe(market: Market): void {
    if (this.#described[market.index] === market.instrument) return;
    this.#described[market.index] = market.instrument;
    this.#store.instrument(market.index, market.instrument, dataSourceOf(market.instrument));
  }
}
