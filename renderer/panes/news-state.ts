import type { ModeWord, VenueLight } from '../../shared/contract/topics.ts';
import { LIVE, type PaneState } from './pane-state.ts';

/** How the feed of calendar and news is, without what changes with every second. Null = none is enabled. */
export type NewsFeed = Pick<VenueLight, 'state' | 'label' | 'words'> | null;

/**
 * State of the news pane. What was imported or told before stays to be read in all of them, only a replay has none.
 * @param ageUs time since the vendor was last heard
 */
export function newsState(mode: ModeWord | undefined, feed: NewsFeed, ageUs: () => number): PaneState {
  if (mode === 'REPLAY') {
    return {
      ...LIVE,
      kind: 'waiting',
      word: 'NOT REPLAYED',
      words: 'Calendar and news are no part of a recording.',
      covers: true,
    };
  }
  if (feed === null || feed.state === 'live') return LIVE;
  const { words, label } = feed;
  if (feed.state === 'waiting') return { ...LIVE, kind: 'waiting', word: 'CONNECTING', words };
  if (feed.state === 'stale') return { ...LIVE, kind: 'stale', word: 'STALE', words, tone: 'caution', ageUs };
  if (label === 'quota') return { ...LIVE, kind: 'stale', word: 'QUOTA USED', words, tone: 'caution', ageUs };
  return { ...LIVE, kind: 'error', word: label.toUpperCase(), words, tone: 'fault' };
}

/** Why there are no releases to show, and what brings them. */
export function noReleasesWords(feed: NewsFeed): string {
  if (feed === null) {
    return 'No calendar. Import one with "fathom calendar import FILE", or enable InsightSentry in the settings and enter its key.';
  }
  if (feed.state === 'waiting') return "Waits for InsightSentry's calendar.";
  if (feed.state === 'live') return 'No releases are known of today and tomorrow.';
  return 'No calendar. "fathom calendar import FILE" brings one without a vendor.';
}

/** Why there are no headlines to show, and what brings them. */
export function noHeadlinesWords(feed: NewsFeed): string {
  if (feed === null) return 'No headlines. Enable InsightSentry in the settings and enter its key.';
  if (feed.state === 'waiting') return "Waits for InsightSentry's headlines.";
  if (feed.state === 'live') return 'No headlines yet.';
  return 'No headlines.';
}
