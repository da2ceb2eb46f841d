import { SessionCalendar } from '../../../main/core/calendar/session-calendar.ts';
import { LiveClock } from '../../../main/core/clock/live-clock.ts';
import { Random } from '../../../main/core/clock/random.ts';
import type { FeedFrame, FeedState } from '../../../main/core/feed-port.ts';
import { LiveDatabentoFeed } from '../../../main/feeds/databento/live-feed.ts';
import type { LiveDatabentoFeedOptions } from '../../../main/feeds/databento/live-options.ts';

export const KEY = 'db-unittestapikey1234567890FFFFF';

/** A feed with short times, and all that it handed out. */
export class Listener {
  readonly frames: FeedFrame[] = [];
  readonly states: FeedState[] = [];
  readonly feed: LiveDatabentoFeed;

  constructor(url: string, options: Partial<LiveDatabentoFeedOptions> = {}) {
    const onFrame = options.outlet;
    this.feed = new LiveDatabentoFeed({
      clock: new LiveClock(),
      random: new Random(1),
      key: KEY,
      url,
      symbols: ['6E.v.0'],
      schemas: ['mbp-10', 'trades'],
      tickMs: 10,
      baseMs: 20,
      mostMs: 40,
      leastMs: 5,
      silenceMs: 2_000,
      calendar: new SessionCalendar('crypto'),
      ...options,
      outlet: {
        frame: (frame) => {
          this.frames.push(frame);
          onFrame?.frame(frame);
        },
        state: (state) => {
          this.states.push(state);
          onFrame?.state(state);
        },
      },
    });
  }

  get state(): FeedState | undefined {
    return this.states.at(-1);
  }

  /** Messages of one connection, or of all, as one stream. */
  stream(): Uint8Array {
    return Buffer.concat(this.frames.filter(({ kind }) => kind === 'message').map(({ bytes }) => bytes));
  }
}
