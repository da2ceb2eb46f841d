import type { TableTopics } from '../../../shared/contract/topics.ts';
import { type EconomicEvent, IMPACTS, type NewsItem } from '../../../shared/economic-calendar.ts';
import { DAY_US } from '../../../shared/units.ts';
import { MOST_QUOTES, type WatchedQuote } from '../../../shared/watched-quote.ts';
import type { TopicBoard } from '../../core/publisher/topic-board.ts';

const EVENTS_SHOWN = 500;
const NEWS_SHOWN = 100;

/** Calendar, news and watched quotes as topics: the events that are of today or tomorrow in any time zone, the latest headlines. */
export class InformationScreen {
  readonly #board: TopicBoard;
  #news: readonly NewsItem[] = [];

  constructor(board: TopicBoard) {
    this.#board = board;
    board.defineTable('calendar', EVENTS_SHOWN);
    board.defineTable('news', NEWS_SHOWN);
    board.defineTable('quotes', MOST_QUOTES);
  }

  /** The part of the calendar that is shown at a time. */
  static spanAt(nowUs: number): { readonly fromUs: number; readonly toUs: number } {
    return { fromUs: nowUs - DAY_US, toUs: nowUs + 2 * DAY_US };
  }

  /** Shows these events and no others; where they are too many, those of most impact. */
  events(rows: readonly EconomicEvent[]): void {
    const weight = ({ impact }: EconomicEvent) => IMPACTS.indexOf(impact);
    this.#show('calendar', [...rows].sort((a, b) => weight(b) - weight(a)).slice(0, EVENTS_SHOWN));
  }

  /** Adds headlines; the latest are shown. */
  news(rows: readonly NewsItem[]): void {
    const known = new Map([...this.#news, ...rows].map((row) => [row.id, row] as const));
    this.#news = [...known.values()].sort((a, b) => b.atUs - a.atUs).slice(0, NEWS_SHOWN);
    this.#show('news', this.#news);
  }

  /** Puts what is told of watched quotes in the place of what was known of them. */
  quotes(rows: readonly WatchedQuote[]): void {
    for (const row of rows) this.#board.upsert('quotes', row);
  }

  #show<T extends 'calendar' | 'news'>(topic: T, rows: readonly TableTopics[T][]): void {
    const kept = new Set(rows.map(({ id }) => id));
    for (const { id } of this.#board.rows(topic)) if (!kept.has(id)) this.#board.remove(topic, id);
    for (const row of rows) this.#board.upsert(topic, row);
  }
}
