import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openFrames } from '../../../main/codec/frames/file.ts';
import {
  encodeFrame,
  encodeHead,
  FramesDecoder,
  FramesError,
  headBytes,
  type StoredFrame,
} from '../../../main/codec/frames/frame-codec.ts';

const frame: fc.Arbitrary<StoredFrame> = fc.record({
  kind: fc.constantFrom('opened', 'lost', 'message', 'answer', 'state'),
  name: fc.string({ maxLength: 20 }),
  bytes: fc.uint8Array({ maxLength: 200 }),
  localUs: fc.nat(2 ** 40),
});

const streamOf = (frames: readonly StoredFrame[]) =>
  Buffer.concat([encodeHead({ source: 'kraken' }), ...frames.map(encodeFrame)]);

const plain = ({ bytes, ...rest }: StoredFrame) => ({ ...rest, bytes: [...bytes] });

describe('a stream of frames', () => {
  test('cut anywhere, gives back what was put in', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), fc.array(fc.integer({ min: 1, max: 90 })), (frames, cuts) => {
        const stream = streamOf(frames);
        const decoder = new FramesDecoder();
        const got: StoredFrame[] = [];
        let at = 0;
        for (const length of [...cuts, stream.length]) {
          decoder.push(stream.subarray(at, at + length));
          at = Math.min(stream.length, at + length);
          for (let next = decoder.next(); next !== undefined; next = decoder.next()) got.push(next);
        }
        decoder.end();
        expect(got.map(plain)).toEqual(frames.map(plain));
        expect(decoder.head).toEqual({ source: 'kraken' });
      }),
    );
  });

  test('that stops early gives the frames before the cut, and an error that says where', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 5 }), fc.nat(), (frames, cut) => {
        const stream = streamOf(frames);
        const length = cut % stream.length;
        const decoder = new FramesDecoder();
        decoder.push(stream.subarray(0, length));
        let whole = 0;
        while (decoder.next() !== undefined) whole++;
        const ends = frames.map((_, index) => streamOf(frames.slice(0, index + 1)).length);
        expect(whole).toBe(ends.filter((end) => end <= length).length);
        const sound = length === streamOf([]).length || ends.includes(length);
        if (sound) decoder.end();
        else expect(() => decoder.end()).toThrow(FramesError);
      }),
    );
  });

  test('with flipped bytes ends in frames or in a FramesError', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { minLength: 1, maxLength: 5 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (frames, at, mask) => {
          const stream = streamOf(frames);
          stream[at % stream.length]! ^= mask;
          const decoder = new FramesDecoder();
          decoder.push(stream);
          try {
            while (decoder.next() !== undefined);
          } catch (error) {
            expect(error).toBeInstanceOf(FramesError);
          }
        },
      ),
    );
  });

  test('its head is told from a frame', () => {
    const head = encodeHead({ source: 'ig' });
    expect(headBytes(head)).toBe(head.length);
    expect(headBytes(encodeFrame({ kind: 'lost', name: 'why', bytes: new Uint8Array(40), localUs: 1 }))).toBe(0);
  });

  test('lies in a file in zstd frames, which are read one after the other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fathom-frames-'));
    try {
      const path = join(folder, 'a.frames.zst');
      const frames = Array.from(
        { length: 50 },
        (_, index): StoredFrame => ({
          kind: 'message',
          name: '',
          bytes: new Uint8Array(100).fill(index),
          localUs: index,
        }),
      );
      const stream = streamOf(frames);
      writeFileSync(
        path,
        Buffer.concat([zstdCompressSync(stream.subarray(0, 777)), zstdCompressSync(stream.subarray(777))]),
      );
      const got: StoredFrame[] = [];
      for await (const decoder of openFrames(path)) {
        for (let next = decoder.next(); next !== undefined; next = decoder.next())
          got.push({ ...next, bytes: next.bytes.slice() });
      }
      expect(got.map(plain)).toEqual(frames.map(plain));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
