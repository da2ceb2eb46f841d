import { constants, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { DbnError } from '../../../main/codec/dbn/error.ts';
import { openDbn } from '../../../main/codec/dbn/file.ts';
import { decompressZstd } from '../../../main/codec/dbn/zstd.ts';
import { fixture, haveFixtures, readFixture } from '../../fixtures.ts';
import { plainContent, seeded } from './dbn-fixtures.ts';

async function* pieces(content: Uint8Array, cut: () => number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; ) {
    const end = at + cut();
    yield content.subarray(at, end);
    at = end;
  }
}

async function decompress(content: Uint8Array, cut = content.length): Promise<{ out: Uint8Array; error: unknown }> {
  const out: Uint8Array[] = [];
  try {
    for await (const piece of decompressZstd(pieces(content, () => cut))) out.push(Uint8Array.from(piece));
  } catch (error) {
    return { out: Buffer.concat(out), error };
  }
  return { out: Buffer.concat(out), error: undefined };
}

/** Two megabytes that do not compress to nothing: 16 blocks and a few. */
function noisy(bytes: number): Uint8Array {
  const random = seeded(1);
  return Uint8Array.from({ length: bytes }, (_, k) => (k % 5 === 0 ? random(256) : k & 0x0f));
}

const CHECKSUM = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };

describe('zstd', () => {
  test('several frames, skippable ones between them, cut anywhere', async () => {
    const parts = ['first ', 'second ', 'third'].map((text) => new TextEncoder().encode(text));
    const skippable = Uint8Array.of(0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3);
    const empty = Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0);
    const [first, second, third] = parts.map((part) => zstdCompressSync(part, CHECKSUM));
    const content = Buffer.concat([skippable, first!, empty, second!, skippable, third!, skippable]);
    for (const cut of [1, 2, 5, 11, 1000]) {
      const { out, error } = await decompress(content, cut);
      expect(error).toBeUndefined();
      expect(new TextDecoder().decode(out)).toBe('first second third');
    }
  });

  test('frames of many blocks', async () => {
    const content = noisy(6_000_000);
    const { out, error } = await decompress(zstdCompressSync(content, CHECKSUM), 100_000);
    expect(error).toBeUndefined();
    expect(Buffer.compare(out, content)).toBe(0);
  });

  test('lent chunks hold the same until the next one is asked for, and their memory goes back', async () => {
    const content = noisy(6_000_000);
    const copies: Uint8Array[] = [];
    const lent: Uint8Array[] = [];
    const source = pieces(zstdCompressSync(content, CHECKSUM), () => 100_000);
    for await (const piece of decompressZstd(source, { lent: true })) {
      copies.push(Uint8Array.from(piece));
      lent.push(piece);
    }
    expect(Buffer.compare(Buffer.concat(copies), content)).toBe(0);
    const kept = new Set(lent.map(({ buffer }) => buffer as ArrayBuffer).filter(({ detached }) => !detached));
    // The last buffer was not filled.
    expect(kept.size).toBe(1);
  });

  test('output comes with the blocks that are in, before the stream ends', async () => {
    const compressed = zstdCompressSync(noisy(400_000));
    const seen: number[] = [];
    let bytes = 0;
    async function* half(): AsyncGenerator<Uint8Array> {
      yield compressed.subarray(0, compressed.length / 2);
      seen.push(bytes);
      yield compressed.subarray(compressed.length / 2);
    }
    for await (const piece of decompressZstd(half())) bytes += piece.length;
    expect(seen[0]).toBeGreaterThanOrEqual(131072);
    expect(bytes).toBe(400_000);
  });

  test('a stream cut short gives what was good and the offset of the cut', async () => {
    const content = noisy(700_000);
    const compressed = zstdCompressSync(content);
    for (const length of [2, 7, 1000, compressed.length >> 1, compressed.length - 1]) {
      const { out, error } = await decompress(compressed.subarray(0, length));
      expect(error).toMatchObject({ kind: 'truncated', byteOffset: length });
      expect(Buffer.compare(out, content.subarray(0, out.length))).toBe(0);
      if (length >= compressed.length >> 1) expect(out.length).toBeGreaterThan(131072);
    }
  });

  test('a wrong checksum is an error after the data', async () => {
    const content = noisy(200_000);
    const compressed = zstdCompressSync(content, CHECKSUM);
    compressed[compressed.length - 1]! ^= 1;
    const { out, error } = await decompress(compressed);
    expect(error).toBeInstanceOf(DbnError);
    expect(error).toMatchObject({ kind: 'corrupt' });
    expect(out.length).toBeGreaterThanOrEqual(131072);
  });

  test('what follows the last frame must be a frame', async () => {
    const compressed = zstdCompressSync(new TextEncoder().encode('data'));
    const { out, error } = await decompress(Buffer.concat([compressed, new TextEncoder().encode('junk')]));
    expect(new TextDecoder().decode(out)).toBe('data');
    expect((error as DbnError).message).toBe(
      `DBN corrupt at byte ${compressed.length} of the compressed file: ` +
        'expected a zstd frame (magic 0xfd2fb528), found 0x6b6e756a.',
    );
  });

  test('a bad block is named after the good ones before it', async () => {
    const header = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58);
    const raw = Uint8Array.of(5 << 3, 0, 0, 1, 2, 3, 4, 5);
    const reserved = Uint8Array.of(0x06, 0, 0);
    const huge = Uint8Array.of(0x04, 0x00, 0xff);
    for (const [bad, expected] of [
      [reserved, /reserved block type 3/],
      [huge, /at most 131072 bytes/],
    ] as const) {
      const { out, error } = await decompress(Buffer.concat([header, raw, bad]));
      expect([...out]).toEqual([1, 2, 3, 4, 5]);
      expect(error).toMatchObject({ kind: 'corrupt', byteOffset: 14 });
      expect((error as DbnError).message).toMatch(expected);
    }
  });

  test('a window that is too large is refused, not allocated', async () => {
    const { error } = await decompress(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, 0x01, 0, 0));
    expect(error).toMatchObject({ kind: 'corrupt' });
  });
});

describe.skipIf(!haveFixtures)('files', () => {
  test('the legacy format is refused by its content', async () => {
    const refused = expect(async () => {
      for await (const decoder of openDbn(fixture('databento/dbn-repo/test_data.mbo.dbz'))) decoder.next();
    }).rejects;
    await refused.toThrow(/legacy DBZ format; convert the file with the dbn command line tool/);
  });

  test('progress ends at the size of the file', async () => {
    const path = 'databento/nautilus/esh4-glbx-mdp3-20231224.mbo.dbn.zst';
    let last: [number, number] = [0, 0];
    let records = 0;
    const progress = (read: number, total: number) => {
      last = [read, total];
    };
    for await (const decoder of openDbn(fixture(path), { progress })) while (decoder.next()) records += 1;
    const { length } = readFixture(path);
    expect(last).toEqual([length, length]);
    expect(records).toBe(8725);
  });

  test('the eight frames of the multi-frame file decompress whole', async () => {
    const path = 'dbn-repo/multi-frame.definition.v1.dbn.frag.zst';
    const { out } = await decompress(readFixture(`databento/${path}`), 17);
    expect(Buffer.compare(out, plainContent(path))).toBe(0);
    expect(out.length).toBe(2880);
  });
});
