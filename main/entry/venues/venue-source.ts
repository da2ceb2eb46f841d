import { join } from 'node:path';
import type { Settings } from '../../../shared/settings.ts';
import type { VenueState } from '../../codec/frames/venue-state.ts';
import type { LiveClock } from '../../core/clock/live-clock.ts';
import { Random } from '../../core/clock/random.ts';
import { type Cancel, everyMs } from '../../core/clock/wall-timer.ts';
import type { Engine } from '../../core/engine.ts';
import { InboundQueue } from '../../core/inbound-queue.ts';
import type { LatencyHistogram } from '../../core/latency-histogram.ts';
import type { TopicBoard } from '../../core/publisher/topic-board.ts';
import type { FeedKeys } from '../setup/feed-keys.ts';
import type { TerminalSource } from '../source-port.ts';
import type { PastOutlet } from './past-outlet.ts';
import { type VenueBatch, VenueLine } from './venue-line.ts';
import { enabledVenues, type VenuePlan } from './venues.ts';
import { watchWall } from './wall-watch.ts';

export interface VenueSourceParts {
  readonly engine: Engine;
  readonly clock: LiveClock;
  readonly settings: Settings;
  readonly keys: FeedKeys;
  readonly processing: LatencyHistogram;
  readonly board: TopicBoard;
  /** The program's data folder. */
  readonly folder: string;
  /** Where what a venue had missed goes once it was fetched. */
  readonly past: PastOutlet;
}

/** Bytes that may wait between the sockets and the engine: some seconds of a very busy market. */
const MAX_QUEUE_BYTES = 256 * 1024 * 1024;
const ADVANCE_MS = 10;

/** The enabled venues as the source of a terminal, each on its own line, all through one queue in the order of arrival. */
export function venueSource(parts: VenueSourceParts): TerminalSource {
  const { engine, clock, settings, keys, processing, board, past } = parts;
  const folder = join(parts.folder, 'captures');
  const fault = (words: string) => board.announce('fault', words, engine.nowUs);
  const queue = new InboundQueue<VenueBatch>({
    maxBytes: MAX_QUEUE_BYTES,
    take: (batch) => batch.line.take(batch),
    onOverflow: (batches, bytes) => {
      fault(`The engine could not keep up: ${batches} messages (${bytes} bytes) were lost; books are rebuilt.`);
      for (const line of lines) line.lost('messages were lost before the engine');
    },
  });
  const plans = enabledVenues(settings, keys);
  const random = new Random(clock.nowUs());
  const lines = plans.map(
    (plan) =>
      new VenueLine({
        name: plan.name,
        engine,
        clock,
        queue,
        processing,
        makeFeed: (outlet) => plan.makeFeed({ clock, random, outlet, past }),
        makeMapper: (resync) => plan.makeMapper(engine, resync),
        ...(settings.capture.record
          ? { makeCapture: (venueState: () => VenueState) => plan.makeCapture(folder, venueState) }
          : {}),
        onState: () => undefined,
        onFault: fault,
      }),
  );
  let cancel: Cancel | undefined;
  let unwatch: Cancel | undefined;
  return {
    name: sourceName(plans),
    simulated: false,
    start: async () => {
      if (lines.length === 0)
        fault('No venue is enabled. Enable one in the settings, or go back to the simulated market.');
      for (const line of lines) line.feed.start();
      const jumped = (words: string) => {
        fault(words);
        for (const line of lines) line.lost('the clock jumped');
      };
      unwatch = watchWall(clock, jumped, (words) => board.announce('caution', words, engine.nowUs));
      // Only while nothing waits: no frame may find its time gone by.
      cancel = everyMs(ADVANCE_MS, () => {
        if (queue.oldestUs === undefined) engine.advanceTo(clock.nowUs());
      });
    },
    stop: async () => {
      cancel?.();
      unwatch?.();
      await Promise.all(lines.map((line) => line.feed.stop()));
      queue.drain();
      await Promise.all(lines.map((line) => line.capture?.close()));
    },
    snapshot: () => undefined,
    oldestInputUs: () => queue.oldestUs,
    commandTimeUs: () => clock.nowUs(),
    standing: () => undefined,
    untradable: () =>
      lines.some((line) => line.catchingUp)
        ? 'What was missed is still being replayed; wait until it has caught up.'
        : undefined,
    feeds: () => lines.map((line, index) => ({ venue: plans[index]!.venue, ...line.state })),
    capture: () => worstOf(lines),
    replay: () => undefined,
    control: async () => {
      throw new Error('nothing is being replayed');
    },
  };
}

function sourceName(plans: readonly VenuePlan[]): string {
  return plans.length === 0 ? 'no venue enabled' : plans.map((plan) => plan.name).join(' + ');
}

/** State of all captures together: the one that is in trouble, where one is. */
function worstOf(lines: readonly VenueLine[]): { readonly ok: boolean; readonly words: string } {
  const states = lines.flatMap(({ capture }) => (capture === undefined ? [] : [capture.state]));
  return states.find((state) => !state.ok) ?? states[0] ?? { ok: true, words: 'not recording' };
}
