import { expect, test } from 'vitest';
import { Engine } from '../../main/core/engine.ts';
import type { Store, StoredBar } from '../../main/core/store-port.ts';
import { FeatureStage } from '../../main/features/feature-stage.ts';
import { MinuteBars } from '../../main/features/minute-bars.ts';
import { MarketRecorder } from '../../main/storage/tables/market-recorder.ts';
import { instrumentOf, PUBLISHER } from '../../shared/instruments.ts';

/** 2026-11-18 13:00 UTC, a Wednesday. */
const START = 1_795_006_800_000_000;

test('bars are kept with what their volume counts, under the source that they came from', () => {
  const kept: (StoredBar & { source: string })[] = [];
  const sources: string[] = [];
  const store = {
    instrument: (market: number, _instrument: unknown, source: string) => {
      sources[market] = source;
    },
    features: () => undefined,
    bars: (rows: readonly StoredBar[]) => kept.push(...rows.map((row) => ({ ...row, source: sources[row.market]! }))),
  } as unknown as Store;
  const engine = new Engine({ continuity: 'live' });
  const recorder = new MarketRecorder(store, engine, { depthEvents: 'live' });
  engine.addStage(new FeatureStage());
  engine.addStage(new MinuteBars(engine.scheduler, recorder));
  engine.addStage(recorder);
  const future = engine.addMarket(instrumentOf('6EZ6', 1, 7, undefined));
  const spot = engine.addMarket({ ...instrumentOf('EURUSD', PUBLISHER.IG, 8, undefined), indicative: true });
  for (const market of [future, spot]) {
    for (let second = 0; second < 4; second++) {
      const us = START + second * 1_000_000;
      engine.arrive(us);
      market.depth.setBid(0, 20_000 + second, 5, 1);
      market.depth.setAsk(0, 20_002 + second, 5, 1);
      engine.endEvent(market, us, us, true);
    }
  }
  engine.trade(future, START + 5_000_000, START + 5_000_000, 20_001, 9, 1);
  engine.advanceTo(START + 120_000_000);
  expect(kept).toMatchObject([
    { market: 0, source: 'databento', volumeType: 'real', volume: 9 },
    { market: 1, source: 'ig', volumeType: 'tick', volume: 4 },
  ]);
});
