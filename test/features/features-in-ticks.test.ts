import { expect, test } from 'vitest';
import { Engine } from '../../main/core/engine.ts';
import { FeatureStage } from '../../main/features/feature-stage.ts';
import { instrumentOf } from '../../shared/instruments.ts';

const TICK = 250_000_000;
const START_US = 1_795_006_800_000_000;

/** Features after each of a few events, of a market whose tick becomes known before one of them. */
function run(knownAt: number, restoredAt = -1): number[][] {
  let engine = fresh();
  let market = engine.addMarket(instrumentOf('#7', 1, 7, knownAt === 0 ? TICK : undefined));
  const rows: number[][] = [];
  for (let event = 0; event < 12; event++) {
    if (event === knownAt && event > 0) {
      engine.addMarket(instrumentOf('ESM4', 1, 7, TICK));
      market.depth.clear();
    }
    if (event === restoredAt) {
      const snapshot = structuredClone(engine.snapshot());
      engine = fresh();
      engine.restore(snapshot);
      market = engine.markets[0]!;
    }
    const unit = TICK / market.instrument.tickNano;
    const us = START_US + event * 1_000_000;
    const bid = (20_000 + (event % 3)) * unit;
    engine.arrive(us);
    for (let level = 0; level < 10; level++) {
      market.depth.setBid(level, bid - level * unit, 5 + ((event + level) % 4), 1);
      market.depth.setAsk(level, bid + (level + 1) * unit, 4 + ((event * level) % 3), 1);
    }
    if (event % 2 === 1) engine.trade(market, us, us, bid, 2, -1);
    engine.endEvent(market, us, us, true);
    rows.push([...market.features]);
  }
  return rows;
}

function fresh(): Engine {
  const engine = new Engine({ continuity: 'file' });
  engine.addStage(new FeatureStage());
  return engine;
}

test('features run on as they were when the tick of a market becomes known late', () => {
  const known = run(0);
  expect(run(5)).toEqual(known);
  expect(run(5, 5)).toEqual(known);
  expect(run(5, 8)).toEqual(known);
});
