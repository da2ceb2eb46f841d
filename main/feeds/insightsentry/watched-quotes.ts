import { z } from 'zod';
import { MS_US, SECOND_US } from '../../../shared/units.ts';
import type { WatchedQuote } from '../../../shared/watched-quote.ts';

/** A number, or nothing where the vendor leaves it out or writes something else. */
const figure = z.number().nullish().catch(null);

const quote = z.object({
  code: z.string(),
  last_price: figure,
  change_percent: figure,
  /** UNIX seconds. */
  lp_time: figure,
  delay_seconds: figure,
  bid: figure,
  ask: figure,
});
type Quote = z.infer<typeof quote>;

const message = z.object({
  /** UNIX milliseconds. */
  last_update: figure,
  data: z.array(z.unknown()).transform((items) => items.flatMap((item) => quote.safeParse(item).data ?? [])),
});

/** Answer to `/v3/symbols/quotes`, and a message of `/live` with quotes. */
export const quotesAnswer = message;

const MOST_DECIMALS = 8;

/** The quotes that are watched, as they stand: what is told of them is sparse and put together by code. */
export class WatchedQuotes {
  readonly #rows: Map<string, WatchedQuote>;

  constructor(codes: readonly string[]) {
    const none = { last: null, decimals: 0, changePercent: null, atUs: null, delaySeconds: null };
    this.#rows = new Map(codes.map((id) => [id, { id, ...none }]));
  }

  get rows(): readonly WatchedQuote[] {
    return [...this.#rows.values()];
  }

  /** Takes an answer or a message in. @returns the rows that it concerned; none for what is no message with quotes */
  take(told: unknown): readonly WatchedQuote[] {
    const read = message.safeParse(told);
    if (!read.success) return [];
    const { data, last_update } = read.data;
    const updateUs = typeof last_update === 'number' ? Math.round(last_update * MS_US) : null;
    return data.flatMap((item) => {
      const before = this.#rows.get(item.code);
      const after = before === undefined ? undefined : merged(before, item, updateUs);
      if (after === undefined) return [];
      this.#rows.set(after.id, after);
      return [after];
    });
  }
}

/** A row with what an update tells of it; undefined for one that is older than what is known. */
function merged(before: WatchedQuote, item: Quote, updateUs: number | null): WatchedQuote | undefined {
  const { last_price, lp_time, change_percent, delay_seconds, bid, ask } = item;
  const pricedUs =
    typeof lp_time === 'number'
      ? Math.round(lp_time * SECOND_US)
      : typeof last_price === 'number' && last_price !== before.last
        ? updateUs
        : null;
  if (pricedUs !== null && before.atUs !== null && pricedUs < before.atUs) return undefined;
  return {
    id: before.id,
    last: last_price ?? before.last,
    decimals: Math.max(before.decimals, ...[last_price, bid, ask].map(decimalsOf)),
    changePercent: change_percent ?? before.changePercent,
    atUs: pricedUs ?? before.atUs,
    delaySeconds: delay_seconds ?? before.delaySeconds,
  };
}

function decimalsOf(price: number | null | undefined): number {
  if (typeof price !== 'number') return 0;
  const text = String(price);
  const point = text.indexOf('.');
  return point < 0 || text.includes('e') ? 0 : Math.min(MOST_DECIMALS, text.length - point - 1);
}
