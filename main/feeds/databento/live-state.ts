import type { TradingSession } from '../../../shared/sessions.ts';
import { DAY_US, MINUTE_US } from '../../../shared/units.ts';
import type { FeedState } from '../../core/feed-port.ts';
import type { LiveHole } from './live-holes.ts';

/** What the words of a running feed are made from. */
export interface LiveFacts {
  readonly nowUs: number;
  /** Where the market stands in its trading day; undefined where no calendar is known. */
  readonly session: TradingSession | undefined;
  /** Start of the session with the gateway, or undefined while there is none. */
  readonly connectedUs: number | undefined;
  /** Why there is none. */
  readonly trouble: string;
  /** Local time of the last market record, 0 before the first. */
  readonly dataUs: number;
  /** Whether this session has brought market records, or caught up with nothing to bring. */
  readonly flowing: boolean;
  /** Schemas whose replay has not caught up. */
  readonly replaying: readonly string[];
  /** Last warning that the stream is read too slowly, 0 = none. */
  readonly slowUs: number;
  readonly holes: readonly LiveHole[];
  /** What is being done about them. */
  readonly filling: FeedState | undefined;
  /** Texts of symbols that could not be resolved. */
  readonly unresolved: readonly string[];
  readonly staleMs: number;
}

/** After a venue has halted trading, data that are so fresh may still be the last ones before. */
const HALT_SETTLES_US = 5_000_000;
/** How long a warning of slow reading is shown. */
const SLOW_SHOWN_US = 30_000_000;

/** What a feed that was neither stopped nor refused has to say. */
export function liveState(facts: LiveFacts): FeedState {
  const { nowUs, connectedUs, session, replaying, holes } = facts;
  // With the market closed by its calendar, fresh data say otherwise: the calendar may miss an extraordinary session.
  const freshUs = session?.phase === 'halted' ? HALT_SETTLES_US : facts.staleMs * 1000;
  const closed = nowUs - facts.dataUs > freshUs ? closedWords(session) : undefined;
  if (connectedUs === undefined) {
    return { condition: 'connecting', words: closed === undefined ? facts.trouble : `${closed}; ${facts.trouble}` };
  }
  if (closed !== undefined) return { condition: 'closed', words: closed };
  const note = facts.unresolved.length === 0 ? '' : `; not resolved: ${facts.unresolved.join('; ')}`;
  if (replaying.length > 0) {
    return { condition: 'backfilling', words: `replaying what was missed: ${replaying.join(', ')}${note}` };
  }
  const silentUs = nowUs - Math.max(facts.dataUs, connectedUs);
  if (silentUs > facts.staleMs * 1000) {
    const since = clockWords(Math.max(facts.dataUs, connectedUs));
    return { condition: 'stale', words: `the gateway is there, but no market data came since ${since}${note}` };
  }
  if (!facts.flowing) return { condition: 'connecting', words: `connected, no market data yet${note}` };
  if (facts.slowUs > 0 && nowUs - facts.slowUs < SLOW_SHOWN_US) {
    return { condition: 'stale', words: 'data come late: the gateway warns that they are read too slowly' };
  }
  const hole = holes.at(-1);
  if (hole !== undefined && facts.filling !== undefined) {
    return { ...facts.filling, words: `live, but ${facts.filling.words}${note}` };
  }
  if (hole !== undefined) {
    const span = `${clockWords(hole.fromUs)} to ${clockWords(hole.toUs)}`;
    return {
      condition: 'gap',
      words: `live, but ${span} is missing (${hole.why}); history can fill it${note}`,
    };
  }
  return { condition: 'live', words: `live${note}` };
}

/** `market closed until Mon 23:00 UTC (daily break)`, or undefined while trading is on or nothing is known. */
function closedWords(session: TradingSession | undefined): string | undefined {
  if (session === undefined || session.phase === 'open' || session.phase === 'unknown') return undefined;
  if (session.phase === 'halted') return `trading is ${session.words}`;
  const [phase, until] = session.words.split(' until ', 2);
  if (until === undefined) return `market closed: ${session.words}`;
  return session.phase === 'closed' ? `market closed until ${until}` : `market closed until ${until} (${phase})`;
}

/** `14:05 UTC`. */
function clockWords(us: number): string {
  const minutes = Math.floor((us % DAY_US) / MINUTE_US);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')} UTC`;
}
