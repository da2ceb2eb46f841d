import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CRC_START, crcOf, crcOver } from '../../../main/feeds/kraken/crc32.ts';
import { decimalText, writeDigits, writeTextDigits } from '../../../main/feeds/kraken/digit-text.ts';
import { signatureOf } from '../../../main/feeds/kraken/kraken-rest.ts';
import { digitsOf } from './plain-book.ts';

describe('digits', () => {
  test('an integer is written as its digits', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.integer({ min: 1, max: 100_000 }),
          fc.maxSafeNat().filter((value) => value > 0),
        ),
        (value) => {
          const bytes = new Uint8Array(40);
          const end = writeDigits(value, bytes, 3);
          expect(Buffer.from(bytes.subarray(3, end)).toString()).toBe(String(value));
        },
      ),
      { numRuns: 5000 },
    );
  });

  test('a text is written without point and leading zeros', () => {
    const number = fc
      .tuple(fc.nat(99_999), fc.stringMatching(/^\d{0,12}$/))
      .map(([n, f]) => (f === '' ? `${n}` : `${n}.${f}`));
    fc.assert(
      fc.property(number, (text) => {
        const bytes = new Uint8Array(40);
        expect(Buffer.from(bytes.subarray(0, writeTextDigits(text, bytes, 0))).toString()).toBe(digitsOf(text));
      }),
    );
  });

  test('an integer is written as a decimal', () => {
    expect([decimalText(1500, 3), decimalText(7, 8), decimalText(12, 0)]).toEqual(['1.500', '0.00000007', '12']);
  });

  test('the checksum is CRC-32, taken in any pieces', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, cut) => {
        const at = Math.min(cut, bytes.length);
        const state = crcOver(crcOver(CRC_START, bytes, 0, at), bytes, at, bytes.length);
        expect(crcOf(state)).toBe(crc32(bytes));
      }),
    );
  });
});

test('the published example of a signature', () => {
  const secret = 'kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==';
  const body = 'nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25';
  expect(signatureOf('/0/private/AddOrder', '1616492376594', body, secret)).toBe(
    '4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==',
  );
});
