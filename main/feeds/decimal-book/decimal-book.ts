import { decimalsOfTick, NANO, parseDecimal } from '../../../shared/units.ts';
import type { JsonCursor } from '../../codec/json/json-cursor.ts';
import { LevelBook, type LevelBookSnapshot } from '../../core/book/level-book.ts';
import type { PriceLadder, PriceLadderSnapshot } from '../../core/book/price-ladder.ts';
import type { TextBook, TextLevel } from '../../core/feed-port.ts';
import { TextForm, type TextFormSnapshot } from './text-form.ts';

/** Decimals that an instrument's tick, counted in nano units, can have. */
const MOST_DECIMALS = 9;

/**
 * A book by price level of a venue that sends decimal text: the text is read straight into integer ticks and lots, and
 * comes back as it was written. Tick and lot come from the venue's definition; while there is none they are learned from
 * the text, as the finest decimal seen. Usage: `levelPrice`, `levelSize`, then `put`.
 */
export class DecimalBook {
  readonly symbol: string;
  readonly levels = new LevelBook();
  /** What was read last. */
  ticks = 0;
  lots = 0;
  /** Tick or lot have changed since `described` was called: the market must be described anew. */
  rescaled = true;
  #priceDecimals = 0;
  /** Tick in units of 10^-priceDecimals. */
  #tickUnits = 1;
  #lotDecimals = 0;
  #definedTickNano: number | undefined;
  readonly #priceForm = new TextForm();
  readonly #sizeForm = new TextForm();
  /** Texts that the forms do not give back, by level key. */
  readonly #oddPrices = new Map<number, string>();
  readonly #oddSizes = new Map<number, string>();
  #priceText: string | undefined;
  #sizeText: string | undefined;

  constructor(symbol: string) {
    this.symbol = symbol;
  }

