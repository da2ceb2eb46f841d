import { sum, type VenueBook, type VenueChange, type VenueTrade } from './kraken-venue-book.ts';

const stamp = (count: number) =>
  `2026-01-01T00:00:${String(Math.floor(count / 1e6) % 60).padStart(2, '0')}.${String(count % 1e6).padStart(6, '0')}Z`;

/** Size on the level3 wire: without trailing zeros. */
export function bareQty(book: VenueBook): (units: number) => string {
  return (units) => book.qty(units).replace(/\.?0+$/, '');
}

/** A level of the book channel. */
interface LevelEntry {
  readonly side: 'bids' | 'asks';
  readonly price: number;
  readonly qty: number;
}

/** Gathers what changes within a depth, as the book channel tells it. */
export class LevelUpdate {
  readonly #entries: LevelEntry[] = [];
  readonly #book: VenueBook;
  readonly #depth: number;
  /** Levels that this message itself pushed out of the depth: the reader still has them until its end. */
  readonly #pushed = new Set<number>();

  constructor(book: VenueBook, depth: number) {
    this.#book = book;
    this.#depth = depth;
  }

  get empty(): boolean {
    return this.#entries.length === 0;
  }

  /** A level that is pushed out of the depth is not mentioned; one that comes in is. */
  note(change: VenueChange): void {
    const { side, order, at } = change;
    if (at >= this.#depth && !this.#pushed.has(order.price)) return;
    const levels = this.#book[side];
    const out = change.kind === 'add' && change.fresh ? levels[this.#depth] : undefined;
    if (out !== undefined) this.#pushed.add(out.price);
    if (change.kind !== 'delete' || !change.gone) {
      this.#entries.push({ side, price: order.price, qty: sum(levels[at]!) });
      return;
    }
    this.#entries.push({ side, price: order.price, qty: 0 });
    const risen = at < this.#depth ? levels[this.#depth - 1] : undefined;
    if (risen !== undefined) this.#entries.push({ side, price: risen.price, qty: sum(risen) });
  }

  /** @param twice names a wrong size before the right one, for every price */
  message(count: number, checksum: number, twice: boolean): string {
    const { symbol } = this.#book.pair;
    const list = (side: 'bids' | 'asks') =>
      this.#entries
        .filter((entry) => entry.side === side)
        .flatMap(({ price, qty }) =>
          twice ? [level(this.#book, price, qty + 7), level(this.#book, price, qty)] : [level(this.#book, price, qty)],
        )
        .join();
    return (
      `{"channel":"book","type":"update","data":[{"symbol":"${symbol}","bids":[${list('bids')}],"asks":[${list('asks')}],` +
      `"checksum":${checksum},"timestamp":"${stamp(count)}"}]}`
    );
  }
}

function level(book: VenueBook, price: number, qty: number): string {
  return `{"price":${book.price(price)},"qty":${book.qty(qty)}}`;
}

/** Gathers what changes within a depth of prices, as the level3 channel tells it. */
export class OrderUpdate {
  readonly #entries: { readonly side: 'bids' | 'asks'; readonly text: string }[] = [];
  readonly #book: VenueBook;
  readonly #depth: number;
  readonly #pushed = new Set<number>();

  constructor(book: VenueBook, depth: number) {
    this.#book = book;
    this.#depth = depth;
  }

  get empty(): boolean {
    return this.#entries.length === 0;
  }

  note(change: VenueChange): void {
    const { kind, side, order, at } = change;
    if (at >= this.#depth && !this.#pushed.has(order.price)) return;
    const book = this.#book;
    const out = kind === 'add' && change.fresh ? book[side][this.#depth] : undefined;
    if (out !== undefined) this.#pushed.add(out.price);
    if (kind !== 'delete') {
      this.#entries.push({ side, text: orderText(book, order, kind) });
      return;
    }
    const price = book.price(order.price);
    this.#entries.push({
      side,
      text: `{"event":"delete","order_id":"${order.id}","limit_price":${price},"timestamp":"${order.time}"}`,
    });
    if (!change.gone || at >= this.#depth) return;
    for (const risen of book[side][this.#depth - 1]?.orders ?? []) {
      this.#entries.push({ side, text: orderText(book, risen, 'add') });
    }
  }

  message(checksum: number): string {
    const list = (side: 'bids' | 'asks') =>
      this.#entries
        .filter((entry) => entry.side === side)
        .map((entry) => entry.text)
        .join();
    return (
      `{"channel":"level3","type":"update","data":[{"symbol":"${this.#book.pair.symbol}","checksum":${checksum},` +
      `"bids":[${list('bids')}],"asks":[${list('asks')}]}]}`
    );
  }
}

function orderText(
  book: VenueBook,
  order: { readonly id: string; readonly price: number; readonly qty: number; readonly time: string },
  event?: 'add' | 'modify',
): string {
  const head = event === undefined ? '' : `"event":"${event}",`;
  return (
    `{${head}"order_id":"${order.id}","limit_price":${book.price(order.price)},` +
    `"order_qty":${bareQty(book)(order.qty)},"timestamp":"${order.time}"}`
  );
}

export function levelSnapshot(book: VenueBook, depth: number, count: number): string {
  const list = (side: 'bids' | 'asks') =>
    book[side]
      .slice(0, depth)
      .map((each) => level(book, each.price, sum(each)))
      .join();
  return (
    `{"channel":"book","type":"snapshot","data":[{"symbol":"${book.pair.symbol}","bids":[${list('bids')}],` +
    `"asks":[${list('asks')}],"checksum":${book.levelChecksum()},"timestamp":"${stamp(count)}"}]}`
  );
}

export function orderSnapshot(book: VenueBook, depth: number): string {
  const list = (side: 'bids' | 'asks') =>
    book[side]
      .slice(0, depth)
      .flatMap((each) => each.orders.map((order) => orderText(book, order)))
      .join();
  return (
    `{"channel":"level3","type":"snapshot","data":[{"symbol":"${book.pair.symbol}",` +
    `"checksum":${book.orderChecksum(bareQty(book))},"bids":[${list('bids')}],"asks":[${list('asks')}]}]}`
  );
}

/** Trades of one message happened at one time. */
export function tradeMessage(
  book: VenueBook,
  type: 'snapshot' | 'update',
  trades: readonly VenueTrade[],
  count: number,
): string {
  const items = trades.map(
    ({ side, price, qty, id }) =>
      `{"symbol":"${book.pair.symbol}","side":"${side}","price":${book.price(price)},"qty":${book.qty(qty)},` +
      `"ord_type":"market","trade_id":${id},"timestamp":"${stamp(count)}"}`,
  );
  return `{"channel":"trade","type":"${type}","data":[${items.join()}]}`;
}

export function instrumentMessage(books: Iterable<VenueBook>): string {
  const pairs = [...books].map(({ pair }) => {
    const step = pair.priceDecimals === 0 ? '1' : `0.${'0'.repeat(pair.priceDecimals - 1)}1`;
    const [base, quote] = pair.symbol.split('/');
    return (
      `{"symbol":"${pair.symbol}","base":"${base}","quote":"${quote}","status":"online","qty_precision":${pair.qtyDecimals},` +
      `"qty_increment":0.${'0'.repeat(pair.qtyDecimals - 1)}1,"price_precision":${pair.priceDecimals},"price_increment":${step},` +
      `"cost_precision":5,"cost_min":0.5,"marginable":true,"has_index":true,"qty_min":0.0001}`
    );
  });
  const assets = '{"id":"USD","status":"enabled","precision":4,"precision_display":2,"borrowable":true}';
  return `{"channel":"instrument","type":"snapshot","data":{"assets":[${assets}],"pairs":[${pairs.join()}]}}`;
}
