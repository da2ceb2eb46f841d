import { createHash } from 'node:crypto';
import { TOP_LEVELS } from './book/depth.ts';
import type { Market } from './market.ts';
import type { Aggressor, Bar, BarSink, MarketStage } from './ports.ts';

const BLOCK_BYTES = 65_536;
const BLOCK_NUMBERS = BLOCK_BYTES / 8;
const NAN_HIGH = 0x7ff80000;

/** First number of each record in the hashed stream: the lengths of all but texts follow from it. */
const KIND = { book: 1, trade: 2, bar: 3, text: 4, gap: 5, tradeDate: 6 } as const;
const DIGEST_BYTES = 32;

export interface OutputHashSnapshot {
  /** Digest of the blocks so far. */
  readonly chained: Uint8Array;
  /** Bytes that do not fill a block yet. */
  readonly pending: Uint8Array;
}

/**
 * One SHA-256 over everything that an engine puts out: every judged book with its features, trades, closed bars, and what
 * the trade loop says through `entry`. Runs as the last stage. Two runs over the same input have the same hash on every
 * machine: numbers are hashed as little-endian doubles with one NaN and no −0, and nothing goes in that depends on the
 * wall clock, chance or paths.
 *
 * The digest is a chain over blocks of 64 KiB, h ← SHA-256(h, block), from 32 zero bytes; so its state can be kept in a
 * snapshot, which that of a running SHA-256 can't.
 */
export class OutputHash implements MarketStage, BarSink {
  readonly name = 'output-hash';
  readonly #numbers = new Float64Array(BLOCK_NUMBERS);
  readonly #words = new Uint32Array(this.#numbers.buffer);
  readonly #bytes = new Uint8Array(this.#numbers.buffer);
  readonly #encoder = new TextEncoder();
  #chained: Uint8Array = new Uint8Array(DIGEST_BYTES);
  #at = 0;

  onMarket(market: Market): void {
    const { label, rawSymbol, publisherId, venueId, tickNano } = market.instrument;
    this.entry('market', { index: market.index, label, rawSymbol, publisherId, venueId, tickNano });
  }

  onTrade(market: Market, ticks: number, lots: number, aggressor: Aggressor): void {
    this.#head(KIND.trade, market);
    this.#add(ticks);
    this.#add(lots);
    this.#add(aggressor);
  }

  onBook(market: Market): void {
    const { depth, features } = market;
    this.#head(KIND.book, market);
    for (let level = 0; level < TOP_LEVELS; level++) {
      this.#add(depth.bidPrice[level]!);
      this.#add(depth.bidSize[level]!);
      this.#add(depth.bidOrders[level]!);
      this.#add(depth.askPrice[level]!);
      this.#add(depth.askSize[level]!);
      this.#add(depth.askOrders[level]!);
    }
    for (let i = 0; i < features.length; i++) this.#add(features[i]!);
  }

  onGap(market: Market): void {
    this.#head(KIND.gap, market);
  }

  onTradeDate(market: Market): void {
    this.#head(KIND.tradeDate, market);
  }

  onBar(market: Market, bar: Bar, closed: boolean): void {
    if (!closed) return;
    this.#head(KIND.bar, market);
    this.#add(bar.startUs);
    this.#add(bar.open);
    this.#add(bar.high);
    this.#add(bar.low);
    this.#add(bar.close);
    this.#add(bar.volume);
    this.#add(bar.delta);
    this.#add(bar.vwap);
  }

  /** Adds something that happens seldom: a signal, proposal, order event. @param data plain JSON; the order of its keys counts */
  entry(kind: string, data: object): void {
    const text = this.#encoder.encode(`${kind} ${JSON.stringify(data)}`);
    this.#add(KIND.text);
    this.#add(text.length);
    for (let from = 0; from < text.length; ) {
      const part = text.subarray(from, from + (BLOCK_NUMBERS - this.#at) * 8);
      const numbers = Math.ceil(part.length / 8);
      this.#numbers.fill(0, this.#at, this.#at + numbers);
      this.#bytes.set(part, this.#at * 8);
      this.#at += numbers;
      if (this.#at === BLOCK_NUMBERS) this.#chain();
      from += part.length;
    }
  }

  /** The hash of everything so far, in hexadecimal. More may be added afterwards. */
  hex(): string {
    return this.#hashed(this.#pending()).toString('hex');
  }

  snapshot(): OutputHashSnapshot {
    return { chained: this.#chained.slice(), pending: this.#pending().slice() };
  }

  restore(snapshot: OutputHashSnapshot): void {
    this.#chained = snapshot.chained.slice();
    this.#bytes.set(snapshot.pending);
    this.#at = snapshot.pending.length / 8;
  }

  #head(kind: number, market: Market): void {
    this.#add(kind);
    this.#add(market.index);
    this.#add(market.engineUs);
  }

  #add(value: number): void {
    const at = this.#at;
    if (Number.isNaN(value)) {
      this.#words[2 * at] = 0;
      this.#words[2 * at + 1] = NAN_HIGH;
    } else this.#numbers[at] = value + 0;
    this.#at = at + 1;
    if (this.#at === BLOCK_NUMBERS) this.#chain();
  }

  #chain(): void {
    this.#chained = this.#hashed(this.#bytes);
    this.#at = 0;
  }

  #pending(): Uint8Array {
    return this.#bytes.subarray(0, this.#at * 8);
  }

  #hashed(block: Uint8Array): Buffer {
    return createHash('sha256').update(this.#chained).update(block).digest();
  }
}
