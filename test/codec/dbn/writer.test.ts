import { describe, expect, test } from 'vitest';
import { DbnDecoder } from '../../../main/codec/dbn/decoder.ts';
import type { JsonRecord } from '../../../main/codec/dbn/record-json.ts';
import { errorCode, systemCode, upgradeRecord } from '../../../main/codec/dbn/upgrade.ts';
import { DbnWriter } from '../../../main/codec/dbn/writer.ts';
import { haveFixtures } from '../../fixtures.ts';
import { decodeWhole, expectedFiles, isFragment, plainContent } from './dbn-fixtures.ts';

/** Reads a stream and writes it as version 3. */
function rewrite(content: Uint8Array, fragment: boolean): Uint8Array {
  const decoder = new DbnDecoder({ fragment });
  decoder.push(content);
  const writer = new DbnWriter(decoder.metadata, 64);
  while (decoder.next()) writer.copy(decoder);
  decoder.end();
  return writer.written();
}

/** Files of the reference repository that exist in an old and in the newest version. */
const OLD_AND_NEW = expectedFiles
  .map(([path]) => path)
  .filter((path) => /\.v[12]\.dbn(\.frag)?(\.zst)?$/.test(path) && !path.includes('multi-frame'))
  .map((path) => [path, path.replace(/\.v[12]\./, '.v3.')] as const)
  .filter(([, newer]) => expectedFiles.some(([path]) => path === newer));

/** Fields that version 3 dropped. */
const DROPPED = ['trading_reference_price', 'trading_reference_date', 'md_security_trading_status', 'settl_price_type'];

function withoutDropped(record: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !DROPPED.includes(name)));
}

describe.skipIf(!haveFixtures)('writing version 3', () => {
  const newest = expectedFiles.filter(
    ([path, { metadata }]) => metadata?.version === 3 || path.includes('v3.dbn.frag'),
  );

  test.each(newest)('%s read and written again is the same bytes', (path) => {
    const content = plainContent(path);
    expect(Buffer.compare(rewrite(content, isFragment(path)), content)).toBe(0);
  });

  test.each(OLD_AND_NEW)('%s becomes what Databento made of it', (older, newer) => {
    const written = rewrite(plainContent(older), isFragment(older));
    expect(Buffer.compare(written, plainContent(newer))).toBe(0);
  });

  test('the pairs cover every schema that exists in an old version', () => {
    expect(OLD_AND_NEW.length).toBeGreaterThan(25);
  });

  test('every old file keeps all its fields', () => {
    const old = expectedFiles.filter(([, { metadata }]) => metadata !== undefined && metadata.version < 3);
    expect(old.length).toBeGreaterThan(40);
    for (const [path, expected] of old) {
      const content = plainContent(path);
      const before = decodeWhole(content, false);
      const after = decodeWhole(rewrite(content, false), false);
      expect(after.decoder.metadata).toEqual({ ...before.decoder.metadata, version: 3 });
      expect(after.records.length).toBe(expected.record_count);
      after.records.forEach((record, index) => {
        expect(record).toMatchObject(withoutDropped(before.records[index]!));
      });
    }
  });
});

describe('upgrading records of version 1', () => {
  test('keeps the texts of errors and system messages and tells their codes', () => {
    const heartbeat = textRecord(0x17, 'Heartbeat');
    const target = new Uint8Array(320);
    upgradeRecord(heartbeat, 0x17, 1, target);
    expect(decodeWhole(target, true).records).toMatchObject([{ msg: 'Heartbeat', code: 0 }]);
    const failed = textRecord(0x15, 'Failed to resolve symbol 6EX9');
    upgradeRecord(failed, 0x15, 1, target.fill(0));
    expect(decodeWhole(target, true).records).toMatchObject([
      { err: 'Failed to resolve symbol 6EX9', code: 4, is_last: 255 },
    ]);
  });

  test('knows the texts of the gateway', () => {
    expect(systemCode('Subscription request 3 for mbp-10 data succeeded')).toBe(1);
    expect(systemCode('Warning: slow reading, lagging')).toBe(2);
    expect(systemCode('Finished mbo replay')).toBe(3);
    expect(systemCode('End of interval for ohlcv-1m')).toBe(4);
    expect(systemCode('something else')).toBe(255);
    expect(errorCode('User or API key deactivated')).toBe(2);
    expect(errorCode('User has reached their open connection limit')).toBe(3);
    expect(errorCode('Internal error')).toBe(6);
    expect(errorCode('Slow client detected for mbo')).toBe(7);
    expect(errorCode('no idea')).toBe(255);
  });
});

function textRecord(rtype: number, text: string): Uint8Array {
  const record = new Uint8Array(80);
  record[0] = 20;
  record[1] = rtype;
  record.set(new TextEncoder().encode(text), 16);
  return record;
}
