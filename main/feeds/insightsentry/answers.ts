import { z } from 'zod';
import type { EconomicEvent, NewsItem } from '../../../shared/economic-calendar.ts';
import { SECOND_US } from '../../../shared/units.ts';
import type { CalendarSpan } from '../../core/store-port.ts';
import { EventReader } from '../calendar/event-reader.ts';
import { textsOf } from '../calendar/json-calendar.ts';
import { TimeZone } from '../calendar/zoned-time.ts';

export const SOURCE = 'insightsentry';

const value = z.union([z.number(), z.string()]).nullish();

/** Answer to `/v3/calendar/events`, of which only what is used is kept. */
export const calendarAnswer = z.object({
  total_count: z.number().optional(),
  data: z.array(
    z.object({
      title: value,
      country: value,
      currency: value,
      importance: value,
      date: value,
      forecast: value,
      previous: value,
      actual: value,
    }),
  ),
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

export interface ReadCalendar {
  readonly events: readonly EconomicEvent[];
  /** From the first to the last event, where the answer says that nothing is missing. */
  readonly told: CalendarSpan | undefined;
  /** Items that could not be read. */
  readonly refused: number;
}

/**
 * @param toldUs when the answer came
 * @param before events of the answer before: those that are as they were keep their time of revision
 */
export function readCalendar(
  { data, total_count }: z.infer<typeof calendarAnswer>,
  toldUs: number,
  before: readonly EconomicEvent[] = [],
): ReadCalendar {
  const known = new Map(before.map((event) => [event.id, event] as const));
  const reader = new EventReader({ zone: new TimeZone('UTC'), source: SOURCE, toldUs });
  const events = new Map<string, EconomicEvent>();
  let refused = 0;
  let fromUs = Number.POSITIVE_INFINITY;
  let lastUs = Number.NEGATIVE_INFINITY;
  for (const item of data) {
    const event = reader.read({ line: 0, fields: textsOf(item) });
    if (typeof event === 'string') {
      refused++;
      continue;
    }
    const earlier = known.get(event.id);
    events.set(event.id, earlier !== undefined && tellsTheSame(earlier, event) ? earlier : event);
    fromUs = Math.min(fromUs, event.atUs);
    lastUs = Math.max(lastUs, event.atUs);
  }
  const complete = refused === 0 && events.size > 0 && total_count === data.length;
  const told = complete ? { source: SOURCE, fromUs, toUs: lastUs + 1 } : undefined;
  return { events: Array.from(events.values()), told, refused };
}

/** Whether two events of one id agree in all that an answer can change. */
function tellsTheSame(a: EconomicEvent, b: EconomicEvent): boolean {
  return (
    a.impact === b.impact &&
    a.forecast === b.forecast &&
    a.previous === b.previous &&
    a.actual === b.actual &&
    a.currency === b.currency
  );
}

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
