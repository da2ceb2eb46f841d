import { join } from 'node:path';
import type { Settings } from '../../shared/settings.ts';
import type { Clock } from '../core/clock/clock.ts';
import { type Cancel, everyMs } from '../core/clock/wall-timer.ts';
import type { Engine } from '../core/engine.ts';
import { InboundQueue } from '../core/inbound-queue.ts';
import type { LatencyHistogram } from '../core/latency-histogram.ts';
import type { TopicBoard } from '../core/publisher/topic-board.ts';
import { RecordPlayer } from '../feeds/databento/record-player.ts';
import { SimulatedFeed, type SimulatedFeedSnapshot } from '../feeds/simulated/simulated-feed.ts';
import { DbnFormat } from '../storage/capture/capture-chunks.ts';
import { pruneCaptures } from '../storage/capture/capture-retention.ts';
import { CaptureWriter } from '../storage/capture/capture-writer.ts';
import type { TerminalSource } from './source-port.ts';

export interface SimulatedSourceParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly settings: Settings;
  /** Time from receipt of a batch until its features are computed, µs. */
  readonly processing: LatencyHistogram;
  readonly board: TopicBoard;
  readonly resume: unknown;
  /** The program's data folder. */
  readonly folder: string;
}

/** Name of this source in captures. */
const SOURCE = 'simulated';
/** Bytes that may wait between the source and the engine: some seconds of a very busy market. */
const MAX_QUEUE_BYTES = 256 * 1024 * 1024;
/** Market time played before the screen opens, so that volatility, charts and heatmap have something to say. */
const WARM_UP_US = 15 * 60 * 1_000_000;
/** Engine time follows the clock at this distance on a quiet market: whatever arrived before is in by then. */
const BEHIND_US = 20_000;
const ADVANCE_MS = 10;

/** The simulated market as the source of a terminal. */
export function simulatedSource(parts: SimulatedSourceParts): TerminalSource {
  const { engine, clock, settings, processing, board } = parts;
  const player = new RecordPlayer(engine);
  const folder = join(parts.folder, 'captures');
  const capture = settings.capture.record
    ? new CaptureWriter({ folder, source: SOURCE, format: new DbnFormat() })
    : undefined;
  let begins = true;
  const queue = new InboundQueue({
    maxBytes: MAX_QUEUE_BYTES,
    take: ({ bytes, localUs }) => {
      // A capture needs the start of the stream, whatever else it leaves out.
      if (begins || !feed.catchingUp) capture?.write(bytes, engine.inputSequence, localUs);
      begins = false;
      player.play(bytes, undefined);
      engine.advanceTo(localUs);
      if (!feed.catchingUp) processing.add(clock.nowUs() - localUs);
    },
    onOverflow: (batches, bytes) => {
      player.mapper.lost();
      board.announce(
        'fault',
        `The engine could not keep up: ${batches} batches (${bytes} bytes) were lost; books resync.`,
        engine.nowUs,
      );
    },
  });
  const feed = new SimulatedFeed({
    seed: settings.source.seed,
    lagUs: settings.source.lagMs * 1000,
    eventsPerSecond: settings.source.eventsPerSecond,
    alwaysOpen: true,
    clock,
    warmUpUs: WARM_UP_US,
    resume: parts.resume as SimulatedFeedSnapshot | undefined,
    push: (bytes, localUs) => queue.push({ bytes, localUs }),
  });
  let cancel: Cancel | undefined;
  return {
    name: 'simulated market',
    simulated: true,
    start: () =>
      new Promise((caughtUp) => {
        pruneCaptures(folder, SOURCE, settings.capture.keepSimulatedHours).catch((error: Error) =>
          board.announce('caution', `Old captures could not be removed: ${error.message}`, engine.nowUs),
        );
        feed.start();
        cancel = everyMs(ADVANCE_MS, () => {
          if (feed.catchingUp) return;
          // Never past what the market has told and the engine has played: no record may find its time gone by.
          if (queue.oldestUs === undefined) engine.advanceTo(Math.min(clock.nowUs() - BEHIND_US, feed.reachedUs));
          caughtUp();
        });
      }),
    stop: async () => {
      cancel?.();
      feed.stop();
      queue.drain();
      await capture?.close();
    },
    snapshot: () => feed.snapshot(),
    oldestInputUs: () => queue.oldestUs,
    commandTimeUs: () => (feed.catchingUp ? engine.nowUs : clock.nowUs()),
    standing: () => (feed.catchingUp ? 'playing the minutes before the start' : undefined),
    untradable: () => (feed.catchingUp ? 'The market is still catching up; wait for live quotes.' : undefined),
    capture: () => capture?.state ?? { ok: true, words: 'not recording' },
    feeds: () => [],
    replay: () => undefined,
    control: async () => {
      throw new Error('nothing is being replayed');
    },
  };
}
