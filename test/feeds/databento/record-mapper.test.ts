import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openDbn } from '../../../main/codec/dbn/file.ts';
import { ACTION, FLAG, SIDE } from '../../../main/codec/dbn/layout.ts';
import { Engine } from '../../../main/core/engine.ts';
import { RecordMapper } from '../../../main/feeds/databento/record-mapper.ts';
import { fixture, haveFixtures } from '../../fixtures.ts';
import { LAST, Stream, Tally } from './records.ts';

const PRICE = 1_084_000_000;
const TICK = 50_000;
const MBO_FILE =
  'databento/nautilus/order_book_deltas_catalog/orderbooks_mbo_2024-05-08T00-00-00_2024-05-08T00-00-02.dbn.zst';

/** Ten levels around a bid; one lot more at the best for each `step`. */
function levels(bid = PRICE, step = 0): number[] {
  return Array.from({ length: 10 }, (_, level) => [
    bid - level * TICK,
    bid + (level + 1) * TICK,
    10 + step + level,
    20 + level,
    1,
    1,
  ]).flat();
}

function defined(stream: Stream, publisherId = 1, id = 10, symbol = '6EZ6', tick = TICK): Stream {
  return stream
    .of(publisherId, id)
    .play((out) => out.definition({ raw_symbol: symbol, min_price_increment: tick, instrument_class: 'F' }));
}

const SCHEMAS = ['trades', 'mbp-1', 'mbp-10', 'mbo'] as const;
type Schema = (typeof SCHEMAS)[number];

/** One trade as a schema prints it. */
function print(stream: Stream, schema: Schema, sequence: number, ticksUp: number, lots: number): void {
  const price = PRICE + ticksUp * TICK;
  stream.play((out) => {
    if (schema === 'trades') out.trade(SIDE.BID, LAST, price, lots, 0, sequence);
    else if (schema === 'mbp-1') out.mbp1(ACTION.TRADE, SIDE.BID, 0, 0, price, lots, 0, sequence, levels().slice(0, 6));
    else if (schema === 'mbp-10') out.mbp10(ACTION.TRADE, SIDE.BID, 0, 0, price, lots, 0, sequence, levels());
    else out.mbo(ACTION.TRADE, SIDE.BID, 0, 0, 0, price, lots, 0, sequence);
  });
}

describe('a trade counts once', () => {
  test('whatever schemas print it, in whatever order they first appear and however they are interleaved', () => {
    /** Each schema starts somewhere and prints every trade from there on; the streams are merged at random. */
    const merged = fc.record({
      sequences: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 12 }),
      order: fc.array(fc.nat(3), { minLength: 80, maxLength: 80 }),
      schemas: fc.subarray([...SCHEMAS], { minLength: 1 }),
    });
    fc.assert(
      fc.property(merged, ({ sequences, order, schemas }) => {
        const trades = sequences.map((_, index) => {
          const sequence = sequences.slice(0, index + 1).reduce((sum, step) => sum + step, 5);
          return { sequence, ticks: index, lots: index + 1 };
        });
        const stream = defined(new Stream());
        const next = schemas.map(() => 0);
        for (const pick of [...order, ...Array(schemas.length * trades.length).keys()]) {
          const which = pick % schemas.length;
          const trade = trades[next[which]!];
          if (trade === undefined) continue;
          next[which]!++;
          print(stream, schemas[which]!, trade.sequence, trade.ticks, trade.lots);
        }
        while (next.some((done) => done < trades.length)) {
          const which = next.findIndex((done) => done < trades.length);
          const trade = trades[next[which]!++]!;
          print(stream, schemas[which]!, trade.sequence, trade.ticks, trade.lots);
        }
        const base = PRICE / TICK;
        expect(stream.tally.trades).toEqual(trades.map(({ ticks, lots }) => `0:${base + ticks}x${lots}+`));
      }),
      { numRuns: 300 },
    );
  });

  test('sequence numbers that start again with the week go on counting', () => {
    const stream = defined(new Stream());
    for (const sequence of [100, 101, 102]) print(stream, 'trades', sequence, 0, 1);
    for (const sequence of [100, 101, 102, 103, 1, 2, 3]) print(stream, 'mbp-10', sequence, 0, 1);
    expect(stream.tally.trades).toHaveLength(3 + 4);
  });

  test('a print without a price or without lots is none', () => {
    const stream = defined(new Stream());
    stream.play((out) => out.trade(SIDE.NONE, LAST, Number.NaN, 5, 0, 1));
    stream.play((out) => out.trade(SIDE.NONE, LAST, PRICE, 0, 0, 2));
    stream.play((out) => out.trade(SIDE.NONE, LAST, PRICE, 3, 0, 3));
    expect(stream.tally.trades).toEqual([`0:${PRICE / TICK}x3?`]);
  });
});

