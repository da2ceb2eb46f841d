import { zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeMetadata, MIXED_STREAM } from '../../../main/codec/dbn/metadata.ts';
import { RecordCutter } from '../../../main/feeds/databento/record-cutter.ts';
import { haveFixtures, readFixture } from '../../fixtures.ts';
import { record } from '../../venues/databento-gateway.ts';

/** Cuts a stream that comes in pieces; what came out, metadata apart. */
function cut(pieces: readonly Uint8Array[]): { metadata: Uint8Array[]; records: Uint8Array[]; pending: number } {
  const cutter = new RecordCutter();
  const metadata: Uint8Array[] = [];
  const records: Uint8Array[] = [];
  const sink = {
    onMetadata: (block: Uint8Array) => metadata.push(block),
    onRecords: ({ bytes }: { bytes: Uint8Array }) => records.push(bytes),
  };
  for (const piece of pieces) cutter.push(piece, sink);
  return { metadata, records, pending: cutter.pendingBytes };
}

/** Walks records by their length bytes; false where the last one is not whole. */
function whole(bytes: Uint8Array): boolean {
  let at = 0;
  while (at < bytes.length) at += bytes[at]! * 4;
  return at === bytes.length;
}

describe.skipIf(!haveFixtures)('recorded streams', () => {
  test.each(['mbp-10.v1', 'mbp-10.v2', 'mbp-10.v3', 'definition.v1', 'definition.v2', 'statistics.v1', 'mbo.v3'])(
    '%s in pieces of any size',
    (name) => {
      const stream = zstdDecompressSync(readFixture(`databento/dbn-repo/test_data.${name}.dbn.zst`));
      fc.assert(
        fc.property(fc.array(fc.nat(stream.length), { maxLength: 20 }), (ends) => {
          const marks = [0, ...ends.toSorted((a, b) => a - b), stream.length];
          const { metadata, records, pending } = cut(marks.slice(1).map((to, i) => stream.subarray(marks[i], to)));
          expect(metadata).toHaveLength(1);
          expect(records.length).toBeGreaterThan(0);
          expect(records.every(whole)).toBe(true);
          expect(records.every(({ byteOffset }) => byteOffset === 0)).toBe(true);
          expect(pending).toBe(0);
          expect(Buffer.compare(Buffer.concat([...metadata, ...records]), stream)).toBe(0);
        }),
        { numRuns: 50 },
      );
    },
  );
});

const METADATA = encodeMetadata({
  dataset: 'GLBX.MDP3',
  ...MIXED_STREAM,
});
const HEARTBEAT = record((out) => out.system({ msg: 'Heartbeat', code: 0 }));

test.each([
  ['a length of zero', 0, 0x99],
  ['a length below a header', 3, 0x99],
  ['a length that its type does not have', 5, 0x17],
])('%s is garbage: what came before it is handed out', (_what, length, rtype) => {
  const cutter = new RecordCutter();
  const seen: number[] = [];
  const sink = {
    onMetadata: () => undefined,
    onRecords: ({ bytes }: { bytes: Uint8Array }) => seen.push(bytes.length),
  };
  const garbage = Uint8Array.of(length, rtype, 0, 0, 1, 2, 3, 4);
  expect(() => cutter.push(Buffer.concat([METADATA, HEARTBEAT, garbage]), sink)).toThrow(
    `DBN corrupt at byte ${METADATA.length + HEARTBEAT.length}`,
  );
  expect(seen).toEqual([HEARTBEAT.length]);
});

test('a record type that is not known passes by its length', () => {
  const unknown = new Uint8Array(24).fill(7);
  unknown[0] = 6;
  unknown[1] = 0x99;
  const { records } = cut([Buffer.concat([METADATA, unknown, HEARTBEAT])]);
  expect(records.map(({ length }) => length)).toEqual([24 + HEARTBEAT.length]);
});

test('what is no DBN at all is refused at its first bytes', () => {
  expect(() => cut([Buffer.from('HTTP/1.1 200 OK\r\n')])).toThrow('the letters "DBN"');
});
