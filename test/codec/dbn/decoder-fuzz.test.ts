import { describe, expect, test } from 'vitest';
import { DbnError } from '../../../main/codec/dbn/error.ts';
import { decompressZstd } from '../../../main/codec/dbn/zstd.ts';
import { haveFixtures, readFixture } from '../../fixtures.ts';
import { decodeInPieces, decodeWhole, expectedFiles, isFragment, plainContent, seeded } from './dbn-fixtures.ts';

const SMALL_BYTES = 8192;
const contents = expectedFiles.map(([path]) => ({ path, fragment: isFragment(path), content: plainContent(path) }));
const small = contents.filter(({ content }) => content.length <= SMALL_BYTES);

/** The large files that make the run of all pieces slow are cut only a few times. */
function roundsFor(content: Uint8Array): number {
  return content.length <= SMALL_BYTES ? 40 : 3;
}

describe.skipIf(!haveFixtures)('a stream cut anywhere', () => {
  test('gives the same records as in one piece', () => {
    let cases = 0;
    for (const { path, fragment, content } of contents) {
      const whole = decodeWhole(content, fragment);
      const want = JSON.stringify(whole.records);
      expect(whole.error).toBeUndefined();
      for (let round = 0; round < roundsFor(content); round += 1) {
        const random = seeded(round + 1);
        const most = [3, 50, 700, 20000][round % 4]!;
        const cut = decodeInPieces(content, fragment, () => 1 + random(most));
        expect(cut.error, path).toBeUndefined();
        expect(JSON.stringify(cut.records) === want, `${path}, round ${round}`).toBe(true);
        cases += 1;
      }
    }
    expect(cases).toBeGreaterThan(3500);
  }, 60_000);

  test('that stops early gives the records before the cut and one error where the record began', () => {
    let cases = 0;
    for (const { path, fragment, content } of small.filter(({ content: bytes }) => bytes.length < 1000)) {
      const whole = decodeWhole(content, fragment);
      const want = whole.records.map((record) => JSON.stringify(record));
      for (let length = 0; length < content.length; length += 1) {
        const cut = decodeWhole(content.subarray(0, length), fragment);
        const got = cut.records.map((record) => JSON.stringify(record));
        expect(got.every((record, index) => record === want[index])).toBe(true);
        const end = cut.decoder.nextOffset;
        if (cut.error === undefined) {
          // A stream may stop between records; nothing tells that more was to come.
          expect(end, path).toBe(length);
        } else {
          expect(cut.error.kind).toBe('truncated');
          expect(cut.error.byteOffset).toBeLessThanOrEqual(length);
          expect(cut.error.message).toContain(`at byte ${cut.error.byteOffset}: expected`);
        }
        cases += 1;
      }
    }
    expect(cases).toBeGreaterThan(20000);
  }, 60_000);
});

describe.skipIf(!haveFixtures)('a stream with flipped bytes', () => {
  test('ends in records or in one DbnError, never otherwise', () => {
    let cases = 0;
    let refused = 0;
    for (const { path, fragment, content } of small) {
      for (let round = 0; round < 120; round += 1) {
        const random = seeded(round * 7919 + content.length);
        const flipped = Uint8Array.from(content);
        for (let flips = 1 + random(4); flips > 0; flips -= 1) {
          // Half of them in the first 128 bytes, where lengths and counts are.
          const at = random(2) === 0 ? random(Math.min(128, flipped.length)) : random(flipped.length);
          flipped[at]! ^= 1 << random(8);
        }
        const { error, records } = decodeInPieces(flipped, fragment, () => 1 + random(2000));
        if (error !== undefined) refused += 1;
        expect(records.length, path).toBeLessThanOrEqual(flipped.length / 16);
        if (error !== undefined) expect(error.byteOffset).toBeLessThanOrEqual(flipped.length);
        cases += 1;
      }
    }
    expect(cases).toBeGreaterThan(10000);
    expect(refused).toBeGreaterThan(cases / 20);
  }, 60_000);

  test('under compression ends in output or in one DbnError', async () => {
    const compressed = expectedFiles.filter(([path]) => path.endsWith('.zst')).map(([path]) => path);
    let refused = 0;
    let cases = 0;
    for (const path of compressed) {
      const content = readFixture(`databento/${path}`);
      if (content.length > 2000) continue;
      for (let round = 0; round < 12; round += 1) {
        const random = seeded(round * 104729 + content.length);
        const flipped = Uint8Array.from(content);
        flipped[random(flipped.length)]! ^= 1 << random(8);
        let bytes = 0;
        try {
          for await (const piece of decompressZstd(pieces(flipped, () => 1 + random(300)))) bytes += piece.length;
        } catch (error) {
          expect(error).toBeInstanceOf(DbnError);
          expect((error as DbnError).byteOffset).toBeLessThanOrEqual(flipped.length);
          refused += 1;
        }
        expect(bytes).toBeLessThan(64 * 1024 * 1024);
        cases += 1;
      }
    }
    expect(cases).toBeGreaterThan(800);
    expect(refused).toBeGreaterThan(cases / 2);
  }, 60_000);
});

async function* pieces(content: Uint8Array, cut: () => number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; ) {
    const end = at + cut();
    yield content.subarray(at, end);
    at = end;
  }
}
