import { crc32 } from 'node:zlib';

/** A level as the wire has it: verbatim texts. */
export type PlainLevel = readonly [price: string, qty: string];

/** The message with every number as its own text. */
function parseVerbatim(text: string): unknown {
  const reviver = (_key: string, value: unknown, context?: { source: string }) =>
    typeof value === 'number' ? context!.source : value;
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}

/** Digits of a number without point and leading zeros. */
export function digitsOf(text: string): string {
  return text.replace('.', '').replace(/^0+/, '');
}

/** Checksum by the letter of the documentation: asks upwards, then bids downwards, ten levels each. */
export function plainChecksum(bids: readonly PlainLevel[], asks: readonly PlainLevel[]): number {
  const text = (levels: readonly PlainLevel[]) =>
    levels
      .slice(0, 10)
      .map(([price, qty]) => digitsOf(price) + digitsOf(qty))
      .join('');
  return crc32(text(asks) + text(bids));
}

interface PlainItem {
  readonly symbol: string;
  readonly bids: readonly { readonly price: string; readonly qty: string }[];
  readonly asks: readonly { readonly price: string; readonly qty: string }[];
  readonly checksum: string;
}

/** A Kraken book as plainly as it goes: sorted arrays of texts. */
export class PlainBook {
  readonly depth: number;
  bids: PlainLevel[] = [];
  asks: PlainLevel[] = [];

  constructor(depth: number) {
    this.depth = depth;
  }

  /** Begins with the levels of a snapshot. */
  begin(bids: readonly (readonly string[])[], asks: readonly (readonly string[])[]): void {
    this.bids = bids.map(([price, qty]) => [price!, qty!]);
    this.asks = asks.map(([price, qty]) => [price!, qty!]);
  }

  /** Applies a `book` message as text. @returns whether its checksum is that of the book that came of it */
  apply(text: string): boolean {
    const message = parseVerbatim(text) as { type: string; data: readonly PlainItem[] };
    let good = true;
    for (const item of message.data) {
      if (message.type === 'snapshot') {
        this.bids = [];
        this.asks = [];
      }
      for (const { price, qty } of item.bids) this.bids = merged(this.bids, price, qty, -1);
      for (const { price, qty } of item.asks) this.asks = merged(this.asks, price, qty, 1);
      this.bids = this.bids.slice(0, this.depth);
      this.asks = this.asks.slice(0, this.depth);
      good &&= plainChecksum(this.bids, this.asks) === Number(item.checksum);
    }
    return good;
  }
}

function merged(levels: readonly PlainLevel[], price: string, qty: string, sign: 1 | -1): PlainLevel[] {
  const others = levels.filter(([other]) => Number(other) !== Number(price));
  const all = Number(qty) === 0 ? others : [...others, [price, qty] as const];
  return all.sort(([a], [b]) => sign * (Number(a) - Number(b)));
}
