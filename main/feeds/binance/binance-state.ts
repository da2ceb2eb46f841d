import type { FeedState } from '../../core/feed-port.ts';
import { clockWords } from '../socket/clock-words.ts';
import type { RestTrouble } from '../socket/rest-queue.ts';

/** What the words of the feed are made from. */
export interface BinanceFacts {
  readonly nowUs: number;
  readonly stopped: boolean;
  readonly trouble: RestTrouble | undefined;
  /** A connection is up. */
  readonly open: boolean;
  /** Why there is none, with the wait until the next attempt. */
  readonly down: string;
  /** Symbols whose snapshot is waited for, with the reason; empty before the first book. */
  readonly missing: ReadonlyMap<string, string>;
  /** Time of the last message of data since the connection came up; 0 = none yet. */
  readonly dataUs: number;
  readonly openedUs: number;
  readonly staleMs: number;
}

/** State of the feed: what keeps the trader from data comes first. */
export function binanceState(facts: BinanceFacts): FeedState {
  const { stopped, trouble, open, down, missing, dataUs, openedUs, nowUs, staleMs } = facts;
  if (stopped) return { condition: 'stopped', words: 'stopped' };
  if (trouble?.kind === 'not-offered') {
    const words = `not offered here (HTTP ${trouble.status}): Binance does not serve this place; choose another venue`;
    return { condition: 'refused', words };
  }
  if (trouble?.kind === 'refused') {
    const words = `Binance refuses ${trouble.job.name} (HTTP ${trouble.status}); check the symbols in the settings`;
    return { condition: 'refused', words };
  }
  if (trouble?.kind === 'quota' && trouble.untilUs > nowUs) {
    const what = trouble.status === 418 ? 'has banned this address for asking too much' : 'asks to slow down';
    return {
      condition: 'quota',
      words: `Binance ${what}; snapshots are asked for again at ${clockWords(trouble.untilUs)}`,
    };
  }
  if (!open) return { condition: 'connecting', words: down };
  const failing = trouble?.kind === 'failing' ? `; ${trouble.words}, asking again` : '';
  const reasons = [...missing];
  const rebuilt = reasons.filter(([, why]) => why !== '');
  if (rebuilt.length > 0) {
    const [symbol, why] = rebuilt[0]!;
    const others = rebuilt.length > 1 ? ` and ${rebuilt.length - 1} more` : '';
    return { condition: 'gap', words: `the book of ${symbol}${others} is built anew: ${why}${failing}` };
  }
  if (reasons.length > 0) {
    return { condition: 'connecting', words: `connected; waits for the book of ${reasons[0]![0]}${failing}` };
  }
  if (dataUs === 0) {
    return nowUs - openedUs > staleMs * 1000
      ? {
          condition: 'stale',
          words: 'connected, but no market data has come; nothing may be traded, or the venue is in trouble',
        }
      : { condition: 'connecting', words: 'connected, no market data yet' };
  }
  if (nowUs - dataUs > staleMs * 1000) {
    return { condition: 'stale', words: `the connection is up, but no market data came since ${clockWords(dataUs)}` };
  }
  return { condition: 'live', words: 'depth (conflated by the venue to 100 ms) and trades are flowing' };
}