describe('the book by order', () => {
  test('trades, fills and "none" never change it; cancels of unknown orders are counted', () => {
    const stream = defined(new Stream());
    const order = (action: number, side: number, flags: number, id: number, price: number, size: number) =>
      stream.play((out) => out.mbo(action, side, flags, 0, id, price, size, 0, id));
    order(ACTION.ADD, SIDE.BID, 0, 1, PRICE, 5);
    order(ACTION.ADD, SIDE.ASK, LAST, 2, PRICE + TICK, 7);
    const slot = stream.mapper.slotOf(10)!;
    const before = slot.orders!.snapshot();
    for (const action of [ACTION.TRADE, ACTION.FILL, ACTION.NONE]) order(action, SIDE.BID, LAST, 1, PRICE, 5);
    expect(slot.orders!.snapshot()).toEqual(before);
    order(ACTION.CANCEL, SIDE.BID, LAST, 99, PRICE, 1);
    expect(slot.unknownOrders).toBe(1);
    expect(stream.market().depth.bidSize[0]).toBe(5);
  });

  test('after lost records it is suspect until a snapshot starts with a clear', () => {
    const stream = defined(new Stream());
    const add = (id: number, flags: number = LAST) =>
      stream.play((out) => out.mbo(ACTION.ADD, SIDE.BID, flags, 0, id, PRICE, 5, 0, id));
    add(1);
    stream.mapper.lost();
    add(2);
    expect(stream.market().gapped).toBe(true);
    stream.play((out) => out.mbo(ACTION.CLEAR, SIDE.NONE, FLAG.SNAPSHOT, 0, 0, Number.NaN, 0, 0, 0));
    add(3, FLAG.SNAPSHOT | LAST);
    expect(stream.market().gapped).toBe(false);
    expect(stream.market().depth.bidSize[0]).toBe(5);
  });
});

describe('instruments', () => {
  test('a price off the tick is refused with price, tick, symbol and place', () => {
    const stream = defined(new Stream());
    const off = levels(PRICE + 1);
    expect(() => stream.play((out) => out.mbp10(ACTION.MODIFY, SIDE.BID, LAST, 0, PRICE, 1, 0, 1, off))).toThrow(
      /record at byte \d+: price 1\.084000001 of 6EZ6 is not a multiple of its tick 0\.00005;/,
    );
  });

  test('an unknown one keeps the raw unit; a definition that comes later voids the book and gives the tick', () => {
    const stream = new Stream();
    stream.play((out) => out.mbp10(ACTION.MODIFY, SIDE.BID, LAST, 0, PRICE, 1, 0, 1, levels()));
    const market = stream.market();
    expect(market.instrument).toMatchObject({ rawSymbol: '#10', tickNano: 1, tickSource: 'raw' });
    expect(market.depth.bidPrice[0]).toBe(PRICE);
    defined(stream);
    expect(market.instrument).toMatchObject({ label: '6E', tickNano: TICK, tickSource: 'definition' });
    expect([market.depth.hasBid, market.gapped]).toEqual([false, true]);
    stream.play((out) => out.mbp10(ACTION.MODIFY, SIDE.BID, LAST, 0, PRICE, 1, 0, 2, levels()));
    expect([market.depth.bidPrice[0], market.depth.bidPrice[9], market.gapped]).toEqual([
      PRICE / TICK,
      PRICE / TICK - 9,
      false,
    ]);
  });

  test('a mapping that comes later names it, whatever publisher the mapping carries', () => {
    const stream = new Stream();
    stream.play((out) => out.mbp10(ACTION.MODIFY, SIDE.BID, LAST, 0, PRICE, 1, 0, 1, levels()));
    stream.of(0, 10).play((out) => out.symbolMapping({ stype_in_symbol: '6E.v.0', stype_out_symbol: '6EZ6' }));
    expect(stream.market().instrument).toMatchObject({
      rawSymbol: '6EZ6',
      tickNano: TICK,
      tickSource: 'product-table',
    });
  });

  test('the same definition again changes nothing', () => {
    const stream = defined(new Stream());
    stream.play((out) => out.mbp10(ACTION.MODIFY, SIDE.BID, LAST, 0, PRICE, 1, 0, 1, levels()));
    defined(stream);
    expect(stream.market().depth.hasBid).toBe(true);
    expect(stream.tally.gaps).toEqual([]);
  });

  test('two publishers with one number are two markets, each with its own definition', () => {
    const stream = defined(defined(new Stream(), 1, 10), 2, 10, 'EURUSD', 10_000);
    for (const publisher of [1, 2, 1, 2]) {
      stream
        .of(publisher, 10)
        .play((out) => out.mbp1(ACTION.MODIFY, SIDE.BID, LAST, 0, PRICE, 1, 0, 1, levels().slice(0, 6)));
    }
    expect(stream.market(1, 10).depth.bidPrice[0]).toBe(PRICE / TICK);
    expect(stream.market(2, 10).depth.bidPrice[0]).toBe(PRICE / 10_000);
    expect(stream.engine.markets.map(({ events }) => events)).toEqual([2, 2]);
  });
});

