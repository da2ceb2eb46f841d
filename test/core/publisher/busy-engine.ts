import { Engine } from '../../../main/core/engine.ts';
import type { Market } from '../../../main/core/market.ts';
import { MarketView } from '../../../main/core/publisher/market-view.ts';
import { FeatureStage } from '../../../main/features/feature-stage.ts';
import { instrumentOf } from '../../../shared/instruments.ts';

/** A Tuesday, 15:00 UTC: Globex and spot FX are open. */
export const START_US = Date.UTC(2026, 0, 6, 15) * 1000;

const TICKS = 23_400;

/** An engine with features and a market view whose market moves by numbers that the caller gives. */
export class BusyEngine {
  readonly engine = new Engine({ continuity: 'live' });
  readonly view = new MarketView(this.engine, { staleAfterUs: 2_000_000 });
  readonly market: Market;
  nowUs = START_US;

  constructor() {
    this.engine.addStage(new FeatureStage(this.view));
    this.engine.addStage(this.view);
    this.market = this.engine.addMarket(instrumentOf('6EH6', 1, 42, undefined));
  }

  /** A complete ten-level book around a shifted inside. */
  book(waitUs: number, shift: number, lots: number): void {
    this.#arrive(waitUs);
    const { depth } = this.market;
    for (let level = 0; level < 10; level++) {
      depth.setBid(level, TICKS + shift - level, lots + level, 1);
      depth.setAsk(level, TICKS + shift + 1 + level, lots + 2 * level, 1);
    }
    this.engine.endEvent(this.market, this.nowUs, this.nowUs, true);
  }

  trade(waitUs: number, shift: number, lots: number, aggressor: 1 | -1 | 0): void {
    this.#arrive(waitUs);
    this.engine.trade(this.market, this.nowUs, this.nowUs, TICKS + shift, lots, aggressor);
    this.engine.endEvent(this.market, this.nowUs, this.nowUs, true);
  }

  gap(): void {
    this.engine.gap(this.market, 'feed-gap');
  }

  wait(us: number): void {
    this.nowUs += us;
    this.engine.advanceTo(this.nowUs);
  }

  #arrive(waitUs: number): void {
    this.nowUs += waitUs;
    this.engine.arrive(this.nowUs);
  }
}
