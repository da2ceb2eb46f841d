import { ACTION, FLAG, SIDE } from '../../codec/dbn/layout.ts';
import type { DbnRecordWriter } from '../../codec/dbn/write-record.ts';
import type { MarketSpec } from './market-spec.ts';
import { type LadderSnapshot, LEVEL_NUMBERS, PriceLadder, SHOWN_LEVELS } from './price-ladder.ts';

/** Resting lots by depth that a level tends to, before scale. */
const PROFILE = [11, 19, 25, 29, 32, 34, 36, 37, 38, 38] as const;
/** Levels kept filled beyond those that are shown, so that a sweep never uncovers an empty one. */
const KEPT_LEVELS = SHOWN_LEVELS + 8;

/** An order that shows a part of itself, first in its queue, and refills from a reserve when that is taken. */
export interface Iceberg {
  readonly isBid: boolean;
  readonly price: number;
  readonly display: number;
  /** Lots of the part that shows now. */
  shown: number;
  reserve: number;
}

export interface FutureBookSnapshot {
  readonly ladder: LadderSnapshot;
  readonly iceberg: Iceberg | undefined;
  readonly records: number;
}

/** What an aggressor did. */
export interface Execution {
  lots: number;
  levels: number;
  atIceberg: number;
}

/**
 * The book of one simulated future and the records that its events leave behind, in the form in which CME depth comes
 * from Databento: a trade `T` for each price with the book as it was, then what left the book (`C`) level by level, LAST
 * on the final record of an event. Prices in ticks.
 */
export class FutureBook {
  readonly ladder: PriceLadder;
  iceberg: Iceberg | undefined;
  /** Records written so far. */
  records = 0;
  /** Lots of the last `execute`; overwritten by the next. */
  readonly execution: Execution = { lots: 0, levels: 0, atIceberg: 0 };
  readonly #spec: MarketSpec;
  readonly #seed: number;
  readonly #levels = new Float64Array(SHOWN_LEVELS * LEVEL_NUMBERS);
  readonly #plan = new Int32Array(SHOWN_LEVELS * 2);

  constructor(spec: MarketSpec, seed: number) {
    this.#spec = spec;
    this.#seed = seed;
    this.ladder = new PriceLadder(spec.startTicks, spec.tickNano);
    this.fillFar(1);
  }

  /**
   * Lots that a level tends to: more further from the price, more at round prices, and by a factor of its own that a
   * price keeps, which is what makes bands on a heatmap.
   */
  target(price: number, depth: number, depthFactor: number): number {
    const profile = PROFILE[depth < SHOWN_LEVELS ? depth : SHOWN_LEVELS - 1]!;
    let hash = Math.imul(price ^ this.#seed, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    const own = 0.55 + ((hash >>> 8) & 0xff) / 255;
    const heavy = (hash & 0x1f) === 0 ? 2.2 : 1;
    const round = price % this.#spec.roundTicks === 0 ? 1.9 : 1;
    return profile * this.#spec.depthScale * depthFactor * own * heavy * round;
  }

  /** Seeds levels that come near enough to matter and were never quoted. */
  fillFar(depthFactor: number): void {
    const { ladder } = this;
    ladder.recentre();
    for (let depth = 0; depth < KEPT_LEVELS; depth++) {
      this.#seedLevel(ladder.bid - depth, depth, depthFactor);
      this.#seedLevel(ladder.ask + depth, depth, depthFactor);
    }
  }

  #seedLevel(price: number, depth: number, depthFactor: number): void {
    if (this.ladder.size(price) > 0) return;
    const size = Math.max(1, Math.floor(this.target(price, depth, depthFactor)));
    this.ladder.set(price, size, Math.ceil(size / 3));
  }

  /** Lots that an iceberg shows at a price: those stay until they are traded. */
  restingIceberg(isBid: boolean, price: number): number {
    const { iceberg } = this;
    return iceberg !== undefined && iceberg.isBid === isBid && iceberg.price === price ? iceberg.shown : 0;
  }

  /** A new order; at a price inside the spread it becomes the best. */
  add(out: DbnRecordWriter, sequence: number, tsInDelta: number, isBid: boolean, price: number, lots: number): void {
    this.#put(isBid, price, lots);
    this.#emit(out, ACTION.ADD, isBid, FLAG.LAST, price, lots, tsInDelta, sequence);
  }

  /** An order leaves. The best level may vanish with it, deeper ones keep a lot. */
  cancel(
    out: DbnRecordWriter,
    sequence: number,
    tsInDelta: number,
    isBid: boolean,
    price: number,
    lots: number,
    depthFactor: number,
  ): void {
    const depth = isBid ? this.ladder.bid - price : price - this.ladder.ask;
    this.#take(isBid, price, lots);
    this.#emitAt(out, ACTION.CANCEL, isBid, FLAG.LAST, price, depth, lots, tsInDelta, sequence);
    if (depth === 0) this.fillFar(depthFactor);
  }

  /** An order changes from one size to another at its price; `delta` must leave a lot at the level. */
  modify(
    out: DbnRecordWriter,
    sequence: number,
    tsInDelta: number,
    isBid: boolean,
    price: number,
    newLots: number,
    delta: number,
  ): void {
    const { ladder } = this;
    ladder.set(price, ladder.size(price) + delta, ladder.count(price));
    this.#emit(out, ACTION.MODIFY, isBid, FLAG.LAST, price, newLots, tsInDelta, sequence);
  }

