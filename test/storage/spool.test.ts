import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Spool, SpoolFullError, type SpoolOptions } from '../../main/storage/spool.ts';

let folder: string;
let told: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-spool-'));
  told = [];
});

afterEach(() => rmSync(folder, { recursive: true }));

const open = (options: Partial<SpoolOptions> = {}) =>
  new Spool({ folder, maxBytes: 1_000_000, onDamage: (words) => told.push(words), ...options });

function drained(spool: Spool): string[] {
  const texts: string[] = [];
  for (let next = spool.peek(); next !== undefined; next = spool.peek()) {
    texts.push(next.toString());
    spool.shift();
  }
  return texts;
}

test('gives back what was appended, in order, whatever is mixed and however often it is opened again', () => {
  const step = fc.oneof(
    fc.string(),
    fc.constant('shift' as const).map(() => null),
    fc.constant(undefined),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const expected: string[] = [];
      let spool = open({ fileBytes: 60 });
      for (const next of steps) {
        if (typeof next === 'string') {
          spool.append(Buffer.from(next));
          expected.push(next);
        } else if (next === null) {
          expect(spool.peek()?.toString()).toBe(expected[0]);
          if (expected.shift() !== undefined) spool.shift();
        } else {
          spool.close();
          // What was taken out of a file that is not used up comes again: it is stored once all the same.
          spool = open({ fileBytes: 1 });
          const all = drained(spool);
          expect(all.slice(all.length - expected.length)).toEqual(expected);
          for (const text of expected) spool.append(Buffer.from(text));
        }
        expect(spool.records).toBe(expected.length);
      }
      expect(drained(spool)).toEqual(expected);
      spool.close();
      expect(readdirSync(folder)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('a record that a kill cut short is cut off; new ones go into a file of their own', () => {
  const first = open();
  for (const text of ['one', 'two', 'three']) first.append(Buffer.from(text));
  first.close();
  const [name] = readdirSync(folder);
  truncateSync(join(folder, name!), statSync(join(folder, name!)).size - 2);
  const second = open();
  second.append(Buffer.from('four'));
  expect(readdirSync(folder)).toHaveLength(2);
  expect(drained(second)).toEqual(['one', 'two', 'four']);
  expect(told).toEqual([]);
});

test('a damaged record is left out, said, and its file set aside', () => {
  const first = open();
  for (const text of ['one', 'two', 'three']) first.append(Buffer.from(text));
  first.close();
  const path = join(folder, readdirSync(folder)[0]!);
  const bytes = readFileSync(path);
  bytes[bytes.indexOf('two')]! ^= 1;
  writeFileSync(path, bytes);
  expect(drained(open())).toEqual(['one', 'three']);
  expect(told).toEqual([expect.stringMatching(/0000000001\.spool are damaged at byte 11 and were left out/)]);
  expect(readdirSync(folder)).toEqual(['0000000001.spool.damaged']);
});

test('a length that no record has, and a file that cannot be read, are said; the rest comes out', () => {
  const first = open({ fileBytes: 1 });
  for (const text of ['one', 'two', 'three']) first.append(Buffer.from(text));
  first.close();
  const [one, two, three] = readdirSync(folder);
  const bytes = readFileSync(join(folder, one!));
  bytes[3] = 0xff;
  writeFileSync(join(folder, one!), bytes);
  rmSync(join(folder, two!));
  mkdirSync(join(folder, two!));
  expect(drained(open())).toEqual(['three']);
  expect(told).toEqual([
    expect.stringContaining(`${one} are damaged at byte 0 and were left out`),
    expect.stringMatching(`${two} cannot be read .*EISDIR.* were left there`),
  ]);
  expect(readdirSync(folder)).toEqual([`${one}.damaged`, two]);
  expect(three).toBe('0000000003.spool');
});

test('takes in no more than it may, and something again when there is room', () => {
  const spool = open({ maxBytes: 40 });
  spool.append(Buffer.alloc(30));
  expect(() => spool.append(Buffer.alloc(10))).toThrow(SpoolFullError);
  spool.shift();
  spool.append(Buffer.alloc(10));
  expect(spool.records).toBe(1);
  spool.close();
});

test('leaves files of others alone, and makes no folder when it may hold nothing', () => {
  appendFileSync(join(folder, 'notes.txt'), 'mine');
  const spool = open();
  spool.append(Buffer.from('one'));
  expect(drained(spool)).toEqual(['one']);
  expect(readdirSync(folder)).toEqual(['notes.txt']);
  const none = new Spool({ folder: join(folder, 'none'), maxBytes: 0, onDamage: () => undefined });
  expect(() => none.append(Buffer.from('x'))).toThrow(SpoolFullError);
  expect(none.peek()).toBeUndefined();
  expect(readdirSync(folder)).toEqual(['notes.txt']);
});
