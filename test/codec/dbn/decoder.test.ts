import { describe, expect, test } from 'vitest';
import { DbnDecoder } from '../../../main/codec/dbn/decoder.ts';
import type { DbnError } from '../../../main/codec/dbn/error.ts';
import { FLAG, RECORD_BYTES, RTYPE, SIDE } from '../../../main/codec/dbn/layout.ts';
import { type DbnMetadata, encodeMetadata, MIXED_STREAM } from '../../../main/codec/dbn/metadata.ts';
import { rtypeName } from '../../../main/codec/dbn/names.ts';
import { recordToJson } from '../../../main/codec/dbn/record-json.ts';
import { DbnRecordWriter } from '../../../main/codec/dbn/write-record.ts';
import { DbnWriter } from '../../../main/codec/dbn/writer.ts';
import { decodeInPieces, decodeWhole } from './dbn-fixtures.ts';

const METADATA: DbnMetadata = { ...MIXED_STREAM, version: 3, dataset: 'GLBX.MDP3' };
const METADATA_BYTES = 128;

function trades(count: number): Uint8Array {
  const writer = new DbnRecordWriter();
  writer.instrument(1, 2);
  writer.time(1, 0, 2, 0);
  for (let k = 0; k < count; k += 1) writer.trade(SIDE.BID, FLAG.LAST, 1e9, 1, 0, k);
  return writer.written();
}

function stream(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([encodeMetadata(METADATA), ...parts]);
}

/** A record of any type with zeros after its head. */
function bare(rtype: number, words: number): Uint8Array {
  const record = new Uint8Array(words * 4);
  record[0] = words;
  record[1] = rtype;
  return record;
}

function faultOf(content: Uint8Array, fragment = false): DbnError {
  const { error } = decodeWhole(content, fragment);
  if (error === undefined) throw new Error('The stream was not refused.');
  return error;
}

describe('the cursor', () => {
  test('shows where each record lies, in the buffer and in the stream', () => {
    const decoder = new DbnDecoder();
    decoder.push(stream(trades(3)));
    expect(decoder.metadata).toEqual(METADATA);
    for (let k = 0; k < 3; k += 1) {
      expect(decoder.next()).toBe(true);
      expect(decoder.rtype).toBe(RTYPE.MBP_0);
      expect(decoder.recordBytes).toBe(48);
      expect(decoder.offset).toBe(METADATA_BYTES + 48 * k);
      expect(decoder.bytes[decoder.byteAt + 44]).toBe(k);
      expect(decoder.words[decoder.at + 11]).toBe(k);
    }
    expect(decoder.next()).toBe(false);
    expect(decoder.nextOffset).toBe(METADATA_BYTES + 144);
    decoder.end();
  });

  test('reads a large aligned chunk where it lies, and copies one that is not aligned', () => {
    const content = trades(1000);
    const unaligned = new Uint8Array(content.length + 1).subarray(1);
    unaligned.set(content);
    for (const [chunk, inPlace] of [
      [Uint8Array.from(content), true],
      [unaligned, false],
    ] as const) {
      const decoder = new DbnDecoder({ fragment: true });
      decoder.push(chunk);
      expect(decoder.next()).toBe(true);
      expect(decoder.words.buffer === chunk.buffer).toBe(inPlace);
    }
  });

  test('keeps the beginning of a record when the chunk is overwritten after it was read out', () => {
    const content = trades(2);
    const decoder = new DbnDecoder({ fragment: true });
    const chunk = Uint8Array.from(content.subarray(0, 60));
    decoder.push(chunk);
    expect(decoder.next()).toBe(true);
    expect(decoder.next()).toBe(false);
    chunk.fill(0xff);
    decoder.push(content.subarray(60));
    expect(decoder.next()).toBe(true);
    expect(recordToJson(decoder)).toMatchObject({ price: '1.000000000', sequence: 1 });
    expect(decoder.offset).toBe(48);
  });

  test('refuses a new chunk before the last one was read out', () => {
    const decoder = new DbnDecoder({ fragment: true });
    decoder.push(trades(2));
    decoder.next();
    expect(() => decoder.push(trades(1))).toThrow(/has not been read to its end/);
  });

  test('skips records of unknown type and counts them', () => {
    const { decoder, records, error } = decodeInPieces(
      stream(trades(1), bare(0x77, 5), trades(1), bare(0xfe, 255), bare(0x78, 4), trades(1)),
      false,
      () => 33,
    );
    expect(error).toBeUndefined();
    expect(records.length).toBe(3);
    expect(decoder.unknownRecords).toBe(3);
  });
});

