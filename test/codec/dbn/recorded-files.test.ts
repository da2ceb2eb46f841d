import { describe, expect, test } from 'vitest';
import { openDbn } from '../../../main/codec/dbn/file.ts';
import { inspectDbn } from '../../../main/codec/dbn/inspect.ts';
import type { DbnMetadata } from '../../../main/codec/dbn/metadata.ts';
import { schemaName, stypeId } from '../../../main/codec/dbn/names.ts';
import { type JsonRecord, recordToJson } from '../../../main/codec/dbn/record-json.ts';
import { fixture, haveFixtures, readFixture } from '../../fixtures.ts';
import { decodeWhole, type ExpectedFile, expectedFiles, isFragment, plainContent } from './dbn-fixtures.ts';

/** Raw integers that stand for "undefined"; the expected values keep them, our JSON says null. */
const UNDEFINED_VALUES = ['9223372036854775807', '18446744073709551615', '2147483647', '\0'];

/**
 * The expected records are flat, with prices in units of 1e-9, undefined values as their raw integers, reserved bytes
 * of consolidated records as an `action`, and empty levels for trades; ours are Databento's JSON.
 */
function expectSameRecord(actual: JsonRecord, expected: Readonly<Record<string, unknown>>, consolidated: boolean) {
  const { hd, ...rest } = actual;
  const flat: Readonly<Record<string, unknown>> = { ...(hd as JsonRecord), ...rest };
  for (const [name, value] of Object.entries(expected)) {
    if (name === 'levels') {
      const levels = (flat['levels'] ?? []) as readonly JsonRecord[];
      expect(levels.map(rawValues)).toEqual(value);
    } else if (name === 'action' && value === '\0' && consolidated) {
      expect(flat[name]).toBeUndefined();
    } else {
      expect(rawValue(flat[name], value), name).toBe(String(value));
    }
  }
}

function rawValues(level: JsonRecord): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(level).map(([name, value]) => [
      name,
      name.endsWith('_px') ? rawValue(value, '9223372036854775807') : value,
    ]),
  );
}

function rawValue(ours: unknown, expected: unknown): string {
  if (ours === null) {
    // A quantity of 2^63 − 1 has lost its last digits in the expected file's JSON number.
    const undefinedValue = UNDEFINED_VALUES.includes(String(expected)) || expected === 2 ** 63;
    return undefinedValue ? String(expected) : 'null';
  }
  if (typeof ours === 'string' && /^-?\d+\.\d{9}$/.test(ours)) return BigInt(ours.replace('.', '')).toString();
  return String(ours);
}

