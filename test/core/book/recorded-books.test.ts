import { describe, expect, test } from 'vitest';
import { openDbn } from '../../../main/codec/dbn/file.ts';
import { Engine } from '../../../main/core/engine.ts';
import { RecordMapper } from '../../../main/feeds/databento/record-mapper.ts';
import { fixture, haveFixtures, readFixture } from '../../fixtures.ts';

const MBO =
  'databento/nautilus/order_book_deltas_catalog/orderbooks_mbo_2024-05-08T00-00-00_2024-05-08T00-00-02.dbn.zst';
const DERIVED = 'databento/derived/esm4-20240508-2s.mbp-10.derived.dbn.zst';
const CHECKPOINTS = 'databento/derived/esm4-20240508-2s.mbp-10.derived.dbn.checkpoints.json';
const ESM4 = 5602;

type Row = readonly [nano: number, lots: number, orders: number];
interface Checkpoint {
  readonly record: number;
  readonly bids: readonly Row[];
  readonly asks: readonly Row[];
}

/** Plays a file and calls back after every record. */
async function play(file: string, visit: (mapper: RecordMapper, records: number) => void): Promise<RecordMapper> {
  const engine = new Engine({ continuity: 'file' });
  const mapper = new RecordMapper(engine);
  let records = 0;
  for await (const decoder of openDbn(fixture(file))) {
    while (decoder.next()) {
      engine.arrive(mapper.arrivalUs(decoder));
      mapper.apply(decoder);
      visit(mapper, ++records);
    }
  }
  return mapper;
}

/** The ten levels that a market shows, in the form of the checkpoints. */
function image(mapper: RecordMapper): { bids: Row[]; asks: Row[] } {
  const { depth, instrument } = mapper.slotOf(ESM4)!.market;
  const rows = (price: Float64Array, size: Float64Array, orders: Float64Array): Row[] =>
    Array.from(price, (ticks, level) => [ticks * instrument.tickNano, size[level]!, orders[level]!] as const);
  return {
    bids: rows(depth.bidPrice, depth.bidSize, depth.bidOrders),
    asks: rows(depth.askPrice, depth.askSize, depth.askOrders),
  };
}

describe.skipIf(!haveFixtures)('recorded books of ESM4', () => {
  test('by order, the end state has every level and order', async () => {
    const mapper = await play(MBO, () => undefined);
    const { orders, unknownOrders } = mapper.slotOf(ESM4)!;
    expect([orders!.bids.count, orders!.asks.count, orders!.orderCount, unknownOrders]).toEqual([976, 571, 13_598, 0]);
    const { bids, asks } = image(mapper);
    expect([bids[0]!.slice(0, 2), asks[0]!.slice(0, 2)]).toEqual([
      [5_214_000_000_000, 28],
      [5_214_250_000_000, 17],
    ]);
  });

  test('by level, the checkpoints of the derived file hold', async () => {
    const checkpoints = JSON.parse(new TextDecoder().decode(readFixture(CHECKPOINTS))) as Checkpoint[];
    let seen = 0;
    await play(DERIVED, (mapper, records) => {
      const checkpoint = checkpoints.find(({ record }) => record === records);
      if (checkpoint === undefined) return;
      seen++;
      expect(image(mapper)).toEqual({ bids: checkpoint.bids, asks: checkpoint.asks });
    });
    expect(seen).toBe(checkpoints.length);
  });

  test('by order and by level, the ten best levels agree after every event that both have', async () => {
    const byOrder = new Map<number, string>();
    await play(MBO, (mapper) => {
      if (mapper.judged) byOrder.set(mapper.market!.tsEventUs, JSON.stringify(image(mapper)));
    });
    const byLevel = new Map<number, string>();
    await play(DERIVED, (mapper) => {
      if (mapper.judged) byLevel.set(mapper.market!.tsEventUs, JSON.stringify(image(mapper)));
    });
    const both = [...byLevel.keys()].filter((us) => byOrder.has(us));
    expect(both.length).toBeGreaterThan(100);
    for (const us of both) expect(byOrder.get(us)).toBe(byLevel.get(us));
  });
});
