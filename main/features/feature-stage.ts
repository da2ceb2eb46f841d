import type { Market } from '../core/market.ts';
import type { Aggressor, LevelFlowSink, MarketStage } from '../core/ports.ts';
import { Decays, FeatureSet, type FeatureSetSnapshot } from './feature-set.ts';

/** The feature stage of the engine: one feature set a market. */
export class FeatureStage implements MarketStage {
  readonly name = 'features';
  readonly #decays = new Decays();
  readonly #sets: FeatureSet[] = [];
  readonly #sink: LevelFlowSink | undefined;

  /** @param sink is told what was added to and pulled from every price level */
  constructor(sink?: LevelFlowSink) {
    this.#sink = sink;
  }

  onMarket(market: Market): void {
    this.#sets[market.index] = new FeatureSet(this.#decays, this.#sink);
  }

  onTrade(market: Market, ticks: number, lots: number, aggressor: Aggressor): void {
    this.#sets[market.index]!.onTrade(market, ticks, lots, aggressor);
  }

  onBook(market: Market): void {
    this.#sets[market.index]!.onBook(market);
  }

  onGap(market: Market): void {
    this.#sets[market.index]!.onGap();
  }

  onTradeDate(market: Market): void {
    this.#sets[market.index]!.onTradeDate();
  }

  snapshot(): readonly FeatureSetSnapshot[] {
    return this.#sets.map((set) => set.snapshot());
  }

  restore(snapshot: readonly FeatureSetSnapshot[]): void {
    this.#sets.length = snapshot.length;
    for (const [index, state] of snapshot.entries()) {
      const set = new FeatureSet(this.#decays, this.#sink);
      set.restore(state);
      this.#sets[index] = set;
    }
  }
}
