import type { SessionCalendar } from '../../core/calendar/session-calendar.ts';
import type { Clock } from '../../core/clock/clock.ts';
import type { Random } from '../../core/clock/random.ts';
import type { FeedOutlet } from '../../core/feed-port.ts';
import type { LiveHole } from './live-holes.ts';
import type { PositionRow } from './replay-positions.ts';

/** Where an earlier run left off. */
export interface ResumedStream {
  readonly positions: readonly PositionRow[];
  /** Holes that it left open. */
  readonly holes: readonly LiveHole[];
}

export interface LiveDatabentoFeedOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly outlet: FeedOutlet;
  /** API key; undefined or empty is a state, not an error. */
  readonly key: string | undefined;
  /** Default `GLBX.MDP3`. */
  readonly dataset?: string;
  /** Continuous (`6E.v.0`), parent (`6E.FUT`) or raw (`6EZ6`) symbols, mixed. Default the three currency futures. */
  readonly symbols?: readonly string[];
  /** Default mbp-10, trades, definition, status. */
  readonly schemas?: readonly string[];
  /** `tcp://host:port` instead of Databento's own address. */
  readonly url?: string;
  /** Left out, the gateway decides by schema: it skips for mbp-10 and says so, and the feed then asks for a replay. */
  readonly slowReader?: 'warn' | 'skip';
  readonly connectMs?: number;
  readonly loginMs?: number;
  readonly heartbeatS?: number;
  readonly silenceMs?: number;
  /** With the market open, data older than this are stale although the gateway lives. Default 30 s. */
  readonly staleMs?: number;
  /** How often time is looked at. Default 1 s. */
  readonly tickMs?: number;
  /** Bounds of the waits between attempts. Defaults 1 s doubling to 60 s, never under 200 ms: five connections a second. */
  readonly baseMs?: number;
  readonly mostMs?: number;
  readonly leastMs?: number;
  /** Wait after the gateway said that too many sessions are open. Default 30 s. */
  readonly limitMs?: number;
  /** After skipped records the feed reconnects for a replay, but not more often than this. Default 60 s. */
  readonly skipRepairMs?: number;
  /** Trading hours. Default CME's for GLBX.MDP3, none for other datasets. */
  readonly calendar?: SessionCalendar;
  /** When symbols are to be resolved again, after a time; default half an hour before each opening of the calendar. */
  readonly rollCheck?: (us: number) => number | undefined;
  /** What an earlier run of the same symbols had come to: this one goes on from there with a replay. */
  readonly resume?: ResumedStream;
  /** Something is missing that no replay brings: an offer to fetch it from history. `fill` it with `settle`. */
  readonly onHole?: (hole: LiveHole) => void;
}
