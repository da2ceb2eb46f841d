import { crc32 } from 'node:zlib';
import { Random } from '../../main/core/clock/random.ts';

/** A pair as the stand-in trades it; prices and sizes are integers of their last digit. */
export interface VenuePair {
  readonly symbol: string;
  readonly priceDecimals: number;
  readonly qtyDecimals: number;
  /** Price around which the book begins, in its last digit. */
  readonly start: number;
}

export interface VenueOrder {
  readonly id: string;
  readonly price: number;
  qty: number;
  readonly time: string;
}

/** A price with its orders, oldest first. */
export interface VenueLevel {
  readonly price: number;
  readonly orders: VenueOrder[];
}

export type Side = 'bids' | 'asks';

/** What one step did to the book, in order. `at` is the level's rank before a removal, after an insertion. */
export type VenueChange =
  | {
      readonly kind: 'add';
      readonly side: Side;
      readonly order: VenueOrder;
      readonly at: number;
      readonly fresh: boolean;
    }
  | { readonly kind: 'modify'; readonly side: Side; readonly order: VenueOrder; readonly at: number }
  | {
      readonly kind: 'delete';
      readonly side: Side;
      readonly order: VenueOrder;
      readonly at: number;
      readonly gone: boolean;
    };

export interface VenueTrade {
  readonly side: 'buy' | 'sell';
  readonly price: number;
  readonly qty: number;
  readonly id: number;
}

/** A level of the book of texts. */
export type TextRow = readonly [price: string, qty: string];

/** Levels that the venue keeps a side: more than any subscription of the tests. */
const KEPT = 160;
/** Ticks between best bid and best ask at most: makers step in where it is more. */
const WIDEST = 10;
/** Ticks behind the best price that an order is placed at most, and orders that wait at one price at most. */
const REACH = 1_500;
/** Ticks behind the best price beyond which nobody leaves an order waiting. */
const FORGOTTEN = 5_000;
const QUEUE = 8;
/** Far out orders stand on round prices: ticks between them, from so many ticks behind the best. */
const ROUND = [
  [120, 25],
  [30, 10],
  [8, 5],
] as const;

/**
 * One pair's order book at the venue, moved by a seeded random walk: the inside a few ticks wide, most new orders near it,
 * levels the farther apart the farther out.
 */
export class VenueBook {
  readonly pair: VenuePair;
  readonly bids: VenueLevel[] = [];
  readonly asks: VenueLevel[] = [];
  readonly #random: Random;
  #orders = 0;
  #trades = 0;
  #watch: ((change: VenueChange) => void) | undefined;

  constructor(pair: VenuePair, seed: number) {
    this.pair = pair;
    this.#random = new Random(seed, crc32(pair.symbol) | 0);
    for (const side of ['bids', 'asks'] as const) {
      let price = pair.start;
      for (let rank = 1; rank <= KEPT; rank++) {
        const away = Math.abs(price - pair.start);
        price = outwards(price + (side === 'asks' ? 1 : -1), side, away);
        for (let order = this.#random.nextInt(3); order >= 0; order--) this.#add(side, price);
      }
    }
  }

  get lastTradeId(): number {
    return this.#trades;
  }

  /** Does one to three things to the book. @param watch is told each, with the book as it then is */
  step(watch: (change: VenueChange) => void): readonly VenueTrade[] {
    this.#watch = watch;
    const trades: VenueTrade[] = [];
    for (let left = 1 + this.#random.nextInt(3); left > 0; left--) {
      const side: Side = this.#random.chance(0.5) ? 'bids' : 'asks';
      const draw = this.#random.nextFraction();
      if (draw < 0.4) this.#addNear(side);
      else if (draw < 0.62) this.#resize(side);
      else if (draw < 0.9) this.#cancel(side);
      else this.#trade(side, trades);
      this.#refill(side);
    }
    while (this.#spread > WIDEST) this.#improve(this.#random.chance(0.5) ? 'bids' : 'asks');
    this.#watch = undefined;
    return trades;
  }

  /** Levels of a side as texts, best first. */
  rows(side: Side, depth: number): TextRow[] {
    return this[side].slice(0, depth).map((level) => [this.price(level.price), this.qty(sum(level))]);
  }

  price(units: number): string {
    return text(units, this.pair.priceDecimals);
  }

  qty(units: number): string {
    return text(units, this.pair.qtyDecimals);
  }

  /** Checksum of the book channel. */
  levelChecksum(): number {
    const part = (side: Side) => this.rows(side, 10).map(([price, qty]) => digits(price) + digits(qty));
    return crc32([...part('asks'), ...part('bids')].join(''));
  }

  /** Checksum of the level3 channel. @param qty how sizes are written on that wire */
  orderChecksum(qty: (units: number) => string): number {
    const part = (side: Side) =>
      this[side]
        .slice(0, 10)
        .flatMap(({ orders }) => orders.map((order) => digits(this.price(order.price)) + digits(qty(order.qty))));
    return crc32([...part('asks'), ...part('bids')].join(''));
  }

  get #spread(): number {
    return this.asks[0]!.price - this.bids[0]!.price;
  }

  /** Within the spread, the more often the wider it is; else behind the best, most of them near it. */
  #addNear(side: Side): void {
    const room = this.#spread - 1;
    if (this.#random.chance(room / (room + 6))) {
      this.#improve(side);
      return;
    }
    const away = Math.floor(REACH * this.#random.nextFraction() ** 4);
    const price = outwards(this[side][0]!.price + (side === 'asks' ? away : -away), side, away);
    const at = rankOf(this[side], price, side);
    const level = this[side][at];
    if (level?.price === price && level.orders.length >= QUEUE) this.#delete(side, at, level.orders[0]!);
    else this.#add(side, price);
  }

  /** A new best price, a few ticks better. */
  #improve(side: Side): void {
    const away = side === 'asks' ? 1 : -1;
    const ticks = 1 + this.#random.nextInt(Math.min(4, this.#spread - 1));
    this.#add(side, this[side][0]!.price - away * ticks);
  }

