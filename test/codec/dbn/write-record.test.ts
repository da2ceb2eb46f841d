import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DbnDecoder } from '../../../main/codec/dbn/decoder.ts';
import { ACTION, FLAG, RTYPE, SIDE, STATUS_ACTION } from '../../../main/codec/dbn/layout.ts';
import { recordToJson } from '../../../main/codec/dbn/record-json.ts';
import { DbnRecordWriter } from '../../../main/codec/dbn/write-record.ts';
import { decodeWhole } from './dbn-fixtures.ts';

function decimal(nano: number): string | null {
  if (Number.isNaN(nano)) return null;
  const digits = String(Math.abs(nano)).padStart(10, '0');
  return `${nano < 0 ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

const price = fc.oneof(fc.integer({ min: -(2 ** 40), max: 2 ** 52 }), fc.maxSafeInteger(), fc.constant(Number.NaN));
const us = fc.integer({ min: 1, max: 2 ** 53 - 2 });
const ns = fc.integer({ min: 0, max: 999 });
const u32 = fc.integer({ min: 0, max: 2 ** 32 - 2 });
const u8 = fc.integer({ min: 0, max: 255 });
const i32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const time = fc.tuple(us, ns, us, ns);
const level = fc.tuple(price, price, u32, u32, u32, u32);

function nsText(micros: number, nanos: number): string {
  return (BigInt(micros) * 1000n + BigInt(nanos)).toString();
}

describe('written records read back as what was written', () => {
  test('mbp-10', () => {
    const levels = fc.array(level, { minLength: 10, maxLength: 10 });
    const writer = new DbnRecordWriter(256);
    fc.assert(
      fc.property(time, levels, price, u32, u8, u8, i32, u32, (at, ten, px, size, flags, depth, delta, sequence) => {
        writer.clear();
        writer.instrument(1, 4294967295);
        writer.time(...at);
        writer.mbp10(ACTION.MODIFY, SIDE.ASK, flags, depth, px, size, delta, sequence, Float64Array.from(ten.flat()));
        const { records, error } = decodeWhole(writer.written(), true);
        expect(error).toBeUndefined();
        expect(records).toEqual([
          {
            hd: { rtype: 10, publisher_id: 1, instrument_id: 4294967295, ts_event: nsText(at[0], at[1]) },
            ts_recv: nsText(at[2], at[3]),
            action: 'M',
            side: 'A',
            depth,
            price: decimal(px),
            size,
            flags,
            ts_in_delta: delta,
            sequence,
            levels: ten.map(([bid, ask, bid_sz, ask_sz, bid_ct, ask_ct]) => ({
              bid_px: decimal(bid),
              ask_px: decimal(ask),
              bid_sz,
              ask_sz,
              bid_ct,
              ask_ct,
            })),
          },
        ]);
      }),
      { numRuns: 300 },
    );
  });

  test('mbo, trades, mbp-1 and bars of one buffer, in order', () => {
    const writer = new DbnRecordWriter(64);
    fc.assert(
      fc.property(time, fc.maxSafeInteger().map(Math.abs), price, u32, (at, orderId, px, size) => {
        writer.clear();
        writer.instrument(65535, 7);
        writer.time(...at);
        writer.mbo(ACTION.ADD, SIDE.BID, FLAG.LAST, 5, orderId, px, size, -3, 9);
        writer.trade(SIDE.NONE, FLAG.LAST | 1, px, size, 2, 10);
        writer.mbp1(ACTION.CLEAR, SIDE.NONE, 8, 0, px, size, 1, 11, [px, px, 1, 2, 3, 4]);
        writer.ohlcv(RTYPE.OHLCV_1M, px, 1, 2, 3, orderId);
        const { records } = decodeWhole(writer.written(), true);
        const hd = { publisher_id: 65535, instrument_id: 7, ts_event: nsText(at[0], at[1]) };
        const common = { ts_recv: nsText(at[2], at[3]), price: decimal(px), size };
        expect(records).toMatchObject([
          { hd: { ...hd, rtype: 160 }, ...common, order_id: String(orderId), action: 'A', side: 'B', channel_id: 5 },
          { hd: { ...hd, rtype: 0 }, ...common, action: 'T', side: 'N', flags: 129, ts_in_delta: 2, sequence: 10 },
          { hd: { ...hd, rtype: 1 }, ...common, action: 'R', levels: [{ bid_px: decimal(px), ask_ct: 4 }] },
          { hd: { ...hd, rtype: 33 }, open: decimal(px), close: '0.000000003', volume: String(orderId) },
        ]);
      }),
      { numRuns: 300 },
    );
  });

  test('a definition says what it was given, and that the rest is undefined', () => {
    const writer = new DbnRecordWriter();
    writer.instrument(1, 42);
    writer.time(1_700_000_000_000_000, 1, 1_700_000_000_000_001, 2);
    writer.definition({ raw_symbol: '6EZ6', min_price_increment: 50_000, instrument_class: 'F', asset: '6E' });
    const [record] = decodeWhole(writer.written(), true).records;
    expect(record).toMatchObject({
      hd: { rtype: 19, instrument_id: 42, ts_event: '1700000000000000001' },
      ts_recv: '1700000000000001002',
      raw_symbol: '6EZ6',
      min_price_increment: '0.000050000',
      instrument_class: 'F',
      asset: '6E',
      expiration: null,
      strike_price: null,
      user_defined_instrument: 'N',
      market_depth: 2147483647,
      leg_count: 0,
    });
  });

  test('symbol mapping, status, system and error', () => {
    const writer = new DbnRecordWriter();
    writer.instrument(1, 42);
    writer.time(5, 0, 6, 7);
    writer.symbolMapping({
      stype_in: 3,
      stype_in_symbol: '6E.v.0',
      stype_out: 1,
      stype_out_symbol: '6EZ6',
      start_ts: 1,
    });
    writer.status({ action: STATUS_ACTION.TRADING, is_trading: 'Y' });
    writer.system({ msg: 'Heartbeat', code: 0 });
    writer.error({ err: 'gone', code: 7, is_last: 1 });
    expect(decodeWhole(writer.written(), true).records).toMatchObject([
      { stype_in: 3, stype_in_symbol: '6E.v.0', stype_out_symbol: '6EZ6', start_ts: '1', end_ts: null },
      { hd: { rtype: 18 }, ts_recv: '6007', action: 7, reason: 0, is_trading: 'Y', is_quoting: '~' },
      { hd: { rtype: 23 }, msg: 'Heartbeat', code: 0 },
      { hd: { rtype: 21 }, err: 'gone', code: 7, is_last: 1 },
    ]);
  });

  test('a text that does not fit is refused', () => {
    const writer = new DbnRecordWriter();
    expect(() => writer.definition({ currency: 'EURO' })).toThrow(/currency holds at most 3 bytes/);
  });

  test('a thousand records cut anywhere come back in order', () => {
    const writer = new DbnRecordWriter(16);
    for (let k = 0; k < 1000; k += 1) writer.trade(SIDE.BID, FLAG.LAST, k, 1, 0, k);
    const decoder = new DbnDecoder({ fragment: true });
    const sequences: unknown[] = [];
    for (let at = 0; at < writer.byteLength; at += 31) {
      decoder.push(writer.written().subarray(at, at + 31));
      while (decoder.next()) sequences.push(recordToJson(decoder)['sequence']);
    }
    expect(sequences).toEqual(Array.from({ length: 1000 }, (_, k) => k));
  });
});