  /** Tick in nano price units. */
  get tickNano(): number {
    return (this.#tickUnits * NANO) / 10 ** this.#priceDecimals;
  }

  get lotDecimals(): number {
    return this.#lotDecimals;
  }

  /** The tick is the venue's own; else it was learned. */
  get defined(): boolean {
    return this.tickNano === this.#definedTickNano;
  }

  /**
   * Takes the venue's increments (`0.01000000`). They hold for new orders only: what was placed before the venue made them
   * coarser still rests in the book, which is why a tick or lot that is found too coarse is made finer again.
   */
  define(priceIncrement: string, sizeIncrement: string): void {
    const tickNano = parseDecimal(priceIncrement, MOST_DECIMALS);
    const lotNano = parseDecimal(sizeIncrement, MOST_DECIMALS);
    if (tickNano <= 0 || lotNano <= 0) throw new RangeError(`increments of ${priceIncrement} and ${sizeIncrement}`);
    if (tickNano !== this.#definedTickNano) this.rescaled = true;
    this.#definedTickNano = tickNano;
    this.#widenSizes(decimalsOfTick(lotNano));
    const ticksOf = (ticks: number) => (ticks * this.tickNano) / tickNano;
    const fits = [this.levels.bids, this.levels.asks].every((side) =>
      side.levels().every((level) => Number.isSafeInteger(ticksOf(level.ticks))),
    );
    const decimals = decimalsOfTick(tickNano);
    if (fits) this.#setTick(decimals, Math.round(tickNano / 10 ** (MOST_DECIMALS - decimals)));
    else this.#setTick(Math.max(decimals, this.#priceDecimals), 1);
  }

  /** Reads a price into `ticks`. */
  price(cursor: JsonCursor): void {
    const start = cursor.at;
    cursor.fixed(this.#priceDecimals);
    if (cursor.finer) {
      this.#setTick(neededDecimals(cursor, 'price'), 1);
      cursor.at = start;
      cursor.fixed(this.#priceDecimals);
    }
    if (this.#tickUnits === 1) this.ticks = cursor.units;
    else this.#ofCoarserTick(cursor);
  }

  /** Reads a size into `lots`. */
  size(cursor: JsonCursor): void {
    const start = cursor.at;
    cursor.fixed(this.#lotDecimals);
    if (cursor.finer) {
      this.#widenSizes(neededDecimals(cursor, 'size'));
      cursor.at = start;
      cursor.fixed(this.#lotDecimals);
    }
    this.lots = cursor.units;
  }

  /** The same for the price of a level, whose text is kept. */
  levelPrice(cursor: JsonCursor): void {
    this.price(cursor);
    this.#priceText = this.#priceForm.fits(cursor) ? undefined : cursor.text();
  }

  /** The same for the size of a level. */
  levelSize(cursor: JsonCursor): void {
    this.size(cursor);
    this.#sizeText = this.lots === 0 || this.#sizeForm.fits(cursor) ? undefined : cursor.text();
  }

  /** Sets the level that was read; a size of 0 removes it. */
  putBid(): void {
    this.levels.bids.set(this.ticks, this.lots, 0);
    if (this.#hasOdd()) this.#keepText(bidKey(this.ticks));
  }

  putAsk(): void {
    this.levels.asks.set(this.ticks, this.lots, 0);
    if (this.#hasOdd()) this.#keepText(askKey(this.ticks));
  }

  clear(): void {
    this.levels.clear();
    this.#oddPrices.clear();
    this.#oddSizes.clear();
  }

  /** The best levels as the venue wrote them. */
  text(levels: number): TextBook {
    return {
      bids: this.#side(this.levels.bids, levels, bidKey),
      asks: this.#side(this.levels.asks, levels, askKey),
    };
  }

  snapshot(): DecimalBookSnapshot {
    return {
      levels: this.levels.snapshot(),
      priceDecimals: this.#priceDecimals,
      tickUnits: this.#tickUnits,
      lotDecimals: this.#lotDecimals,
      definedTickNano: this.#definedTickNano,
      rescaled: this.rescaled,
      forms: [this.#priceForm.snapshot(), this.#sizeForm.snapshot()],
      oddPrices: [...this.#oddPrices],
      oddSizes: [...this.#oddSizes],
    };
  }

  restore(snapshot: DecimalBookSnapshot): void {
    this.clear();
    this.levels.restore(snapshot.levels);
    this.#priceDecimals = snapshot.priceDecimals;
    this.#tickUnits = snapshot.tickUnits;
    this.#lotDecimals = snapshot.lotDecimals;
    this.#definedTickNano = snapshot.definedTickNano;
    this.rescaled = snapshot.rescaled;
    this.#priceForm.restore(snapshot.forms[0]);
    this.#sizeForm.restore(snapshot.forms[1]);
    for (const [key, text] of snapshot.oddPrices) this.#oddPrices.set(key, text);
    for (const [key, text] of snapshot.oddSizes) this.#oddSizes.set(key, text);
  }

  #hasOdd(): boolean {
    return (
      this.#priceText !== undefined ||
      this.#sizeText !== undefined ||
      this.#oddPrices.size > 0 ||
      this.#oddSizes.size > 0
    );
  }

  #keepText(key: number): void {
    if (this.lots === 0 || this.#priceText === undefined) this.#oddPrices.delete(key);
    else this.#oddPrices.set(key, this.#priceText);
    if (this.lots === 0 || this.#sizeText === undefined) this.#oddSizes.delete(key);
    else this.#oddSizes.set(key, this.#sizeText);
  }

  #ofCoarserTick(cursor: JsonCursor): void {
    if (cursor.units % this.#tickUnits !== 0) this.#setTick(this.#priceDecimals, 1);
    this.ticks = cursor.units / this.#tickUnits;
  }

  #setTick(decimals: number, units: number): void {
    if (decimals === this.#priceDecimals && units === this.#tickUnits) return;
    const shift = 10 ** (decimals - this.#priceDecimals);
    const former = this.#tickUnits;
    this.#rescale(
      (ticks) => Math.round((ticks * former * shift) / units),
      (lots) => lots,
    );
    this.#priceDecimals = decimals;
    this.#tickUnits = units;
  }

  #widenSizes(decimals: number): void {
    if (decimals <= this.#lotDecimals) return;
    const factor = 10 ** (decimals - this.#lotDecimals);
    this.#rescale(
      (ticks) => ticks,
      (lots) => lots * factor,
    );
    this.#lotDecimals = decimals;
  }

  #rescale(ticksOf: (ticks: number) => number, lotsOf: (lots: number) => number): void {
    this.rescaled = true;
    // A level that is half read has its price in the former ticks.
    this.ticks = ticksOf(this.ticks);
    const side = (of: PriceLadderSnapshot): PriceLadderSnapshot => ({
      ticks: of.ticks.map(ticksOf),
      lots: of.lots.map(lotsOf),
      orders: of.orders,
    });
    const before = this.levels.snapshot();
    const after = { bids: side(before.bids), asks: side(before.asks) };
    for (const { ticks, lots } of [after.bids, after.asks]) {
      if (ticks.some(isUnsafe) || lots.some(isUnsafe)) throw new RangeError('a level of at most 2^53 units');
    }
    this.levels.restore(after);
    for (const texts of [this.#oddPrices, this.#oddSizes]) {
      const moved = [...texts].map(([key, text]) => [rekeyed(key, ticksOf), text] as const);
      texts.clear();
      for (const [key, text] of moved) texts.set(key, text);
    }
  }

  #side(side: PriceLadder, levels: number, keyOf: (ticks: number) => number): readonly TextLevel[] {
    return side
      .levels()
      .slice(0, levels)
      .map(({ ticks, lots }) => [
        this.#oddPrices.get(keyOf(ticks)) ?? this.#priceForm.text(ticks * this.#tickUnits, this.#priceDecimals),
        this.#oddSizes.get(keyOf(ticks)) ?? this.#sizeForm.text(lots, this.#lotDecimals),
      ]);
  }
}

export interface DecimalBookSnapshot {
  readonly levels: LevelBookSnapshot;
  readonly priceDecimals: number;
  readonly tickUnits: number;
  readonly lotDecimals: number;
  readonly definedTickNano: number | undefined;
  readonly rescaled: boolean;
  readonly forms: readonly [TextFormSnapshot, TextFormSnapshot];
  readonly oddPrices: readonly (readonly [number, string])[];
  readonly oddSizes: readonly (readonly [number, string])[];
}

function isUnsafe(units: number): boolean {
  return units > Number.MAX_SAFE_INTEGER;
}

/** Keys of levels: bids 0 and up, asks −1 and down. */
function bidKey(ticks: number): number {
  return ticks;
}

function askKey(ticks: number): number {
  return -ticks - 1;
}

function rekeyed(key: number, ticksOf: (ticks: number) => number): number {
  return key >= 0 ? bidKey(ticksOf(key)) : askKey(ticksOf(-key - 1));
}

/** Decimals that the cursor's last number needs. */
function neededDecimals(cursor: JsonCursor, what: string): number {
  const [mantissa = '', exponent = '0'] = cursor.text().toLowerCase().split('e');
  const fraction = (mantissa.split('.')[1] ?? '').replace(/0+$/, '');
  const decimals = fraction.length - Number(exponent);
  if (decimals > MOST_DECIMALS) throw new RangeError(`a ${what} of ${decimals} decimals; ${MOST_DECIMALS} can be held`);
  return decimals;
}
