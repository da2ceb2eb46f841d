import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { DbnError } from '../../../main/codec/dbn/error.ts';
import { openDbn } from '../../../main/codec/dbn/file.ts';
import { inspectDbn } from '../../../main/codec/dbn/inspect.ts';
import { FLAG, MBP_WORD, SIDE } from '../../../main/codec/dbn/layout.ts';
import { type DbnMetadata, encodeMetadata } from '../../../main/codec/dbn/metadata.ts';
import { DbnRecordWriter } from '../../../main/codec/dbn/write-record.ts';

const folder = mkdtempSync(join(tmpdir(), 'dbn-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

const METADATA: DbnMetadata = {
  version: 3,
  dataset: 'GLBX.MDP3',
  schema: 'mbp-10',
  startNs: 0n,
  endNs: undefined,
  limit: 0n,
  stypeIn: 'raw_symbol',
  stypeOut: 'instrument_id',
  tsOut: false,
  symbols: [],
  partial: [],
  notFound: [],
  mappings: [],
};
const METADATA_BYTES = 128;

/** Depth records numbered by their sequence. */
function depth(count: number): Uint8Array {
  const writer = new DbnRecordWriter();
  const levels = new Float64Array(60).fill(5e9);
  writer.instrument(1, 6);
  for (let k = 0; k < count; k += 1) {
    writer.time(1_700_000_000_000_000 + k, 0, 1_700_000_000_000_000 + k, 1);
    writer.mbp10(77, SIDE.BID, FLAG.LAST, 0, 5e9, 1, 0, k, levels);
  }
  return writer.written();
}

/** The same stream as version 2, whose metadata is not padded: records then lie at odd offsets. */
function versionTwo(records: Uint8Array): Uint8Array {
  const metadata = new Uint8Array(METADATA_BYTES + 71);
  metadata.set(encodeMetadata({ ...METADATA, symbols: [''] }).subarray(0, metadata.length));
  metadata[3] = 2;
  new DataView(metadata.buffer).setUint32(4, metadata.length - 8, true);
  return Buffer.concat([metadata, records]);
}

function write(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

interface Read {
  readonly records: number;
  readonly chunks: number;
  readonly error: unknown;
}

async function readAll(path: string): Promise<Read> {
  let records = 0;
  let chunks = 0;
  try {
    for await (const decoder of openDbn(path)) {
      chunks += 1;
      while (decoder.next()) {
        expect(decoder.words[decoder.at + MBP_WORD.SEQUENCE]).toBe(records);
        records += 1;
      }
    }
  } catch (error) {
    return { records, chunks, error };
  }
  return { records, chunks, error: undefined };
}

describe('DBN files', () => {
  const COUNT = 15_000;
  const records = depth(COUNT);
  const plain = Buffer.concat([encodeMetadata(METADATA), records]);

  test('of several chunks, with records across their borders', async () => {
    expect(await readAll(write('large.dbn', plain))).toEqual({ records: COUNT, chunks: 3, error: undefined });
    expect(await readAll(write('large.v2.dbn', versionTwo(records)))).toMatchObject({
      records: COUNT,
      error: undefined,
    });
    const compressed = await readAll(write('large.dbn.zst', zstdCompressSync(plain)));
    expect(compressed).toMatchObject({ records: COUNT, error: undefined });
  });

  test('fragments by their name, unless they have metadata after all', async () => {
    expect(await readAll(write('a.dbn.frag', records))).toMatchObject({ records: COUNT, error: undefined });
    expect(await readAll(write('b.frag.zst', zstdCompressSync(records)))).toMatchObject({ records: COUNT });
    expect(await readAll(write('c.dbn.frag', plain))).toMatchObject({ records: COUNT, error: undefined });
    expect((await readAll(write('d.dbn', records))).error).toMatchObject({ kind: 'foreign', byteOffset: 0 });
  });

  test('cut short give every whole record and then say where they end', async () => {
    const cut = await readAll(write('cut.dbn', plain.subarray(0, METADATA_BYTES + 368 * 9000 + 100)));
    expect(cut).toMatchObject({ records: 9000, error: { kind: 'truncated', byteOffset: METADATA_BYTES + 368 * 9000 } });
    const compressed = zstdCompressSync(plain);
    const half = await readAll(write('cut.dbn.zst', compressed.subarray(0, compressed.length >> 1)));
    expect(half.records).toBeGreaterThan(1000);
    expect(half.error).toMatchObject({ kind: 'truncated', byteOffset: compressed.length >> 1 });
    expect((half.error as DbnError).message).toContain('of the compressed file');
  });

  test('with a corrupt record give every record before it', async () => {
    const corrupt = Uint8Array.from(plain);
    corrupt[METADATA_BYTES + 368 * 7000] = 91;
    const { records: good, error } = await readAll(write('corrupt.dbn', corrupt));
    expect(good).toBe(7000);
    expect(error).toBeInstanceOf(DbnError);
    expect((error as DbnError).message).toBe(
      `DBN corrupt at byte ${METADATA_BYTES + 368 * 7000}: ` +
        'expected a mbp-10 record of 368 bytes, found a length of 364 bytes.',
    );
  });

  test('that are empty are refused; an empty fragment is a stream of nothing', async () => {
    expect((await readAll(write('empty.dbn', new Uint8Array(0)))).error).toMatchObject({ kind: 'truncated' });
    expect(await readAll(write('empty.frag', new Uint8Array(0)))).toEqual({ records: 0, chunks: 1, error: undefined });
  });

  test('inspect sums up what came before a fault, and passes on what the file system says', async () => {
    const path = write('short.dbn', plain.subarray(0, METADATA_BYTES + 368 * 5 + 1));
    const { summary, fault } = await inspectDbn(path);
    expect(summary).toMatchObject({
      version: 3,
      dataset: 'GLBX.MDP3',
      schema: 'mbp-10',
      startNs: '0',
      endNs: null,
      recordCounts: { 'mbp-10': 5 },
      unknownRecords: 0,
      firstTsEventNs: '1700000000000000000',
      lastTsEventNs: '1700000000000004000',
      instruments: [{ id: 6, rawSymbol: null }],
    });
    expect(fault).toMatchObject({ kind: 'truncated' });
    expect(await inspectDbn(write('text.dbn', Buffer.from('hello world')))).toMatchObject({
      summary: undefined,
      fault: { kind: 'foreign' },
    });
    await expect(inspectDbn(join(folder, 'nothing.dbn'))).rejects.toThrow(/ENOENT/);
  });
});