describe('versions', () => {
  test.each([1, 2, 3] as const)('version %i takes its own record sizes', (version) => {
    for (const [rtype, sizes] of RECORD_BYTES) {
      const content = stream(bare(rtype, sizes[version - 1]! / 4));
      content[3] = version;
      // The version-1 header has its fields elsewhere, but empty lists at the same place.
      const { decoder, records, error } = decodeWhole(content, false);
      expect(error, rtypeName(rtype)).toBeUndefined();
      expect(records.length).toBe(1);
      expect(decoder.version).toBe(version);
    }
  });

  test.each([
    [RTYPE.INSTRUMENT_DEF, 360, 1],
    [RTYPE.INSTRUMENT_DEF, 400, 2],
    [RTYPE.INSTRUMENT_DEF, 520, 3],
    [RTYPE.SYMBOL_MAPPING, 80, 1],
    [RTYPE.STATISTICS, 64, 2],
    [RTYPE.STATISTICS, 80, 3],
  ])('a fragment with rtype %i of %i bytes is version %i', (rtype, bytes, version) => {
    const { decoder, error } = decodeWhole(Buffer.concat([trades(1), bare(rtype, bytes / 4)]), true);
    expect(error).toBeUndefined();
    expect(decoder.version).toBe(version);
  });

  test('a fragment whose records belong to different versions is refused', () => {
    const error = faultOf(Buffer.concat([bare(RTYPE.INSTRUMENT_DEF, 90), bare(RTYPE.STATISTICS, 20)]), true);
    expect(error.message).toBe(
      'DBN corrupt at byte 360: expected a statistics record of 64 bytes, found a length of 80 bytes.',
    );
  });
});

describe('ts_out', () => {
  function withTsOut(): Uint8Array {
    const writer = new DbnWriter({ ...METADATA, tsOut: true });
    const record = new Uint8Array(56);
    record.set(trades(1));
    record[0] = 14;
    new DataView(record.buffer).setBigUint64(48, 1700000000000000123n, true);
    writer.append(record);
    writer.append(record);
    return writer.written();
  }

  test('makes every record 8 bytes longer and is read from its end', () => {
    const { decoder, records, error } = decodeInPieces(withTsOut(), false, () => 7);
    expect(error).toBeUndefined();
    expect(decoder.tsOut).toBe(true);
    expect(records).toMatchObject([{ ts_out: '1700000000000000123' }, { sequence: 0 }]);
  });

  test('is kept when an old record is upgraded', () => {
    const mapping = new Uint8Array(88);
    mapping.set(bare(RTYPE.SYMBOL_MAPPING, 22));
    mapping.set(new TextEncoder().encode('6EZ6'), 38);
    mapping[80] = 9;
    const decoder = new DbnDecoder({ fragment: true, tsOut: true });
    decoder.push(mapping);
    const writer = new DbnWriter();
    while (decoder.next()) writer.copy(decoder);
    const again = new DbnDecoder({ fragment: true, tsOut: true });
    again.push(writer.written());
    expect(again.next()).toBe(true);
    expect(again.recordBytes).toBe(184);
    expect(recordToJson(again)).toMatchObject({ stype_in: 255, stype_out_symbol: '6EZ6', ts_out: '9' });
  });
});

describe('what is refused', () => {
  test('foreign content', () => {
    expect(faultOf(new TextEncoder().encode('time,price\n1,2')).message).toBe(
      'DBN foreign at byte 0: expected the letters "DBN" (44 42 4e), found bytes 74 69 6d 65.',
    );
  });

  test('the legacy format, with what to do', () => {
    const error = faultOf(new TextEncoder().encode('DBZ\u0001 and so on'));
    expect(error.kind).toBe('unsupported');
    expect(error.message).toMatch(/legacy DBZ format; convert the file/);
  });

  test('a version that is not known', () => {
    const content = stream();
    content[3] = 4;
    expect(faultOf(content)).toMatchObject({ kind: 'unsupported', byteOffset: 3, found: '4' });
  });

  test.each([0, 1, 3])('a record length of %i words, after the good record before it', (length) => {
    const bad = bare(RTYPE.MBP_0, 12);
    bad[0] = length;
    const { records, error } = decodeWhole(stream(trades(1), bad), false);
    expect(records.length).toBe(1);
    expect(error).toMatchObject({ kind: 'corrupt', byteOffset: METADATA_BYTES + 48, found: `${length}` });
  });

  test('a zero length of an unknown type', () => {
    expect(faultOf(stream(new Uint8Array([0, 0x77, 0, 0])))).toMatchObject({ kind: 'corrupt', found: '0' });
  });

  test('a size that its type does not have, again and again', () => {
    const decoder = new DbnDecoder();
    decoder.push(stream(trades(1), bare(RTYPE.MBP_10, 20)));
    expect(decoder.next()).toBe(true);
    for (let again = 0; again < 2; again += 1) {
      expect(() => decoder.next()).toThrow(
        /byte 176: expected a mbp-10 record of 368 bytes, found a length of 80 bytes/,
      );
    }
  });

  test('input that ends in the metadata or in a record', () => {
    expect(faultOf(new Uint8Array(0))).toMatchObject({ kind: 'truncated', byteOffset: 0 });
    expect(faultOf(stream().subarray(0, 60))).toMatchObject({ kind: 'truncated', expected: '128 bytes of metadata' });
    expect(faultOf(stream(trades(2)).subarray(0, METADATA_BYTES + 50))).toMatchObject({
      kind: 'truncated',
      byteOffset: METADATA_BYTES + 48,
      expected: 'a record of 48 bytes',
      found: 'the end of the input after 2 bytes of it',
    });
  });
});
