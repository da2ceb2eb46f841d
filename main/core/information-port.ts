import type { EconomicEvent, NewsItem } from '../../shared/economic-calendar.ts';
import type { WatchedQuote } from '../../shared/watched-quote.ts';
import type { FeedState } from './feed-port.ts';
import type { CalendarSpan } from './store-port.ts';

/** Where a feed of information puts what it has. Calls return at once. */
export interface InformationOutlet {
  /** @param told the source has told all of this span: others of its events there have moved */
  events(rows: readonly EconomicEvent[], told?: CalendarSpan): void;
  /** Headlines that were not told before, oldest first. */
  news(rows: readonly NewsItem[]): void;
  /** Watched quotes of which something was told. They are for the eye: no price of the engine comes of them. */
  quotes(rows: readonly WatchedQuote[]): void;
  /** Called on every change. */
  state(state: FeedState): void;
}

/** A vendor of calendar and news. It is no market feed: the engine does not see it, and no price comes of it. */
export interface InformationFeed {
  /** Name in settings and on screen: `insightsentry`. */
  readonly name: string;
  /** Begins to ask. Failures are states, never exceptions. */
  start(): void;
  /** Ends in order; nothing comes after it has resolved. */
  stop(): Promise<void>;
  /** When the vendor last answered or said anything, µs; 0 = never. */
  readonly heardUs: number;
}
