import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LiveClock } from '../main/core/clock/live-clock.ts';
import { Random } from '../main/core/clock/random.ts';
import { Engine } from '../main/core/engine.ts';
import type { FeedFrame } from '../main/core/feed-port.ts';
import { LatencyHistogram } from '../main/core/latency-histogram.ts';
import { playFrame } from '../main/core/play-frame.ts';
import { HeadlessVenue } from '../main/entry/venues/headless-venue.ts';
import { type MarketVenue, type VenuePlan, venuePlan } from '../main/entry/venues/venues.ts';
import { FeatureStage } from '../main/features/feature-stage.ts';
import { settingsSchema } from '../shared/settings.ts';
import { HOST_KEYS } from './feed-host.ts';
import { type Figures, liveHeapBytes, rate } from './measure.ts';

const VENUES = [
  { venue: 'kraken', symbol: 'BTC/USD' },
  { venue: 'binance', symbol: 'BTCUSDT' },
  { venue: 'coinbase', symbol: 'BTC-USD' },
  { venue: 'ig', symbol: 'CS.D.EURUSD.CFD.IP' },
  { venue: 'databento', symbol: '6E.v.0' },
] as const;
/** Messages a second of a busy market. */
const BUSY = 2_000;
/** More than any of them sends on its own. */
const FLOOD = 40_000;
const WARM_MS = 2_000;
const MEASURE_MS = 5_000;
const COLLECT_FRAMES = 20_000;
/** Less than what may wait for the disk, so that nothing is lost at full speed. */
const RECORD_BYTES = 48 * 1024 * 1024;

/**
 * Each venue from its stand-in's socket to features: latency on a busy market, messages that one core sustains, and what
 * the recorder makes of them.
 */
export async function feedsBench(): Promise<Figures> {
  const figures: Figures = {};
  for (const { venue, symbol } of VENUES) {
    Object.assign(figures, await latency(venue, symbol));
    const frames = await collect(venue, symbol);
    Object.assign(figures, sustained(venue, symbol, frames), await recorded(venue, symbol, frames));
  }
  return figures;
}

async function latency(venue: MarketVenue, symbol: string): Promise<Figures> {
  const host = await hostOf(venue, BUSY);
  const processing = new LatencyHistogram();
  const plan = planOf(venue, symbol, host.url);
  const { engine, line, ...run } = startVenue(plan, processing);
  await pause(WARM_MS);
  // Twice: what came while it was warming up is told until the second turn.
  processing.turn();
  processing.turn();
  const before = { inputs: engine.inputSequence, heap: liveHeapBytes() };
  await pause(MEASURE_MS);
  const inputs = engine.inputSequence - before.inputs;
  const growth = liveHeapBytes() - before.heap;
  await run.stop();
  host.end();
  if (line.mapper.tally.gaps > 0 || inputs === 0) throw new Error(`${venue}: the run had gaps, or nothing came`);
  return {
    [`feeds.${venue}.rate`]: { value: inputs / (MEASURE_MS / 1000), unit: 'inputs/s' },
    [`feeds.${venue}.socket-to-features.p50`]: { value: processing.percentile(0.5), unit: 'µs' },
    [`feeds.${venue}.socket-to-features.p99`]: { value: processing.percentile(0.99), unit: 'µs' },
    [`feeds.${venue}.socket-to-features.p99.9`]: { value: processing.percentile(0.999), unit: 'µs' },
    [`feeds.${venue}.heap-growth`]: { value: (growth / inputs) * 1e6, unit: 'bytes/million inputs' },
  };
}

function startVenue(plan: VenuePlan, processing: LatencyHistogram) {
  const venue = new HeadlessVenue({ plan, processing, onState: () => undefined, onFault: () => undefined });
  venue.start();
  return { engine: venue.engine, line: venue.line, stop: () => venue.stop() };
}

/** Frames as the feed hands them out. */
async function collect(venue: MarketVenue, symbol: string): Promise<readonly FeedFrame[]> {
  const host = await hostOf(venue, FLOOD);
  const frames: FeedFrame[] = [];
  const clock = new LiveClock();
  await new Promise<void>((enough) => {
    const feed = planOf(venue, symbol, host.url).makeFeed({
      clock,
      random: new Random(1),
      outlet: {
        frame: (frame) => {
          frames.push({ ...frame, bytes: frame.bytes.slice() });
          if (frames.length === COLLECT_FRAMES) void feed.stop().then(() => enough());
        },
        state: () => undefined,
      },
    });
    feed.start();
  });
  host.end();
  return frames;
}

function sustained(venue: MarketVenue, symbol: string, frames: readonly FeedFrame[]): Figures {
  const plan = planOf(venue, symbol, '');
  let inputs = 0;
  const frameRate = rate(frames.length, 5, () => {
    const engine = new Engine({ continuity: 'live' });
    engine.addStage(new FeatureStage());
    const mapper = plan.makeMapper(engine, () => undefined);
    for (const frame of frames) playFrame(engine, mapper, frame);
    inputs = engine.inputSequence;
    if (engine.markets[0]?.depth.twoSided !== true) throw new Error(`${venue}: the book is empty`);
  });
  // A chunk of Databento's stream is many records; each of the others' frames is one message.
  return { [`feeds.${venue}.sustained`]: { value: (frameRate / frames.length) * inputs, unit: 'messages/s' } };
}

async function recorded(venue: MarketVenue, symbol: string, frames: readonly FeedFrame[]): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'fathom-bench-'));
  try {
    const capture = planOf(venue, symbol, '').makeCapture(folder, () => ({ mapper: undefined, markets: [] }));
    const startedMs = performance.now();
    let bytes = 0;
    let written = 0;
    // The stream's head is written once, its messages as often as it takes.
    const head = frames.findIndex(({ kind }) => kind === 'message') + 1;
    for (let at = 0; bytes < RECORD_BYTES; at = at + 1 === frames.length ? head : at + 1) {
      const frame = frames[at]!;
      capture.write(frame, written++);
      bytes += frame.bytes.length;
    }
    await capture.close();
    const seconds = (performance.now() - startedMs) / 1000;
    if (capture.state.lostBytes > 0) throw new Error(`${venue}: the recorder lost ${capture.state.lostBytes} bytes`);
    const disk = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    return {
      [`feeds.${venue}.recorder`]: { value: bytes / 1e6 / seconds, unit: 'MB/s' },
      [`feeds.${venue}.recorder.bytes`]: { value: disk / written, unit: 'bytes on disk/frame' },
      [`feeds.${venue}.recorder.ratio`]: { value: bytes / disk, unit: '× smaller' },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function planOf(venue: MarketVenue, symbol: string, url: string): VenuePlan {
  const restUrl = url.replace(/^ws(.*?:\/\/[^/]+).*$/, 'http$1');
  const addresses = url === '' ? {} : venue === 'databento' || venue === 'ig' ? { url } : { url, restUrl };
  const settings = settingsSchema.parse({ feeds: { [venue]: { symbols: [symbol], ...addresses } } });
  return venuePlan(venue, settings, HOST_KEYS);
}

async function hostOf(venue: string, messagesPerSecond: number): Promise<{ url: string; end: () => void }> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'feed-host.ts'), [venue, String(messagesPerSecond)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { url: line.toString().trim(), end: () => child.kill('SIGKILL') };
}
