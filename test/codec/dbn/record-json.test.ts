import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RTYPE, UNDEF_PRICE, UNDEF_TIMESTAMP } from '../../../main/codec/dbn/layout.ts';
import type { JsonRecord } from '../../../main/codec/dbn/record-json.ts';
import { decodeWhole } from './dbn-fixtures.ts';

/** A version-3 record of one type, filled by `fill`, as JSON. */
function json(rtype: number, bytes: number, fill: (view: DataView) => void): JsonRecord {
  const record = new Uint8Array(bytes);
  record[0] = bytes / 4;
  record[1] = rtype;
  fill(new DataView(record.buffer));
  return decodeWhole(record, true).records[0]!;
}

/** Decimal text by string arithmetic only. */
function decimal(nano: bigint): string {
  const digits = (nano < 0n ? -nano : nano).toString().padStart(10, '0');
  return `${nano < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

describe('fields as JSON', () => {
  test('any price is a decimal with nine digits behind the point, any time its nanoseconds', () => {
    const price = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 2n }),
      fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
    );
    const time = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 2n }), fc.bigInt({ min: 0n, max: 5000n }));
    fc.assert(
      fc.property(price, time, (nano, ns) => {
        const record = json(RTYPE.MBP_0, 48, (view) => {
          view.setBigInt64(16, nano, true);
          view.setBigUint64(32, ns, true);
        });
        expect(record['price']).toBe(decimal(nano));
        expect(record['ts_recv']).toBe(ns.toString());
      }),
      { numRuns: 3000 },
    );
  });

  test('what is undefined is null, and so is a NUL character', () => {
    const record = json(RTYPE.MBP_0, 48, (view) => {
      view.setBigInt64(16, UNDEF_PRICE, true);
      view.setUint32(24, 0xffffffff, true);
      view.setBigUint64(32, UNDEF_TIMESTAMP, true);
    });
    expect(record).toMatchObject({ price: null, size: null, ts_recv: null, action: null, side: null });
    const statistic = json(RTYPE.STATISTICS, 80, (view) => view.setBigInt64(40, UNDEF_PRICE, true));
    expect(statistic['quantity']).toBeNull();
    const old = json(RTYPE.STATISTICS, 64, (view) => view.setInt32(40, 2147483647, true));
    expect(old['quantity']).toBeNull();
  });

  test('signed fields keep their sign, large counts their digits', () => {
    const definition = json(RTYPE.INSTRUMENT_DEF, 520, (view) => {
      view.setInt16(212, -2, true);
      view.setInt8(498, -3);
      view.setInt32(136, -4, true);
      view.setBigUint64(112, 2n ** 63n + 1n, true);
    });
    expect(definition).toMatchObject({
      appl_id: -2,
      contract_multiplier_unit: -3,
      inst_attrib_value: -4,
      raw_instrument_id: '9223372036854775809',
    });
    const statistic = json(RTYPE.STATISTICS, 80, (view) => view.setBigInt64(40, -5n, true));
    expect(statistic['quantity']).toBe('-5');
    const old = json(RTYPE.STATISTICS, 64, (view) => view.setInt32(40, -5, true));
    expect(old['quantity']).toBe('-5');
    const bar = json(RTYPE.OHLCV_1D, 56, (view) => view.setBigUint64(48, 2n ** 64n - 1n, true));
    expect(bar['volume']).toBe('18446744073709551615');
  });

  test('consolidated levels name publishers, others count orders', () => {
    const consolidated = json(RTYPE.CMBP_1, 80, (view) => view.setUint16(72, 40, true));
    expect(consolidated['levels']).toMatchObject([{ bid_pb: 40, ask_pb: 0 }]);
    const sampled = json(RTYPE.BBO_1S, 80, (view) => view.setUint32(76, 70000, true));
    expect(sampled['levels']).toMatchObject([{ bid_ct: 0, ask_ct: 70000 }]);
    expect(sampled['sequence']).toBe(0);
  });
});
