import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonCursor, JsonTextError } from '../../../main/codec/json/json-cursor.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const ascii = (text: string) => bytesOf(text);

/** Reads any value through the cursor into plain JavaScript, so that it can be compared with JSON.parse. */
function read(cursor: JsonCursor): unknown {
  const first = String.fromCharCode(cursor.peek);
  if (first === '{') {
    const object: [string, unknown][] = [];
    cursor.enterObject();
    while (cursor.nextKey()) {
      const key = cursor.text();
      object.push([key, read(cursor)]);
    }
    return Object.fromEntries(object);
  }
  if (first === '[') {
    const list: unknown[] = [];
    cursor.enterList();
    while (cursor.nextItem()) list.push(read(cursor));
    return list;
  }
  if (first === '"') {
    cursor.string();
    return cursor.text();
  }
  if (first === 't' || first === 'f') return cursor.boolean();
  if (first === 'n') {
    cursor.skip();
    return null;
  }
  cursor.decimal();
  return Number(cursor.text());
}

const json = fc.letrec((value) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.integer({ min: -1e9, max: 1e9 }),
    fc.integer({ min: -1e9, max: 1e9 }).map((n) => n / 64),
    fc.boolean(),
    fc.constant(null),
    fc.array(value('value'), { maxLength: 6 }),
    fc.dictionary(fc.string(), value('value'), { maxKeys: 6, noNullPrototype: true }),
  ),
})).value;

describe('a JSON cursor', () => {
  test('reads what JSON.parse reads, however it is spaced', () => {
    fc.assert(
      fc.property(json, fc.constantFrom(0, 1, '\t'), (value, indent) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        const text = JSON.stringify(value, undefined, indent);
        const cursor = new JsonCursor();
        cursor.open(bytesOf(text));
        expect(read(cursor)).toEqual(JSON.parse(text));
        expect(cursor.at).toBe(bytesOf(text).length);
      }),
    );
  });

  test('passes over any value', () => {
    fc.assert(
      fc.property(json, json, (skipped, kept) => {
        const cursor = new JsonCursor();
        cursor.open(bytesOf(JSON.stringify([skipped, kept])));
        cursor.enterList();
        cursor.nextItem();
        cursor.skip();
        expect(cursor.nextItem()).toBe(true);
        expect(read(cursor)).toEqual(kept);
        expect(cursor.nextItem()).toBe(false);
      }),
    );
  });

  test('keeps the digits of a decimal as they stand', () => {
    const cursor = new JsonCursor();
    for (const [text, digits, decimals] of [
      ['0.00100000', 100_000, 8],
      ['"45285.20"', 4_528_520, 2],
      ['-12.5', -125, 1],
      ['0', 0, 0],
      ['1e-8', 1, 8],
      ['2.5E+3', 25, -2],
      ['9007199254740991', Number.MAX_SAFE_INTEGER, 0],
    ] as const) {
      cursor.open(bytesOf(text));
      cursor.decimal();
      expect([cursor.digits, cursor.decimals, cursor.text()]).toEqual([digits, decimals, text.replaceAll('"', '')]);
    }
  });

  test('compares a key with ASCII bytes', () => {
    const cursor = new JsonCursor();
    cursor.open(bytesOf('{"price":1}'));
    cursor.enterObject();
    cursor.nextKey();
    expect(cursor.is(ascii('price'))).toBe(true);
    expect(cursor.is(ascii('prices'))).toBe(false);
    expect(cursor.is(ascii('pricf'))).toBe(false);
  });

  test('refuses numbers that are none or too long to be exact', () => {
    const cursor = new JsonCursor();
    for (const text of ['"x"', '-', '.', '90071992547409925', '"1.5', '1e']) {
      cursor.open(bytesOf(text));
      expect(() => cursor.decimal(), text).toThrow(JsonTextError);
    }
  });

  test('cut anywhere, ends in a JsonTextError and never in a hang', () => {
    fc.assert(
      fc.property(json, fc.nat(), (value, cut) => {
        const whole = bytesOf(JSON.stringify({ value }));
        const cursor = new JsonCursor();
        cursor.open(whole.subarray(0, cut % whole.length));
        expect(() => read(cursor)).toThrow(JsonTextError);
      }),
    );
  });
});

describe('a decimal at a fixed scale', () => {
  const whole = fc.bigInt({ min: 0n, max: 10n ** 13n });
  const fraction = fc.stringMatching(/^[0-9]{0,12}$/);
  const exponent = fc.option(fc.integer({ min: -9, max: 4 }), { nil: undefined });

  test('is the exact integer of its units, or says that it has finer digits', () => {
    fc.assert(
      fc.property(
        whole,
        fraction,
        exponent,
        fc.nat({ max: 9 }),
        fc.boolean(),
        (units, decimals, power, scale, quoted) => {
          const mantissa = decimals === '' ? `${units}` : `${units}.${decimals}`;
          const text = power === undefined ? mantissa : `${mantissa}e${power}`;
          // Exact in units of 10^-40.
          const exact = BigInt(`${units}${decimals}`) * 10n ** BigInt(40 - decimals.length + (power ?? 0));
          const unit = 10n ** BigInt(40 - scale);
          const cursor = new JsonCursor();
          cursor.open(bytesOf(quoted ? `["${text}",7]` : `[${text} ,7]`));
          cursor.enterList();
          if (exact / unit > BigInt(Number.MAX_SAFE_INTEGER)) {
            expect(() => cursor.fixed(scale)).toThrow(JsonTextError);
            return;
          }
          cursor.fixed(scale);
          expect(BigInt(cursor.units)).toBe(exact / unit);
          expect(cursor.finer).toBe(exact % unit !== 0n);
          expect(cursor.text()).toBe(text);
          expect(cursor.decimals).toBe(decimals.length);
          cursor.nextItem();
          cursor.decimal();
          expect(cursor.digits).toBe(7);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test.each(['007', '1.', '1e2', '00.5'])('%s is written unusually', (text) => {
    const cursor = new JsonCursor();
    cursor.open(bytesOf(`"${text}"`));
    cursor.fixed(2);
    expect([cursor.unusual, cursor.units]).toEqual([true, Number(text) * 100]);
  });

  test.each(['"-1"', '""', '"1.5x"', '"."', 'null', '"1e"', '"1'])('%s is none', (text) => {
    const cursor = new JsonCursor();
    cursor.open(bytesOf(text));
    expect(() => cursor.fixed(2)).toThrow(JsonTextError);
  });
});
