import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DbnRecordWriter } from '../../../main/codec/dbn/write-record.ts';
import { SimulatedMarket } from '../../../main/feeds/simulated/simulated-market.ts';
import { readStream } from './plain-reader.ts';
import { OPTIONS, START_US, simulate } from './simulate.ts';

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function us(iso: string): number {
  return Date.parse(iso) * 1000;
}

describe('bytes', () => {
  test('the same seed gives the same bytes, another seed others', () => {
    const first = digest(simulate(20).bytes);
    expect(digest(simulate(20).bytes)).toBe(first);
    expect(digest(simulate(20, { seed: 12 }).bytes)).not.toBe(first);
  });

  test('they do not depend on the steps in which time is advanced', () => {
    const seconds = 8;
    const whole = simulate(seconds, { eventsPerSecond: 300 });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: seconds * 1_000_000 }), { maxLength: 60 }), (stops) => {
        const market = new SimulatedMarket({ ...OPTIONS, eventsPerSecond: 300 });
        const out = new DbnRecordWriter(64);
        let records = market.prologue(out);
        for (const stop of [...stops.sort((a, b) => a - b), seconds * 1_000_000]) {
          records += market.advanceTo(START_US + stop, out);
        }
        expect(records).toBe(whole.records);
        expect(digest(out.written())).toBe(digest(whole.bytes));
      }),
      { numRuns: 30 },
    );
  });

  test('restored and continued = never interrupted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 90 }), (stop) => {
        const options = { ...OPTIONS, eventsPerSecond: 200 };
        const market = new SimulatedMarket(options);
        const out = new DbnRecordWriter();
        market.advanceTo(START_US + stop * 1_000_000, out);
        const snapshot = structuredClone(market.snapshot());
        out.clear();
        market.advanceTo(START_US + (stop + 20) * 1_000_000, out);
        const expected = digest(out.written());
        const other = new SimulatedMarket(options);
        other.restore(snapshot);
        out.clear();
        other.advanceTo(START_US + (stop + 20) * 1_000_000, out);
        expect(digest(out.written())).toBe(expected);
        expect(other.truth()).toEqual(market.truth());
        expect(other.snapshot()).toEqual(market.snapshot());
      }),
      { numRuns: 15 },
    );
  });
});

describe('stream', () => {
  const { bytes, records } = simulate(60);
  const stream = readStream(bytes);

  test('says in its metadata and publishers that it is simulated', () => {
    expect(stream.dataset).toBe('SIM.FATHOM');
    expect(stream.schema).toBe(65535);
    expect(new Set(stream.records.map((record) => record.publisherId))).toEqual(new Set([65001, 65002]));
  });

  test('begins with definitions, mappings, statuses and one image of each instrument', () => {
    expect(stream.records.length).toBe(records);
    const opening = stream.records.slice(0, 24).map((record) => record.rtype);
    expect(opening).toEqual([
      ...[0x13, 0x16, 0x13, 0x16, 0x13, 0x16, 0x13, 0x16, 0x13, 0x16, 0x13, 0x16],
      ...[0x12, 0x12, 0x12, 0x12, 0x12, 0x12],
      ...[0x0a, 0x01, 0x0a, 0x01, 0x0a, 0x01],
    ]);
    const text = new TextDecoder('latin1').decode(bytes);
    for (const symbol of ['6EZ6', '6BZ6', '6JZ6', 'EURUSD', 'GBPUSD', 'USDJPY']) expect(text).toContain(`${symbol}\0`);
  });

  test('arrives in order, after it happened', () => {
    let last = 0n;
    for (const record of stream.records) {
      if (record.rtype === 0x16) continue;
      expect(record.tsRecvNs >= last).toBe(true);
      expect(record.tsRecvNs >= record.tsEventNs).toBe(true);
      expect(record.tsRecvNs - record.tsEventNs < 1_000_000n).toBe(true);
      last = record.tsRecvNs;
    }
    expect(last <= BigInt(START_US + 60_000_000) * 1000n).toBe(true);
    expect(last > BigInt(START_US + 59_900_000) * 1000n).toBe(true);
  });

  test('the contract follows the date', () => {
    const symbolAt = (iso: string) => {
      const text = new TextDecoder('latin1').decode(simulate(0, { startUs: us(iso) }).bytes);
      return /6E[HMUZ]\d/.exec(text)?.[0];
    };
    expect(symbolAt('2026-12-01T15:00:00Z')).toBe('6EZ6');
    expect(symbolAt('2026-12-10T15:00:00Z')).toBe('6EH7');
    expect(symbolAt('2027-03-02T15:00:00Z')).toBe('6EH7');
    expect(symbolAt('2027-03-09T15:00:00Z')).toBe('6EM7');
  });
});

describe('hours', () => {
  test('nothing but statuses between the close and the next opening', () => {
    const startUs = us('2026-11-18T21:59:50Z');
    const { bytes } = simulate(3_630, { startUs });
    const closeNs = BigInt(us('2026-11-18T22:00:00Z')) * 1000n;
    const openNs = BigInt(us('2026-11-18T23:00:00Z')) * 1000n;
    const records = readStream(bytes).records.filter((record) => record.rtype !== 0x16);
    const within = records.filter((record) => record.tsEventNs >= closeNs && record.tsEventNs < openNs);
    expect(within.map((record) => [record.rtype, record.tsEventNs])).toEqual(new Array(6).fill([0x12, closeNs]));
    const after = records.filter((record) => record.tsEventNs >= openNs);
    expect(after.slice(0, 6).every((record) => record.rtype === 0x12 && record.tsEventNs === openNs)).toBe(true);
    expect(after.length).toBeGreaterThan(100);
  });

  test('a run that begins at the weekend waits for Sunday, one in demo hours does not', () => {
    const startUs = us('2026-11-21T12:00:00Z');
    expect(simulate(3_600, { startUs }).records).toBe(24);
    expect(simulate(10, { startUs, alwaysOpen: true }).records).toBeGreaterThan(500);
  });
});