  #add(side: Side, price: number): void {
    const levels = this[side];
    const at = rankOf(levels, price, side);
    const id = `O${(++this.#orders).toString(36).toUpperCase().padStart(5, '0')}-${this.pair.symbol.slice(0, 3)}`;
    const qty =
      1 + this.#random.nextInt(this.#random.chance(0.3) ? 5 : 400_000) * (this.#random.chance(0.3) ? 1000 : 1);
    const order: VenueOrder = {
      id,
      price,
      qty,
      time: `2026-01-01T00:00:00.${String(this.#orders % 1e9).padStart(9, '0')}Z`,
    };
    const level = levels[at];
    const fresh = level === undefined || level.price !== price;
    if (fresh) levels.splice(at, 0, { price, orders: [order] });
    else level.orders.push(order);
    this.#watch?.({ kind: 'add', side, order, at, fresh });
  }

  #resize(side: Side): void {
    const at = this.#rank(side);
    const order = this.#random.pick(this[side][at]!.orders);
    order.qty = Math.max(1, order.qty + this.#random.nextInt(2001) - 1000);
    this.#watch?.({ kind: 'modify', side, order, at });
  }

  #cancel(side: Side): void {
    if (this[side].length < 3) return;
    const at = this.#rank(side);
    this.#delete(side, at, this.#random.pick(this[side][at]!.orders));
  }

  #delete(side: Side, at: number, order: VenueOrder): void {
    const level = this[side][at]!;
    level.orders.splice(level.orders.indexOf(order), 1);
    const gone = level.orders.length === 0;
    if (gone) this[side].splice(at, 1);
    this.#watch?.({ kind: 'delete', side, order, at, gone });
  }

  /** A taker hits the best orders of a side, one to three of them. */
  #trade(side: Side, trades: VenueTrade[]): void {
    for (let left = 1 + this.#random.nextInt(3); left > 0 && this[side].length > 3; left--) {
      const order = this[side][0]!.orders[0]!;
      const qty = left > 1 ? order.qty : 1 + this.#random.nextInt(order.qty);
      trades.push({ side: side === 'asks' ? 'buy' : 'sell', price: order.price, qty, id: ++this.#trades });
      if (qty === order.qty) this.#delete(side, 0, order);
      else {
        order.qty -= qty;
        this.#watch?.({ kind: 'modify', side, order, at: 0 });
      }
    }
  }

  /** Keeps the number of levels in bounds, far outside. */
  #refill(side: Side): void {
    const levels = this[side];
    const away = side === 'asks' ? 1 : -1;
    while (levels.length > KEPT + 40 || (levels.at(-1)!.price - levels[0]!.price) * away > FORGOTTEN)
      this.#delete(side, levels.length - 1, levels.at(-1)!.orders[0]!);
    while (levels.length < KEPT) this.#add(side, this.#freePrice(side));
  }

  /**
   * A price without orders, somewhere behind the best. Not the next one beyond the last: that would soon be too far out, to
   * be taken away and put back at every step.
   */
  #freePrice(side: Side): number {
    const levels = this[side];
    const sign = side === 'asks' ? 1 : -1;
    const away = this.#random.nextInt(REACH);
    let price = outwards(levels[0]!.price + sign * away, side, away);
    while (levels[rankOf(levels, price, side)]?.price === price) price = outwards(price + sign, side, REACH);
    return price;
  }

  #rank(side: Side): number {
    return this.#random.nextInt(Math.min(this[side].length, this.#random.chance(0.7) ? 12 : KEPT));
  }
}

function rankOf(levels: readonly VenueLevel[], price: number, side: Side): number {
  const sign = side === 'asks' ? 1 : -1;
  let low = 0;
  let high = levels.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((levels[middle]!.price - price) * sign < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The price, or the next one outwards that is round enough for so many ticks behind the best. */
function outwards(price: number, side: Side, away: number): number {
  const step = ROUND.find(([from]) => away >= from)?.[1] ?? 1;
  return (side === 'asks' ? Math.ceil(price / step) : Math.floor(price / step)) * step;
}

export function sum(level: VenueLevel): number {
  return level.orders.reduce((total, order) => total + order.qty, 0);
}

function text(units: number, decimals: number): string {
  const padded = String(units).padStart(decimals + 1, '0');
  return decimals === 0 ? padded : `${padded.slice(0, -decimals)}.${padded.slice(-decimals)}`;
}

function digits(decimal: string): string {
  return decimal.replace('.', '').replace(/^0+/, '');
}
