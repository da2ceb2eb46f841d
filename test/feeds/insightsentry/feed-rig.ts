import { LiveClock } from '../../../main/core/clock/live-clock.ts';
import { Random } from '../../../main/core/clock/random.ts';
import type { FeedState } from '../../../main/core/feed-port.ts';
import type { CalendarSpan } from '../../../main/core/store-port.ts';
import { InsightSentryFeed, type InsightSentryOptions } from '../../../main/feeds/insightsentry/insightsentry-feed.ts';
import type { EconomicEvent, NewsItem } from '../../../shared/economic-calendar.ts';
import type { WatchedQuote } from '../../../shared/watched-quote.ts';
import type { InsightSentryServer, VendorEvent } from '../../venues/insightsentry-server.ts';

/** A JWT in form, with an expiry of 2025-12-31, and never one that any vendor knows. */
export const KEY = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"email":"a@b.example","exp":1767139200}').toString('base64url')}.c2lnbmF0dXJl`;

/** A file in memory. */
export class MemoryFile {
  text: string | undefined;
  writes = 0;

  async read(): Promise<string | undefined> {
    return this.text;
  }

  async write(text: string): Promise<void> {
    this.text = text;
    this.writes++;
  }
}

/** A feed on a stand-in, with all that it said. */
export class FeedRig {
  readonly states: FeedState[] = [];
  readonly events: EconomicEvent[] = [];
  readonly spans: (CalendarSpan | undefined)[] = [];
  readonly news: NewsItem[] = [];
  /** Watched quotes, each as it was told last. */
  readonly quotes = new Map<string, WatchedQuote>();
  readonly feed: InsightSentryFeed;
  readonly file: MemoryFile;

  constructor(server: InsightSentryServer, options: Partial<InsightSentryOptions> & { file?: MemoryFile } = {}) {
    this.file = options.file ?? new MemoryFile();
    this.feed = new InsightSentryFeed({
      gateway: 'direct',
      url: server.url,
      streamUrl: server.streamUrl,
      key: KEY,
      requestsAMinute: 6_000,
      connectionsAtOnce: 12,
      connectionsADay: 8,
      calendarEveryMinutes: 30,
      newsEverySeconds: 30,
      quotes: [],
      clock: new LiveClock(),
      random: new Random(7),
      outlet: {
        events: (rows, told) => {
          this.events.push(...rows);
          this.spans.push(told);
        },
        news: (rows) => this.news.push(...rows),
        quotes: (rows) => {
          for (const row of rows) this.quotes.set(row.id, row);
        },
        state: (state) => this.states.push(state),
      },
      ...options,
      file: this.file,
      timing: {
        pingMs: 40,
        silenceMs: 5_000,
        baseMs: 10,
        mostMs: 20,
        requestBaseMs: 10,
        throttledMs: 50,
        connectionGapMs: 0,
        ...options.timing,
      },
    });
    this.feed.start();
  }

  get state(): FeedState {
    return this.states.at(-1)!;
  }

  /** All that the feed showed or kept, for a search. */
  get everything(): string {
    return JSON.stringify([this.states, this.events, this.news, [...this.quotes.values()], this.file.text]);
  }
}

/** An event at a time from now. */
export function vendorEvent(minutes: number, title: string, more: Partial<VendorEvent> = {}): VendorEvent {
  return {
    title,
    country: 'US',
    currency: 'USD',
    importance: 'low',
    date: new Date(Math.floor(Date.now() / 60_000) * 60_000 + minutes * 60_000).toISOString(),
    ...more,
  };
}
