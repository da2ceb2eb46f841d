import type { DeepBook } from '../../core/book/deep-book.ts';
import { Depth } from '../../core/book/depth.ts';
import { LevelBook, type LevelBookSnapshot } from '../../core/book/level-book.ts';
import type { TextBook, TextLevel } from '../../core/feed-port.ts';
import { BookChecksum } from './book-checksum.ts';
import { decimalText } from './digit-text.ts';
import type { OddTexts } from './odd-texts.ts';
import type { PairForm } from './pair-form.ts';

/**
 * A book by price level that can say its Kraken checksum. Prices and sizes are kept as ticks and lots, which in the usual
 * form of the pair are the very digits that the checksum is made of; the rare level in another form keeps its text.
 */
export class CheckedLevelBook {
  readonly depth: number;
  readonly #form: PairForm;
  readonly #book: LevelBook;
  readonly #image = new Depth();
  readonly #checksum = new BookChecksum();
  readonly #oddBids: OddTexts = new Map();
  readonly #oddAsks: OddTexts = new Map();
  /** The checksum's kept digits are not of this book. */
  #stale = true;

  /** @param depth levels a side that are subscribed to */
  constructor(form: PairForm, depth: number) {
    this.#form = form;
    this.depth = depth;
    this.#book = new LevelBook(depth);
  }

  /** Sets a level in the pair's usual form; 0 lots removes it. */
  setBid(ticks: number, lots: number): void {
    this.#book.bids.set(ticks, lots, 0);
    if (this.#oddBids.size > 0 && this.#oddBids.delete(ticks)) this.#stale = true;
  }

  /** Sets a level in the pair's usual form; 0 lots removes it. */
  setAsk(ticks: number, lots: number): void {
    this.#book.asks.set(ticks, lots, 0);
    if (this.#oddAsks.size > 0 && this.#oddAsks.delete(ticks)) this.#stale = true;
  }

  /** Sets a level whose numbers came in another form. @param lots > 0 */
  setOdd(side: 1 | -1, ticks: number, lots: number, text: TextLevel): void {
    if (side === 1) this.#book.bids.set(ticks, lots, 0);
    else this.#book.asks.set(ticks, lots, 0);
    (side === 1 ? this.#oddBids : this.#oddAsks).set(ticks, text);
    this.#stale = true;
  }

  /** Ends a message: drops what lies beyond the depth, and gives the checksum of what is left. */
  settle(): number {
    this.#book.settle();
    if (this.#oddBids.size + this.#oddAsks.size > 0) this.#prune();
    this.#book.fill(this.#image);
    const sum = this.#checksum.of(this.#image, this.#form.tickUnits, this.#oddAsks, this.#oddBids, this.#stale);
    this.#image.settle();
    this.#stale = false;
    return sum;
  }

  /** All its levels, for the screen. */
  get deep(): DeepBook {
    return this.#book;
  }

  /** Writes the ten best levels a side into a market's depth. */
  fill(depth: Depth): void {
    this.#book.fill(depth);
  }

  clear(): void {
    this.#book.clear();
    this.#oddBids.clear();
    this.#oddAsks.clear();
    this.#stale = true;
  }

  text(levels: number): TextBook {
    const { priceDecimals, qtyDecimals, tickUnits } = this.#form;
    const row = (odd: OddTexts) => (level: { readonly ticks: number; readonly lots: number }) =>
      odd.get(level.ticks) ??
      ([decimalText(level.ticks * tickUnits, priceDecimals), decimalText(level.lots, qtyDecimals)] as const);
    return {
      bids: this.#book.bids.levels().slice(0, levels).map(row(this.#oddBids)),
      asks: this.#book.asks.levels().slice(0, levels).map(row(this.#oddAsks)),
    };
  }

  snapshot(): CheckedLevelBookSnapshot {
    return {
      depth: this.depth,
      levels: this.#book.snapshot(),
      oddBids: [...this.#oddBids],
      oddAsks: [...this.#oddAsks],
    };
  }

  restore(snapshot: CheckedLevelBookSnapshot): void {
    this.clear();
    this.#book.restore(snapshot.levels);
    for (const [ticks, text] of snapshot.oddBids) this.#oddBids.set(ticks, text);
    for (const [ticks, text] of snapshot.oddAsks) this.#oddAsks.set(ticks, text);
  }

  /** Forgets texts of levels that fell out of the depth. */
  #prune(): void {
    for (const [odd, ladder] of [
      [this.#oddBids, this.#book.bids],
      [this.#oddAsks, this.#book.asks],
    ] as const) {
      if (odd.size <= ladder.count) continue;
      for (const ticks of odd.keys()) if (ladder.sizeOf(ticks) === 0) odd.delete(ticks);
    }
  }
}

export interface CheckedLevelBookSnapshot {
  readonly depth: number;
  readonly levels: LevelBookSnapshot;
  readonly oddBids: readonly (readonly [number, TextLevel])[];
  readonly oddAsks: readonly (readonly [number, TextLevel])[];
}
