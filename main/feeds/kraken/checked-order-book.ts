import type { DeepBook } from '../../core/book/deep-book.ts';
import { Depth, TOP_LEVELS } from '../../core/book/depth.ts';
import { type BookSide, OrderBook, type QueuedOrder, type RestingSnapshot } from '../../core/book/order-book.ts';
import type { PriceLadder } from '../../core/book/price-ladder.ts';
import type { TextBook, TextLevel } from '../../core/feed-port.ts';
import { CRC_START, crcOf, crcOver } from './crc32.ts';
import { decimalText, writeDigits, writeTextDigits } from './digit-text.ts';
import { LONGEST_TEXT, type OddTexts } from './odd-texts.ts';
import type { PairForm } from './pair-form.ts';

/**
 * A book by order that can say its Kraken checksum: every order of the ten best prices a side in queue order, asks first,
 * through CRC-32. (Kraken, "L3 checksum v2".) A modify keeps the order's place; the queue is the snapshot's order, then arrival.
 */
export class CheckedOrderBook {
  readonly depth: number;
  readonly #form: PairForm;
  readonly #book = new OrderBook();
  readonly #image = new Depth();
  readonly #odd: OddTexts<string> = new Map();
  readonly #digits = new Uint8Array(2 * LONGEST_TEXT);

  /** @param depth prices a side that are subscribed to */
  constructor(form: PairForm, depth: number) {
    this.#form = form;
    this.depth = depth;
  }

  /** Adds an order at the back of its queue. @param text its numbers as they came, when not in the pair's usual form */
  add(id: string, side: BookSide, ticks: number, lots: number, text: TextLevel | undefined): void {
    this.#book.add(id, side, ticks, lots);
    this.#note(id, text);
  }

  /** Changes an order in its place; one that moves to another price goes to the back there. An unknown one is added. */
  modify(id: string, side: BookSide, ticks: number, lots: number, text: TextLevel | undefined): void {
    const place = this.#book.placeOf(id);
    if (place?.ticks === ticks && place.side === side) this.#book.resize(id, lots);
    else this.#book.modify(id, side, ticks, lots);
    this.#note(id, text);
  }

  /** Takes an order away; one that is not here lay beyond the depth. */
  delete(id: string): void {
    this.#book.remove(id);
    this.#odd.delete(id);
  }

  /** Ends a message: drops what lies beyond the depth, and gives the checksum of what is left. */
  settle(): number {
    this.#book.truncate(this.depth);
    if (this.#odd.size > this.#book.orderCount) {
      for (const id of this.#odd.keys()) if (this.#book.placeOf(id) === undefined) this.#odd.delete(id);
    }
    this.#book.fill(this.#image);
    let state = CRC_START;
    for (let level = 0; level < TOP_LEVELS && this.#image.askSize[level]! > 0; level++)
      state = this.#queue(state, this.#book.oldest('ask', this.#image.askPrice[level]!));
    for (let level = 0; level < TOP_LEVELS && this.#image.bidSize[level]! > 0; level++)
      state = this.#queue(state, this.#book.oldest('bid', this.#image.bidPrice[level]!));
    return crcOf(state);
  }

  /** All its levels, for the screen. */
  get deep(): DeepBook {
    return this.#book;
  }

  fill(depth: Depth): void {
    this.#book.fill(depth);
  }

  clear(): void {
    this.#book.clear();
    this.#odd.clear();
  }

  /** Price levels in the pair's usual form: the sum of several orders has no text of its own on the wire. */
  text(levels: number): TextBook {
    const { priceDecimals, qtyDecimals, tickUnits } = this.#form;
    const rows = (ladder: PriceLadder) =>
      ladder
        .levels()
        .slice(0, levels)
        .map(
          ({ ticks, lots }): TextLevel => [
            decimalText(ticks * tickUnits, priceDecimals),
            decimalText(lots, qtyDecimals),
          ],
        );
    return { bids: rows(this.#book.bids), asks: rows(this.#book.asks) };
  }

  snapshot(): CheckedOrderBookSnapshot {
    return { depth: this.depth, orders: this.#book.snapshot(), odd: [...this.#odd] };
  }

  restore(snapshot: CheckedOrderBookSnapshot): void {
    this.#book.restore(snapshot.orders);
    this.#odd.clear();
    for (const [id, text] of snapshot.odd) this.#odd.set(id, text);
  }

  #note(id: string, text: TextLevel | undefined): void {
    if (text !== undefined) this.#odd.set(id, text);
    else if (this.#odd.size > 0) this.#odd.delete(id);
  }

  /** Takes the orders of one price into the running checksum. */
  #queue(before: number, oldest: QueuedOrder | undefined): number {
    const digits = this.#digits;
    let state = before;
    if (oldest === undefined) return state;
    const priceEnd = writeDigits(oldest.ticks * this.#form.tickUnits, digits, 0);
    for (let order: QueuedOrder | undefined = oldest; order !== undefined; order = order.after) {
      const text = this.#odd.size === 0 ? undefined : this.#odd.get(order.key as string);
      if (text === undefined) {
        state = crcOver(state, digits, 0, writeDigits(order.lots, digits, priceEnd));
      } else {
        state = crcOver(state, digits, 0, writeTextDigits(text[1], digits, writeTextDigits(text[0], digits, 0)));
        writeDigits(order.ticks * this.#form.tickUnits, digits, 0);
      }
    }
    return state;
  }
}

export interface CheckedOrderBookSnapshot {
  readonly depth: number;
  readonly orders: readonly RestingSnapshot[];
  readonly odd: readonly (readonly [string, TextLevel])[];
}
