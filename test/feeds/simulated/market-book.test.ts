import { describe, expect, test } from 'vitest';
import { MARKET_SPECS } from '../../../main/feeds/simulated/market-spec.ts';
import { type PlainDepth, type PlainLevel, readDepth, readStream } from './plain-reader.ts';
import { simulate } from './simulate.ts';

const LAST = 0x80;
const SNAPSHOT = 0x20;

/** Slow reference: every level ever seen by price; applies adds and cancels and learns what comes into sight far out. */
class ReferenceSide {
  readonly #levels = new Map<bigint, number>();
  readonly #better: (a: bigint, b: bigint) => boolean;

  constructor(isBid: boolean) {
    this.#better = isBid ? (a, b) => a > b : (a, b) => a < b;
  }

  apply(record: PlainDepth, image: readonly PlainLevel[]): void {
    const before = this.#levels.get(record.price) ?? 0;
    let after = before;
    if (record.action === 'A') after = before + record.size;
    if (record.action === 'C') after = before - record.size;
    if (record.action === 'M') after = image.find((level) => level.price === record.price)!.size;
    if (after < 0) throw new Error(`${record.size} lots cancelled of ${before} at ${record.price}`);
    if (after === 0) this.#levels.delete(record.price);
    else this.#levels.set(record.price, after);
  }

  learn(image: readonly PlainLevel[]): void {
    for (const level of image) {
      const isFurther = [...this.#levels.keys()].every((price) => this.#better(price, level.price));
      if (!this.#levels.has(level.price) && isFurther) this.#levels.set(level.price, level.size);
    }
  }

  top(): { price: bigint; size: number }[] {
    return [...this.#levels]
      .map(([price, size]) => ({ price, size }))
      .sort((a, b) => (this.#better(a.price, b.price) ? -1 : 1))
      .slice(0, 10);
  }
}

function plain(image: readonly PlainLevel[]): { price: bigint; size: number }[] {
  return image.map(({ price, size }) => ({ price, size }));
}

describe.each(MARKET_SPECS.map((spec) => [spec.root, spec] as const))('book of %s', (root, spec) => {
  const { market, bytes } = simulate(900, { eventsPerSecond: 40, products: [root], seed: 5 });
  const stream = readStream(bytes);
  const depth = stream.records
    .filter((record) => record.rtype === 0x0a)
    .map((record) => readDepth(stream.view, record));

  test('ten levels a side, never crossed, on tick, with orders for the lots', () => {
    const tick = BigInt(spec.tickNano);
    expect(depth.length).toBeGreaterThan(20_000);
    for (const { bids, asks } of depth) {
      let fine = bids[0]!.price < asks[0]!.price;
      for (let level = 0; level < 10; level++) {
        for (const { price, size, orders } of [bids[level]!, asks[level]!]) {
          fine &&= price % tick === 0n && size > 0 && orders > 0 && orders <= size;
        }
        fine &&=
          level === 0 || (bids[level]!.price < bids[level - 1]!.price && asks[level]!.price > asks[level - 1]!.price);
      }
      if (!fine) expect({ bids, asks }).toBe('a sound book');
    }
  });

  test('every image is what a slow book makes of the events', () => {
    const bids = new ReferenceSide(true);
    const asks = new ReferenceSide(false);
    for (const [index, record] of depth.entries()) {
      if (index > 0 && record.action !== 'T') {
        (record.side === 'B' ? bids : asks).apply(record, record.side === 'B' ? record.bids : record.asks);
      }
      bids.learn(record.bids);
      asks.learn(record.asks);
      if (index % 7 === 0 || record.action === 'T') {
        expect(bids.top()).toEqual(plain(record.bids));
        expect(asks.top()).toEqual(plain(record.asks));
      }
    }
  });

  test('the depth of a record is where its level stood', () => {
    let checked = 0;
    for (const [index, record] of depth.entries()) {
      if (record.flags & SNAPSHOT || index === 0) continue;
      const book = record.action === 'C' ? depth[index - 1]! : record;
      const resting =
        record.action === 'T'
          ? record.side === 'B'
            ? book.asks
            : book.bids
          : record.side === 'B'
            ? book.bids
            : book.asks;
      if (resting[record.depth]?.price !== record.price) expect(record).toBe(`at depth ${record.depth}`);
      checked++;
    }
    expect(checked).toBeGreaterThan(20_000);
  });

  test('trades take resting lots; more than was shown only from a planted iceberg', () => {
    const icebergs = market.truth().filter((truth) => truth.kind === 'iceberg');
    let beyondDisplay = 0;
    for (const record of depth) {
      if (record.action !== 'T') continue;
      const shown = (record.side === 'B' ? record.asks : record.bids)[record.depth]!.size;
      if (record.size <= shown) continue;
      beyondDisplay++;
      const at = Number(record.tsEventNs / 1000n);
      const ticks = Number(record.price / BigInt(spec.tickNano));
      const planted = icebergs.some(
        (iceberg) =>
          iceberg.priceTicks === ticks && iceberg.startUs <= at && (iceberg.endUs === 0 || at <= iceberg.endUs),
      );
      expect(planted).toBe(true);
    }
    expect(icebergs.length).toBeGreaterThan(0);
    expect(beyondDisplay).toBeGreaterThan(0);
  });

  test('each event has one sequence number and ends with LAST; sequences grow', () => {
    for (let index = 1; index < depth.length; index++) {
      const [before, record] = [depth[index - 1]!, depth[index]!];
      const ended = (before.flags & LAST) !== 0;
      const sound = ended
        ? record.sequence > before.sequence
        : record.sequence === before.sequence && record.tsEventNs === before.tsEventNs;
      if (!sound) expect({ before, record }).toBe('one event after the other');
      if (record.action === 'T') expect(record.flags & LAST).toBe(0);
    }
    expect(depth.at(-1)!.flags & LAST).toBe(LAST);
  });

  test('planted sweeps are seen as trades at several prices in one event', () => {
    const sweeps = market.truth().filter((truth) => truth.kind === 'sweep');
    for (const sweep of sweeps) {
      const trades = depth.filter(
        (record) => record.action === 'T' && record.tsEventNs / 1000n === BigInt(sweep.startUs),
      );
      expect(trades.length).toBe(sweep.levels);
      expect(new Set(trades.map((trade) => trade.price)).size).toBe(sweep.levels);
      expect(trades.reduce((lots, trade) => lots + trade.size, 0)).toBe(sweep.lots);
      expect(trades.every((trade) => trade.side === (sweep.direction === 1 ? 'B' : 'A'))).toBe(true);
    }
    expect(sweeps.length).toBeGreaterThan(0);
  });
});
