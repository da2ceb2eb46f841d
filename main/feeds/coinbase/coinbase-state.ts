import type { FeedState } from '../../core/feed-port.ts';
import { clockWords } from '../socket/clock-words.ts';

/** What the words of the feed are made from. */
export interface CoinbaseFacts {
  readonly nowUs: number;
  readonly stopped: boolean;
  /** HTTP status that the connection was refused with for good; 0 = it was not. */
  readonly refusedStatus: number;
  /** Time before which the venue wants no connection. */
  readonly blockedUntilUs: number;
  readonly open: boolean;
  /** Why there is no connection, with the wait until the next attempt. */
  readonly down: string;
  /** What the venue answered to a subscription instead of data; empty = nothing. */
  readonly complaint: string;
  /** Products whose book is waited for. */
  readonly missing: ReadonlySet<string>;
  /** Why books are built anew; empty at the first connection. */
  readonly rebuilt: string;
  /** Time of the last message with depth or trades, and of the connection's start. */
  readonly dataUs: number;
  readonly openedUs: number;
  readonly staleMs: number;
}

/** State of the feed: what keeps the trader from data comes first. */
export function coinbaseState(facts: CoinbaseFacts): FeedState {
  const { nowUs, open, missing, rebuilt, dataUs, openedUs, staleMs } = facts;
  if (facts.stopped) return { condition: 'stopped', words: 'stopped' };
  if (facts.refusedStatus > 0) {
    const words = `not offered here (HTTP ${facts.refusedStatus}): Coinbase does not serve this place; choose another venue`;
    return { condition: 'refused', words };
  }
  if (facts.blockedUntilUs > nowUs) {
    const words = `Coinbase asks to wait; the next connection is tried at ${clockWords(facts.blockedUntilUs)}`;
    return { condition: 'quota', words };
  }
  if (facts.complaint !== '' && missing.size > 0) {
    const words = `Coinbase refuses the subscription: ${facts.complaint}; check the symbols in the settings`;
    return { condition: 'refused', words };
  }
  if (!open) return { condition: 'connecting', words: facts.down };
  if (missing.size > 0) {
    const [first] = missing;
    const which = missing.size > 1 ? `${first} and ${missing.size - 1} more` : first;
    return rebuilt === ''
      ? { condition: 'connecting', words: `connected; waits for the book of ${which}` }
      : { condition: 'gap', words: `the book of ${which} is built anew: ${rebuilt}` };
  }
  if (nowUs - Math.max(dataUs, openedUs) > staleMs * 1000) {
    const since = clockWords(Math.max(dataUs, openedUs));
    return { condition: 'stale', words: `heartbeats come, but no market data since ${since}` };
  }
  return { condition: 'live', words: 'depth and trades (gathered by the venue for 250 ms) are flowing' };
}
