import { expect, test } from 'vitest';
import { DbnRecordWriter } from '../../main/codec/dbn/write-record.ts';
import { Engine } from '../../main/core/engine.ts';
import type { Market } from '../../main/core/market.ts';
import { FeatureStage } from '../../main/features/feature-stage.ts';
import { RecordPlayer } from '../../main/feeds/databento/record-player.ts';
import { DEFAULT_SIMULATION_START_US, SimulatedMarket } from '../../main/feeds/simulated/simulated-market.ts';
import { LeadSignal } from '../../main/signals/lead-signal.ts';
import { DEFAULT_LINKS } from '../../shared/links.ts';
import { DEFAULT_SETTINGS } from '../../shared/settings.ts';

const MINUTES = 8;

function spreadPips(market: Market): number {
  const { depth, instrument } = market;
  return ((depth.askPrice[0]! - depth.bidPrice[0]!) * instrument.tickNano) / instrument.pipNano;
}

test('on the simulated market signals come now and then, and mostly say where the spot goes within a second', {
  timeout: 60_000,
}, () => {
  const engine = new Engine({ continuity: 'live' });
  const moves: number[] = [];
  const edges: number[] = [];
  const midTicks = (market: Market) => (market.depth.bidPrice[0]! + market.depth.askPrice[0]!) / 2;
  engine.addStage(new FeatureStage());
  engine.addStage(
    new LeadSignal(DEFAULT_LINKS, DEFAULT_SETTINGS, ({ execution, side, atUs, remainingPips }) => {
      const before = midTicks(execution);
      const sign = side === 'buy' ? 1 : -1;
      edges.push(remainingPips - spreadPips(execution));
      engine.scheduler.at(atUs + 1_000_000, () => moves.push((midTicks(execution) - before) * sign));
    }),
  );
  const { seed, lagMs, eventsPerSecond } = DEFAULT_SETTINGS.source;
  const startUs = DEFAULT_SIMULATION_START_US;
  const market = new SimulatedMarket({ seed, startUs, lagUs: lagMs * 1000, eventsPerSecond, alwaysOpen: true });
  const player = new RecordPlayer(engine);
  const out = new DbnRecordWriter(1 << 20);
  market.prologue(out);
  for (let second = 0; second <= MINUTES * 60; second++) {
    market.advanceTo(startUs + second * 1_000_000, out);
    player.play(out.written().slice(), undefined);
    out.clear();
  }
  const perHour = (edges.length * 60) / MINUTES;
  expect(perHour).toBeGreaterThan(60);
  expect(perHour).toBeLessThan(600);
  expect(Math.min(...edges)).toBeGreaterThanOrEqual(0);
  const right = moves.filter((move) => move > 0).length / moves.length;
  const wrong = moves.filter((move) => move < 0).length / moves.length;
  expect(right).toBeGreaterThan(0.7);
  expect(wrong).toBeLessThan(0.15);
});
