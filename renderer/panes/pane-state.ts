import type { DataState, MarketRow, ModeWord } from '../../shared/contract/topics.ts';
import type { ConnectionState } from '../stores/connection-store.ts';

/** How a pane has to be shown: its word, whether its content may look live, and since when the state holds. */
export interface PaneState {
  readonly kind: DataState | 'away';
  /** Short word in capitals; empty while live. */
  readonly word: string;
  readonly words: string;
  /** Engine time since which the state holds, or null. */
  readonly sinceUs: number | null;
  /** Page time (performance.now) since which the state holds, or null. */
  readonly sinceMs: number | null;
  /** Age in µs that neither of these gives, read whenever it is shown. */
  readonly ageUs?: () => number;
  readonly tone: 'quiet' | 'caution' | 'fault';
  /** Whether content is hidden behind the words, as there is none worth showing. */
  readonly covers: boolean;
}

export const LIVE: PaneState = {
  kind: 'live',
  word: '',
  words: '',
  sinceUs: null,
  sinceMs: null,
  tone: 'quiet',
  covers: false,
};

/** State of a pane that rests on one market's data, or on the engine alone when `market` is null. */
export function paneState(
  connection: Pick<ConnectionState, 'phase' | 'sinceMs' | 'words'>,
  market: MarketRow | null | undefined,
  waitsFor: string,
): PaneState {
  if (connection.phase === 'away') {
    return {
      kind: 'away',
      word: 'ENGINE AWAY',
      words: 'connecting again',
      sinceUs: null,
      sinceMs: connection.sinceMs,
      tone: 'fault',
      covers: false,
    };
  }
  if (connection.phase === 'refused') {
    return { ...LIVE, kind: 'error', word: 'NOT LET IN', words: connection.words, tone: 'fault', covers: true };
  }
  if (connection.phase === 'connecting' || market === undefined) {
    return { ...LIVE, kind: 'waiting', word: 'NO DATA YET', words: `Waits for ${waitsFor}.`, covers: true };
  }
  if (market === null) return LIVE;
  return marketState(market, waitsFor);
}

function marketState(market: MarketRow, waitsFor: string): PaneState {
  const since = { words: market.words, sinceUs: market.sinceUs, sinceMs: null };
  switch (market.state) {
    case 'live':
      return LIVE;
    case 'waiting':
      return {
        ...since,
        kind: 'waiting',
        word: 'NO DATA YET',
        words: market.words || `Waits for ${waitsFor}.`,
        sinceUs: null,
        tone: 'quiet',
        covers: true,
      };
    case 'warming':
      return { ...since, kind: 'warming', word: 'WARMING UP', sinceUs: null, tone: 'quiet', covers: false };
    case 'stale':
      return { ...since, kind: 'stale', word: 'STALE', tone: 'caution', covers: false };
    case 'gap':
      return { ...since, kind: 'gap', word: 'GAP', tone: 'fault', covers: false };
    case 'closed':
      return {
        ...since,
        kind: 'closed',
        word: 'CLOSED',
        sinceUs: null,
        words: market.words || market.session.words,
        tone: 'quiet',
        covers: false,
      };
    case 'error':
      return { ...since, kind: 'error', word: 'ERROR', sinceUs: null, tone: 'fault', covers: false };
  }
}

/** The word with which a mode marks every pane; live and paper data need none. */
export function modeMark(mode: ModeWord | undefined): string {
  return mode === 'SIMULATED' ? 'SIM' : mode === 'REPLAY' ? 'REPLAY' : '';
}
