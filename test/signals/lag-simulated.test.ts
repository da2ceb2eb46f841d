import { expect, test } from 'vitest';
import { DbnRecordWriter } from '../../main/codec/dbn/write-record.ts';
import { Engine } from '../../main/core/engine.ts';
import type { LagEvent } from '../../main/core/lag-port.ts';
import { LagStage } from '../../main/features/lag-stage.ts';
import { LAG_AT_ONCE } from '../../main/features/lag-thread.ts';
import { RecordPlayer } from '../../main/feeds/databento/record-player.ts';
import { DEFAULT_SIMULATION_START_US, SimulatedMarket } from '../../main/feeds/simulated/simulated-market.ts';
import { LEAST_LAG_CONFIDENCE } from '../../main/signals/link-lag.ts';
import { DEFAULT_LINKS } from '../../shared/links.ts';
import { DEFAULT_SETTINGS } from '../../shared/settings.ts';

const SECONDS = 190;
const { eventsPerSecond } = DEFAULT_SETTINGS.source;

/** All measurements on a simulated market, in the order of time. */
function measured(seed: number, lagUs: number): LagEvent[] {
  const engine = new Engine({ continuity: 'live' });
  const events: LagEvent[] = [];
  engine.addStage(new LagStage(DEFAULT_LINKS, engine.scheduler, LAG_AT_ONCE, (event) => events.push(event)));
  const startUs = DEFAULT_SIMULATION_START_US;
  const market = new SimulatedMarket({ seed, startUs, lagUs, eventsPerSecond, alwaysOpen: true });
  const player = new RecordPlayer(engine);
  const out = new DbnRecordWriter(1 << 20);
  market.prologue(out);
  for (let second = 0; second <= SECONDS; second++) {
    market.advanceTo(startUs + second * 1_000_000, out);
    player.play(out.written().slice(), undefined);
    out.clear();
  }
  return events;
}

test.each([
  [80_000, 1],
  [80_000, 2],
  [150_000, 1],
  [150_000, 2],
  [150_000, 3],
  [150_000, 4],
  [300_000, 1],
  [300_000, 2],
])(
  'a planted lag of %d µs is recovered within 10 ms on all three links, seed %d',
  { timeout: 30_000 },
  (lagUs, seed) => {
    const events = measured(seed, lagUs);
    for (const { id } of DEFAULT_LINKS) {
      const estimates = events.filter(({ linkId }) => linkId === id).map(({ estimate }) => estimate!);
      expect(estimates.length).toBe(18);
      const settled = estimates.slice(12);
      for (const { lagUs: found, confidence } of settled) {
        expect(Math.abs(found! - lagUs)).toBeLessThanOrEqual(10_000);
        expect(confidence).toBeGreaterThanOrEqual(LEAST_LAG_CONFIDENCE);
      }
      const relied = estimates.filter(({ confidence }) => confidence >= LEAST_LAG_CONFIDENCE);
      for (const { lagUs: found } of relied) expect(Math.abs(found! - lagUs)).toBeLessThanOrEqual(10_000);
    }
  },
);
