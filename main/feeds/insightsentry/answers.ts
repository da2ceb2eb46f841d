import { z } from 'zod';
import type { NewsItem } from '../../../shared/economic-calendar.ts';
import { SECOND_US } from '../../../shared/units.ts';

export const SOURCE = 'insightsentry';

const value = z.union([z.number(), z.string()]).nullish();

/** Answer to `/v3/calendar/events`; its items are read one by one (calendar-week.ts). */
export const calendarAnswer = z.object({ total_count: z.number().optional(), data: z.array(z.unknown()) });
export type CalendarAnswer = z.infer<typeof calendarAnswer>;

/** An event of that answer, of which only what is used is kept. */
export const calendarItem = z.object({
  title: value,
  country: value,
  currency: value,
  importance: value,
  date: value,
  forecast: value,
  previous: value,
  actual: value,
});

/** Answer to `/v2/websocket-key`, for RapidAPI's customers only. */
export const webSocketKeyAnswer = z.object({ api_key: z.string().min(1), expiration: z.number().optional() });

/** What the vendor says when it refuses. */
export const refusalAnswer = z.object({ error: z.string().optional(), message: z.string().optional() });

const newsItem = z.object({
  title: z.string().trim().min(1),
  link: z.string().min(1).nullish(),
  published_at: z.number().positive(),
  source: z.string().min(1).nullish(),
  related_symbols: z.array(z.string()).nullish(),
  /** Not documented; taken where it is a score of −1 to +1. */
  sentiment: z.number().min(-1).max(1).nullish().catch(null),
});

/** Answer to `/v3/newsfeed`: items that are headlines, of which only what is used is kept. */
export const newsAnswer = z.object({
  data: z.array(z.unknown()).transform((items) => items.flatMap((item) => newsItem.safeParse(item).data ?? [])),
});

/** A headline as a request or the stream gives it; undefined for what is none (time frames, statuses). */
export function readNewsItem(item: unknown): NewsItem | undefined {
  const read = newsItem.safeParse(item);
  if (!read.success) return undefined;
  const { title, link = null, published_at, source = null, related_symbols, sentiment } = read.data;
  // Documented as seconds; milliseconds would lie thousands of years ahead.
  const atUs = Math.round(published_at * (published_at > 100_000_000_000 ? 1000 : SECOND_US));
  return {
    id: link ?? `${atUs} ${source ?? ''} ${title}`,
    atUs,
    title,
    link,
    source,
    symbols: related_symbols ?? [],
    sentiment: typeof sentiment === 'number' ? { value: sentiment, label: 'vendor' } : null,
  };
}
