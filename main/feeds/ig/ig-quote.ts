import type { Instrument } from '../../../shared/instruments.ts';
import type { JsonCursor } from '../../codec/json/json-cursor.ts';
import type { SymbolTally, TextBook, TextLevel } from '../../core/feed-port.ts';
import type { Market } from '../../core/market.ts';

/** A number as the venue wrote it, kept without making a string of it. */
class KeptText {
  #bytes = new Uint8Array(24);
  #length = 0;

  get empty(): boolean {
    return this.#length === 0;
  }

  /** Keeps the cursor's last text. */
  keep({ bytes, textStart, textEnd }: JsonCursor): void {
    const length = textEnd - textStart;
    if (length > this.#bytes.length) this.#bytes = new Uint8Array(length * 2);
    for (let i = 0; i < length; i++) this.#bytes[i] = bytes[textStart + i]!;
    this.#length = length;
  }

  /** Whether the cursor's last text is the one that is kept. */
  equals({ bytes, textStart, textEnd }: JsonCursor): boolean {
    if (textEnd - textStart !== this.#length) return false;
    for (let i = 0; i < this.#length; i++) if (this.#bytes[i] !== bytes[textStart + i]) return false;
    return true;
  }

  clear(): void {
    this.#length = 0;
  }

  get text(): string {
    return decoder.decode(this.#bytes.subarray(0, this.#length));
  }

  set text(text: string) {
    this.#bytes = encoder.encode(text);
    this.#length = this.#bytes.length;
  }
}

/** The best price of one side: in ticks and lots, and as it was written. */
export class QuoteSide {
  /** NaN while there is none. */
  ticks = Number.NaN;
  lots = 0;
  readonly price = new KeptText();
  readonly size = new KeptText();

  clear(): void {
    this.ticks = Number.NaN;
    this.lots = 0;
    this.price.clear();
    this.size.clear();
  }

  /** A price whose size is not said has the size zero. */
  get level(): readonly TextLevel[] {
    return Number.isNaN(this.ticks) ? [] : [[this.price.text, this.size.empty ? '0' : this.size.text]];
  }

  snapshot(): QuoteSideSnapshot {
    return { ticks: this.ticks, lots: this.lots, price: this.price.text, size: this.size.text };
  }

  restore({ ticks, lots, price, size }: QuoteSideSnapshot): void {
    this.ticks = ticks;
    this.lots = lots;
    this.price.text = price;
    this.size.text = size;
  }
}

export interface QuoteSideSnapshot {
  readonly ticks: number;
  readonly lots: number;
  readonly price: string;
  readonly size: string;
}

/** What the mapper keeps of one market: a quote, and the flag that came with it. */
export class IgQuote implements SymbolTally {
  readonly market: Market;
  readonly epic: string;
  readonly epicBytes: Uint8Array;
  readonly bid = new QuoteSide();
  readonly ask = new QuoteSide();
  readonly flag = new KeptText();
  /** No whole quote has come since the line was lost. */
  void = true;
  /** Bid and ask are of one update that was read to its end. */
  whole = false;
  updates = 0;
  /** A dealer tells no trades. */
  readonly trades = 0;

  constructor(market: Market, epic: string) {
    this.market = market;
    this.epic = epic;
    this.epicBytes = encoder.encode(epic);
  }

  /** The last whole quote; after a loss still the one from before. */
  get text(): TextBook | undefined {
    return !this.whole ? undefined : { bids: this.bid.level, asks: this.ask.level };
  }

  snapshot(): IgQuoteSnapshot {
    return {
      epic: this.epic,
      instrument: this.market.instrument,
      bid: this.bid.snapshot(),
      ask: this.ask.snapshot(),
      flag: this.flag.text,
      void: this.void,
      whole: this.whole,
      updates: this.updates,
    };
  }

  restore(snapshot: IgQuoteSnapshot): void {
    this.bid.restore(snapshot.bid);
    this.ask.restore(snapshot.ask);
    this.flag.text = snapshot.flag;
    this.void = snapshot.void;
    this.whole = snapshot.whole;
    this.updates = snapshot.updates;
  }
}

export interface IgQuoteSnapshot {
  readonly epic: string;
  readonly instrument: Instrument;
  readonly bid: QuoteSideSnapshot;
  readonly ask: QuoteSideSnapshot;
  readonly flag: string;
  readonly void: boolean;
  readonly whole: boolean;
  readonly updates: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
