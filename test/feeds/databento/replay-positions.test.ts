import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RTYPE } from '../../../main/codec/dbn/layout.ts';
import { DbnRecordWriter } from '../../../main/codec/dbn/write-record.ts';
import { ReplayPositions } from '../../../main/feeds/databento/replay-positions.ts';

const REACH_US = 60_000_000;
const RTYPES = [RTYPE.MBP_0, RTYPE.MBP_10] as const;

interface Logged {
  readonly rtype: number;
  readonly instrument: number;
  readonly us: number;
  readonly words: Int32Array;
}

function logged(rtype: number, instrument: number, us: number, sequence: number): Logged {
  const out = new DbnRecordWriter(512);
  out.instrument(1, instrument);
  out.time(us, 0, us, 0);
  if (rtype === RTYPE.MBP_0) out.trade(66, 128, 1, 1, 0, sequence);
  else out.mbp10(77, 66, 128, 0, 1, 1, 0, sequence, new Float64Array(60));
  const bytes = out.written().slice();
  return { rtype, instrument, us, words: new Int32Array(bytes.buffer, 0, bytes.length / 4) };
}

/** A log in which times stand still often, so that many records share one. */
const logs = fc
  .array(
    fc.record({ rtype: fc.constantFrom(...RTYPES), instrument: fc.integer({ min: 1, max: 3 }), step: fc.nat(2) }),
    {
      minLength: 1,
      maxLength: 60,
    },
  )
  .map((records) => {
    let us = 1_763_000_000_000_000;
    return records.map(({ rtype, instrument, step }, index) => {
      us += step;
      return logged(rtype, instrument, us, index);
    });
  });

test('cut anywhere any number of times, every record is admitted once and in order', () => {
  fc.assert(
    fc.property(logs, fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { maxLength: 6 }), (log, cuts) => {
      const positions = new ReplayPositions();
      const admitted: Logged[] = [];
      let begun = false;
      for (const ends of [...cuts, [log.length, log.length] as const]) {
        positions.expectRepeats(begun ? RTYPES : []);
        for (const [index, rtype] of RTYPES.entries()) {
          // What the gateway has so far, from the start that was asked for; a schema without one gets all that is missing.
          const startUs = begun ? Number(positions.startNs(rtype, REACH_US) ?? 0n) / 1000 : 0;
          const sent = log.slice(0, ends[index]).filter((one) => one.rtype === rtype && one.us >= startUs);
          for (const one of sent) if (positions.admit(one.words, 0)) admitted.push(one);
        }
        begun ||= admitted.length > 0;
      }
      for (const rtype of RTYPES) {
        expect(admitted.filter((one) => one.rtype === rtype)).toEqual(log.filter((one) => one.rtype === rtype));
      }
    }),
    { numRuns: 300 },
  );
});

test('after the replay was declared complete nothing is dropped any more', () => {
  const positions = new ReplayPositions();
  const one = logged(RTYPE.MBP_0, 1, 1_000, 1);
  expect(positions.admit(one.words, 0)).toBe(true);
  positions.expectRepeats([RTYPE.MBP_0]);
  positions.forgetRepeats(RTYPE.MBP_0);
  expect(positions.admit(one.words, 0)).toBe(true);
  expect(positions.startNs(RTYPE.MBP_0, REACH_US)).toBe(1_000_000n);
  expect(positions.startNs(RTYPE.MBP_10, REACH_US)).toBeUndefined();
});

test('one quiet instrument does not make a replay begin hours ago', () => {
  const positions = new ReplayPositions();
  positions.admit(logged(RTYPE.MBP_0, 1, 1_000, 1).words, 0);
  positions.admit(logged(RTYPE.MBP_0, 2, 7_200_000_000, 2).words, 0);
  expect(positions.startNs(RTYPE.MBP_0, REACH_US)).toBe(7_140_000_000_000n);
});

test('a chunk that is undone leaves everything as before it, and can come again', () => {
  fc.assert(
    fc.property(logs, fc.nat(60), fc.integer({ min: 1, max: 20 }), (log, from, length) => {
      const cut = Math.min(from, log.length);
      const positions = new ReplayPositions();
      positions.beginChunk();
      for (const { words } of log.slice(0, cut)) positions.admit(words, 0);
      const before = positions.rows();
      positions.beginChunk();
      for (const { words } of log.slice(cut, cut + length)) positions.admit(words, 0);
      positions.undoChunk();
      expect(positions.rows()).toEqual(before);
      positions.beginChunk();
      for (const { words } of log.slice(cut, cut + length)) expect(positions.admit(words, 0)).toBe(true);
    }),
  );
});

test('positions go on in another run as they would have in this one', () => {
  fc.assert(
    fc.property(logs, fc.nat(60), (log, from) => {
      const cut = Math.min(from, log.length);
      const first = new ReplayPositions();
      for (const { words } of log.slice(0, cut)) first.admit(words, 0);
      const second = new ReplayPositions();
      second.restore(JSON.parse(JSON.stringify(first.rows())));
      second.expectRepeats(RTYPES);
      const admitted = log.filter(({ words }) => second.admit(words, 0));
      expect(admitted).toEqual(log.slice(cut));
    }),
  );
});
