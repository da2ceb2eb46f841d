import { expect, test, vi } from 'vitest';
import { DbnRecordWriter } from '../../main/codec/dbn/write-record.ts';
import { Engine } from '../../main/core/engine.ts';
import type { LagEvent } from '../../main/core/lag-port.ts';
import type { TradeSink } from '../../main/core/trading-ports.ts';
import { OfflineTerminal } from '../../main/entry/offline/offline-terminal.ts';
import { createTradeLoop } from '../../main/entry/trade-loop.ts';
import { FeatureStage } from '../../main/features/feature-stage.ts';
import type { LagCalculator } from '../../main/features/lag-stage.ts';
import { RecordPlayer } from '../../main/feeds/databento/record-player.ts';
import { SimulatedMarket } from '../../main/feeds/simulated/simulated-market.ts';
import { DEFAULT_SETTINGS } from '../../shared/settings.ts';
import { OPTIONS, START_US } from '../feeds/simulated/simulate.ts';

/** Plays some seconds of a simulated market of one future and its spot, whose lag is 80 ms. */
function play(engine: Engine, seconds: number): void {
  const market = new SimulatedMarket({ ...OPTIONS, products: ['6E'], lagUs: 80_000, eventsPerSecond: 400 });
  const player = new RecordPlayer(engine);
  const out = new DbnRecordWriter(1 << 20);
  market.prologue(out);
  market.advanceTo(START_US + seconds * 1_000_000, out);
  player.play(out.written().slice(), undefined);
}

function loopWith(calculator: LagCalculator) {
  const engine = new Engine({ continuity: 'live' });
  const append = vi.fn();
  const told: LagEvent[] = [];
  const sink = new Proxy({}, { get: () => () => undefined }) as TradeSink;
  const journal = { append, whenDurable: (then: () => void) => then() };
  engine.addStage(new FeatureStage());
  const loop = createTradeLoop(engine, DEFAULT_SETTINGS, journal, sink, {
    calculator,
    told: (event) => told.push(event),
  });
  return { engine, append, told, tracker: loop.signals.trackers()[0]! };
}

test('an answer that does not come back leaves the first guess and is journalled', () => {
  const { engine, append, told, tracker } = loopWith({ ask: () => () => undefined });
  play(engine, 33);
  const missing = append.mock.calls.filter(([type]) => type === 'lag-missing');
  expect(missing).toEqual(
    [10, 20, 30].map((s) => ['lag-missing', { linkId: '6E-EURUSD', askedUs: START_US + s * 1_000_000 }]),
  );
  expect(told).toHaveLength(3);
  expect([tracker.lag.us, tracker.lag.guessed]).toEqual([150_000, true]);
});

test('a measured lag is what the link reckons with, and part of the hashed output', () => {
  const terminal = new OfflineTerminal(DEFAULT_SETTINGS);
  const entry = vi.spyOn(terminal.hash, 'entry');
  play(terminal.engine, 63);
  const lags = entry.mock.calls.filter(([kind]) => kind === 'lag').map(([, data]) => data as LagEvent);
  expect(lags.map(({ atUs }) => (atUs - START_US) / 1_000_000)).toEqual([12, 22, 32, 42, 52, 62]);
  expect(lags.at(-1)!.estimate).toMatchObject({ lagUs: 80_000, confidence: expect.closeTo(1, 1) });

  const answer = { lagUs: 80_000, correlation: 0.4, confidence: 1, samples: 999 };
  const { engine, append, tracker } = loopWith({ ask: () => () => answer });
  play(engine, 13);
  expect([tracker.lag.us, tracker.lag.guessed]).toEqual([80_000, false]);
  expect(append.mock.calls.filter(([type]) => type === 'lag-missing')).toEqual([]);
});
