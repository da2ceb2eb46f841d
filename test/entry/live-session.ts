import { expect } from 'vitest';
import { LiveClock } from '../../main/core/clock/live-clock.ts';
import { Random } from '../../main/core/clock/random.ts';
import { everyMs } from '../../main/core/clock/wall-timer.ts';
import { InboundQueue } from '../../main/core/inbound-queue.ts';
import { OfflineTerminal } from '../../main/entry/offline/offline-terminal.ts';
import { type VenueBatch, VenueLine } from '../../main/entry/venues/venue-line.ts';
import type { VenuePlan } from '../../main/entry/venues/venues.ts';
import { DEFAULT_SETTINGS } from '../../shared/settings.ts';

/** The whole engine on venues, as a terminal runs it, with all that it puts out hashed. */
export interface LiveSession {
  readonly terminal: OfflineTerminal;
  readonly lines: readonly VenueLine[];
  readonly faults: readonly string[];
  /** Every state that a feed has told, as `venue: condition`. */
  readonly states: readonly string[];
  /** Ends feeds and captures and gives the hash of the output. */
  end(): Promise<string>;
}

export function liveSession(plans: readonly VenuePlan[], captures: string): LiveSession {
  const terminal = new OfflineTerminal(DEFAULT_SETTINGS);
  const { engine } = terminal;
  const clock = new LiveClock();
  const faults: string[] = [];
  const states: string[] = [];
  const queue = new InboundQueue<VenueBatch>({
    maxBytes: 256 * 1024 * 1024,
    take: (batch) => batch.line.take(batch),
    onOverflow: () => expect.unreachable('the queue overflowed'),
  });
  const random = new Random(1);
  const lines = plans.map(
    (plan) =>
      new VenueLine({
        name: plan.name,
        engine,
        clock,
        queue,
        makeFeed: (outlet) => plan.makeFeed({ clock, random, outlet }),
        makeMapper: (resync) => plan.makeMapper(engine, resync),
        makeCapture: (mapperState) => plan.makeCapture(captures, mapperState),
        onState: ({ name, state }) => states.push(`${name}: ${state.condition}`),
        onFault: (words) => faults.push(words),
      }),
  );
  for (const line of lines) line.feed.start();
  const cancel = everyMs(10, () => {
    if (queue.oldestUs === undefined) engine.advanceTo(clock.nowUs());
  });
  return {
    terminal,
    lines,
    faults,
    states,
    end: async () => {
      await Promise.all(lines.map((line) => line.feed.stop()));
      queue.drain();
      cancel();
      await Promise.all(lines.map((line) => line.capture!.close()));
      terminal.finish();
      return terminal.hash.hex();
    },
  };
}