function isoNs(ns: bigint): string {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(ns % 1_000_000_000n).padStart(9, '0')}Z`;
}

describe.skipIf(!haveFixtures)('recorded DBN files', () => {
  test('are all 112 of them', () => {
    expect(expectedFiles.length).toBe(112);
  });

  test.each(expectedFiles)('%s decodes as expected', async (path, expected: ExpectedFile) => {
    const counts: Record<string, number> = {};
    const records: JsonRecord[] = [];
    let metadata: unknown;
    for await (const decoder of openDbn(fixture(`databento/${path}`))) {
      while (decoder.next()) {
        counts[decoder.rtype] = (counts[decoder.rtype] ?? 0) + 1;
        if (records.length < expected.records.length) records.push(recordToJson(decoder));
      }
      metadata = decoder.metadata;
      expect(decoder.unknownRecords).toBe(0);
    }
    expect(counts).toEqual(expected.by_rtype);
    expect(records.length).toBe(expected.records.length);
    const consolidated = path.includes('cbbo');
    records.forEach((record, index) => {
      expectSameRecord(record, expected.records[index]!, consolidated);
    });
    const want = expected.metadata;
    if (want === undefined) {
      expect(metadata).toBeUndefined();
      return;
    }
    expect(metadata).toMatchObject({
      version: want.version,
      dataset: want.dataset,
      limit: BigInt(want.limit),
      tsOut: want.ts_out === 1,
      symbols: want.symbols,
    });
    const got = metadata as DbnMetadata;
    expect(got.mappings.length).toBe(want.n_mappings);
    expect(got.mappings.slice(0, want.mappings.length)).toEqual(
      want.mappings.map(([rawSymbol, intervals]) => ({
        rawSymbol,
        intervals: intervals.map(([startDate, endDate, symbol]) => ({ startDate, endDate, symbol })),
      })),
    );
    expect(got.schema ?? '(none)').toBe(want.schema);
    expect(isoNs(got.startNs)).toBe(want.start);
    expect(got.endNs === undefined ? 'UNDEF' : isoNs(got.endNs)).toBe(want.end);
    expect([stypeId(got.stypeIn), stypeId(got.stypeOut)]).toEqual([want.stype_in, want.stype_out]);
  });

  test.each(expectedFiles.filter(([path]) => !isFragment(path)))(
    '%s is summed up by inspect',
    async (path, expected) => {
      const { summary, fault } = await inspectDbn(fixture(`databento/${path}`));
      expect(fault).toBeUndefined();
      const total = Object.values(summary!.recordCounts).reduce((sum, count) => sum + count, 0);
      expect(total).toBe(expected.record_count);
      expect(summary!.version).toBe(expected.metadata!.version);
      expect(summary!.schema).toBe(expected.metadata!.schema === '(none)' ? null : expected.metadata!.schema);
      expect(summary!.firstTsEventNs).toBe(expected.records[0]?.['ts_event'] ?? null);
    },
  );

  test('the official JSON strings come out field by field', () => {
    const { cases } = JSON.parse(new TextDecoder().decode(readFixture(EXPECTED_STRINGS))) as {
      cases: Record<string, { expected: string }>;
    };
    for (const [schema, name] of OFFICIAL_JSON) {
      const lines = cases[name]!.expected.trim().split('\n');
      const { records } = decodeWhole(plainContent(`databento-python/GLBX.MDP3/test_data.${schema}.dbn.zst`), false);
      // Their strings hold prices as raw integers; the pretty ones differ in the form of times.
      expect(records.map(withRawPrices)).toEqual(lines.map((line) => JSON.parse(line) as unknown));
    }
  });

  test('inspect names instruments by metadata, definitions and mappings', async () => {
    const definitions = await inspectDbn(fixture('databento/dbn-repo/multi-frame.definition.v1.dbn.frag.zst'));
    expect(definitions.summary).toMatchObject({ version: 1, dataset: null, recordCounts: { definition: 8 } });
    expect(definitions.summary!.instruments).toContainEqual({ id: 31778, rawSymbol: 'GEM3 P9812' });
    const mbo = await inspectDbn(fixture('databento/dbn-repo/test_data.mbo.v3.dbn'));
    expect(mbo.summary!.instruments).toEqual([{ id: 5482, rawSymbol: 'ESH1' }]);
    const live = await inspectDbn(fixture('databento/databento-python/LIVE/test_data.live.dbn.zst'));
    expect(live.summary!.recordCounts).toMatchObject({ 'symbol-mapping': 20, 'mbp-10': 2, 'ohlcv-1m': 2 });
    expect(live.summary!.instruments).toEqual([{ id: 183748, rawSymbol: 'ESZ4' }]);
  });

  test('schema names are those of the metadata ids', () => {
    expect([schemaName(0), schemaName(2), schemaName(19), schemaName(65535)]).toEqual([
      'mbo',
      'mbp-10',
      'bbo-1m',
      undefined,
    ]);
  });
});

const EXPECTED_STRINGS = 'databento/expected/databento_python_expected.json';
const OFFICIAL_JSON = [
  ['mbo', 'test_mbo_to_json_with_no_options_writes_expected_file_to_disk'],
  ['mbp-1', 'test_mbp_1_to_json_with_no_options_writes_expected_file_to_disk'],
] as const;

function withRawPrices(record: JsonRecord): JsonRecord {
  return JSON.parse(JSON.stringify(record), (_, value: unknown) =>
    typeof value === 'string' && /^\d+\.\d{9}$/.test(value) ? BigInt(value.replace('.', '')).toString() : value,
  ) as JsonRecord;
}