  /** An aggressor takes up to `lots` over at most `mostLevels` prices. What happened is in `execution`. */
  execute(
    out: DbnRecordWriter,
    sequence: number,
    tsInDelta: number,
    isBuy: boolean,
    lots: number,
    mostLevels: number,
    depthFactor: number,
  ): void {
    const levels = this.#split(isBuy, lots, mostLevels);
    this.#emitTrades(out, isBuy, levels, tsInDelta, sequence);
    const refill = this.#reserveTaken(levels);
    for (let level = 0; level < levels; level++) {
      const price = this.#plan[level * 2]!;
      const visible = Math.min(this.#plan[level * 2 + 1]!, this.ladder.size(price));
      const isLast = level === levels - 1 && refill === 0;
      this.#take(!isBuy, price, visible);
      this.#emitAt(out, ACTION.CANCEL, !isBuy, isLast ? FLAG.LAST : 0, price, 0, visible, tsInDelta, sequence);
    }
    if (refill > 0) this.add(out, sequence, tsInDelta, !isBuy, this.iceberg!.price, refill);
    this.fillFar(depthFactor);
  }

  /** Writes the present book as an image from a snapshot. */
  image(out: DbnRecordWriter, sequence: number, tsInDelta: number): void {
    const { ladder } = this;
    this.#emit(
      out,
      ACTION.ADD,
      true,
      FLAG.LAST | FLAG.SNAPSHOT,
      ladder.bid,
      ladder.size(ladder.bid),
      tsInDelta,
      sequence,
    );
  }

  snapshot(): FutureBookSnapshot {
    return { ladder: this.ladder.snapshot(), iceberg: structuredClone(this.iceberg), records: this.records };
  }

  restore(snapshot: FutureBookSnapshot): void {
    this.ladder.restore(snapshot.ladder);
    this.iceberg = structuredClone(snapshot.iceberg);
    this.records = snapshot.records;
  }

  /** Splits an aggressor over prices: pairs of price and lots in `#plan`. Returns how many. */
  #split(isBuy: boolean, lots: number, mostLevels: number): number {
    const { ladder, iceberg } = this;
    let left = lots;
    let levels = 0;
    let price = isBuy ? ladder.ask : ladder.bid;
    while (left > 0 && levels < mostLevels) {
      const hidden = iceberg !== undefined && iceberg.isBid !== isBuy && iceberg.price === price ? iceberg.reserve : 0;
      const taken = Math.min(left, ladder.size(price) + hidden);
      this.#plan[levels * 2] = price;
      this.#plan[levels * 2 + 1] = taken;
      left -= taken;
      levels++;
      if (hidden > 0) break;
      price += isBuy ? 1 : -1;
    }
    this.execution.lots = lots - left;
    this.execution.levels = levels;
    return levels;
  }

  /** Takes from the iceberg's reserve what the plan needs beyond the display. Returns the lots that it shows anew. */
  #reserveTaken(levels: number): number {
    this.execution.atIceberg = 0;
    const { iceberg } = this;
    const price = this.#plan[(levels - 1) * 2]!;
    if (iceberg === undefined || iceberg.price !== price) return 0;
    const taken = this.#plan[(levels - 1) * 2 + 1]!;
    this.execution.atIceberg = taken;
    iceberg.reserve -= Math.max(0, taken - this.ladder.size(price));
    iceberg.shown -= Math.min(iceberg.shown, taken);
    if (iceberg.shown > 0) return 0;
    iceberg.shown = Math.min(iceberg.display, iceberg.reserve);
    iceberg.reserve -= iceberg.shown;
    return iceberg.shown;
  }

  #emitTrades(out: DbnRecordWriter, isBuy: boolean, levels: number, tsInDelta: number, sequence: number): void {
    this.ladder.image(this.#levels);
    const side = isBuy ? SIDE.BID : SIDE.ASK;
    for (let level = 0; level < levels; level++) {
      const priceNano = this.#plan[level * 2]! * this.#spec.tickNano;
      out.mbp10(ACTION.TRADE, side, 0, level, priceNano, this.#plan[level * 2 + 1]!, tsInDelta, sequence, this.#levels);
      this.records++;
    }
  }

  #put(isBid: boolean, price: number, lots: number): void {
    const { ladder } = this;
    if (isBid && price > ladder.bid) ladder.bid = price;
    if (!isBid && price < ladder.ask) ladder.ask = price;
    ladder.set(price, ladder.size(price) + lots, ladder.count(price) + 1);
  }

  #take(isBid: boolean, price: number, lots: number): void {
    const { ladder } = this;
    const size = ladder.size(price);
    const left = size - lots;
    ladder.set(price, left, Math.round((ladder.count(price) * left) / size));
    if (left > 0) return;
    if (isBid) ladder.bid = price - 1;
    else ladder.ask = price + 1;
  }

  #emit(
    out: DbnRecordWriter,
    action: number,
    isBid: boolean,
    flags: number,
    price: number,
    lots: number,
    tsInDelta: number,
    sequence: number,
  ): void {
    const depth = isBid ? this.ladder.bid - price : price - this.ladder.ask;
    this.#emitAt(out, action, isBid, flags, price, depth, lots, tsInDelta, sequence);
  }

  #emitAt(
    out: DbnRecordWriter,
    action: number,
    isBid: boolean,
    flags: number,
    price: number,
    depth: number,
    lots: number,
    tsInDelta: number,
    sequence: number,
  ): void {
    this.ladder.image(this.#levels);
    const side = isBid ? SIDE.BID : SIDE.ASK;
    out.mbp10(action, side, flags, depth, price * this.#spec.tickNano, lots, tsInDelta, sequence, this.#levels);
    this.records++;
  }
}
