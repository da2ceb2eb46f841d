import type { Market } from '../core/market.ts';
import type { Aggressor, LevelFlowSink, MarketStage } from '../core/ports.ts';
import { Decays, FeatureSet, type FeatureSetSnapshot } from './feature-set.ts';
import { featuresInTicks } from './features-in-ticks.ts';

/** The feature stage of the engine: one feature set a market. */
export class FeatureStage implements MarketStage {
  readonly name = 'features';
  readonly #decays = new Decays();
  readonly #sets: FeatureSet[] = [];
  /** Tick in which each set remembers prices. */
  readonly #tickNano: number[] = [];
  readonly #sink: LevelFlowSink | undefined;

  /** @param sink is told what was added to and pulled from every price level */
  constructor(sink?: LevelFlowSink) {
    this.#sink = sink;
  }

  onMarket(market: Market): void {
    this.#sets[market.index] = new FeatureSet(this.#decays, this.#sink);
    this.#tickNano[market.index] = market.instrument.tickNano;
  }

  onTrade(market: Market, ticks: number, lots: number, aggressor: Aggressor): void {
    if (this.#tickNano[market.index] !== market.instrument.tickNano) this.#convert(market);
    this.#sets[market.index]!.onTrade(market, ticks, lots, aggressor);
  }

  onBook(market: Market): void {
    if (this.#tickNano[market.index] !== market.instrument.tickNano) this.#convert(market);
    this.#sets[market.index]!.onBook(market);
  }

  onGap(market: Market): void {
    this.#sets[market.index]!.onGap();
  }

  onTradeDate(market: Market): void {
    this.#sets[market.index]!.onTradeDate();
  }

  snapshot(): FeatureStageSnapshot {
    return { tickNano: [...this.#tickNano], sets: this.#sets.map((set) => set.snapshot()) };
  }

  restore(snapshot: FeatureStageSnapshot): void {
    this.#sets.length = snapshot.sets.length;
    this.#tickNano.length = snapshot.sets.length;
    for (const [index, state] of snapshot.sets.entries()) {
      this.#put(index, state);
      this.#tickNano[index] = snapshot.tickNano[index]!;
    }
  }

  #convert(market: Market): void {
    const { index, instrument } = market;
    this.#put(index, featuresInTicks(this.#sets[index]!.snapshot(), this.#tickNano[index]!, instrument.tickNano));
    this.#tickNano[index] = instrument.tickNano;
  }

  #put(index: number, state: FeatureSetSnapshot): void {
    const set = new FeatureSet(this.#decays, this.#sink);
    set.restore(state);
    this.#sets[index] = set;
  }
}

export interface FeatureStageSnapshot {
  readonly tickNano: readonly number[];
  readonly sets: readonly FeatureSetSnapshot[];
}