describe('doubt', () => {
  test('a book that the venue doubts is judged, and stays marked until a sound one', () => {
    const stream = defined(new Stream());
    const image = (flags: number) =>
      stream.play((out) => out.mbp10(ACTION.MODIFY, SIDE.BID, flags, 0, PRICE, 1, 0, 1, levels()));
    image(LAST);
    image(LAST | FLAG.MAYBE_BAD_BOOK);
    expect([stream.market().gapped, stream.market().events]).toEqual([true, 2]);
    image(LAST);
    expect(stream.market().gapped).toBe(false);
    expect(stream.tally.gaps).toEqual(['0:maybe-bad-book']);
  });

  test('records that the gateway skipped are a gap in every market', () => {
    const stream = defined(new Stream());
    stream.play((out) => out.mbp10(ACTION.MODIFY, SIDE.BID, LAST, 0, PRICE, 1, 0, 1, levels()));
    stream.play((out) => out.error({ err: 'slow', code: 7 }));
    expect(stream.market().gapped).toBe(true);
  });

  test('an image without LAST is not judged', () => {
    const stream = defined(new Stream());
    stream.play((out) => out.mbp10(ACTION.MODIFY, SIDE.BID, 0, 0, PRICE, 1, 0, 1, levels()));
    expect([stream.tally.books, stream.mapper.judged]).toEqual([0, false]);
  });
});

test('only what differs from the last image is marked as changed', () => {
  const stream = defined(new Stream());
  const marks: number[] = [];
  stream.play((out) => out.mbp10(ACTION.MODIFY, SIDE.BID, LAST, 0, PRICE, 1, 0, 1, levels()));
  stream.play((out) => out.mbp10(ACTION.MODIFY, SIDE.BID, 0, 0, PRICE, 1, 0, 2, levels(PRICE, 1)));
  const { depth } = stream.market();
  for (let level = 0; level < 10; level++) marks.push((depth.changedBids >> level) & 1);
  expect([marks, depth.changedAsks]).toEqual([Array(10).fill(1), 0]);
});

test.skipIf(!haveFixtures)(
  'restored in the middle of an MBO file = never interrupted',
  { timeout: 30_000 },
  async () => {
    const file = fixture(MBO_FILE);
    const play = async (cutAt: number) => {
      let engine = new Engine({ continuity: 'file' });
      engine.addStage(new Tally());
      let mapper = new RecordMapper(engine);
      let records = 0;
      for await (const decoder of openDbn(file)) {
        while (decoder.next()) {
          if (records++ === cutAt) {
            const saved = structuredClone({ engine: engine.snapshot(), mapper: mapper.snapshot() });
            engine = new Engine({ continuity: 'file' });
            engine.addStage(new Tally());
            engine.restore(saved.engine);
            mapper = new RecordMapper(engine);
            mapper.restore(saved.mapper);
          }
          engine.arrive(mapper.arrivalUs(decoder));
          mapper.apply(decoder);
        }
      }
      return { records, engine: engine.snapshot(), mapper: mapper.snapshot() };
    };
    const straight = await play(-1);
    for (const share of [0.2, 0.7]) {
      expect(await play(Math.floor(straight.records * share))).toEqual(straight);
      expect(straight.engine.markets[0]!.events).toBeGreaterThan(100);
    }
  },
);
