import { zstdDecompressSync } from 'node:zlib';
import { DbnDecoder } from '../../../main/codec/dbn/decoder.ts';
import { DbnError } from '../../../main/codec/dbn/error.ts';
import { type JsonRecord, recordToJson } from '../../../main/codec/dbn/record-json.ts';
import { haveFixtures, readFixture } from '../../fixtures.ts';

/** What an independent decoder found in one file: the first five records, prices and times as raw integers. */
export interface ExpectedFile {
  readonly bytes_uncompressed: number;
  readonly metadata?: {
    readonly version: number;
    readonly dataset: string;
    readonly schema: string;
    readonly start: string;
    readonly end: string;
    readonly limit: number;
    readonly stype_in: number;
    readonly stype_out: number;
    readonly ts_out: number;
    readonly symbols: readonly string[];
    readonly n_mappings: number;
    /** The first four at most. */
    readonly mappings: readonly (readonly [string, readonly (readonly [number, number, string])[]])[];
  };
  readonly record_count: number;
  readonly by_rtype: Readonly<Record<string, number>>;
  readonly records: readonly Readonly<Record<string, unknown>>[];
}

/** Every DBN file of the recordings with what it must decode to; empty where the recordings are not at hand. */
export const expectedFiles: readonly (readonly [path: string, expected: ExpectedFile])[] = haveFixtures
  ? Object.entries(
      (JSON.parse(text('expected/decoded_first_records.json')) as { files: Record<string, ExpectedFile> }).files,
    )
  : [];

function text(path: string): string {
  return new TextDecoder().decode(readFixture(`databento/${path}`));
}

/** A file's content without compression, every frame of it, by Node's one-shot function rather than by ours. */
export function plainContent(path: string): Uint8Array {
  let rest = readFixture(`databento/${path}`);
  if (!path.endsWith('.zst')) return rest;
  const frames: Uint8Array[] = [];
  while (rest.length > 0) {
    const { buffer, engine } = zstdDecompressSync(rest, { info: true }) as unknown as {
      buffer: Uint8Array;
      engine: { bytesWritten: number };
    };
    frames.push(buffer);
    rest = rest.subarray(engine.bytesWritten);
  }
  return Buffer.concat(frames);
}

export function isFragment(path: string): boolean {
  return path.includes('.frag');
}

export interface Decoded {
  readonly decoder: DbnDecoder;
  readonly records: readonly JsonRecord[];
  readonly error: DbnError | undefined;
}

/** Decodes content in pieces whose sizes `cut` gives; anything but a DbnError is a defect and is thrown on. */
export function decodeInPieces(content: Uint8Array, fragment: boolean, cut: () => number): Decoded {
  const decoder = new DbnDecoder({ fragment });
  const records: JsonRecord[] = [];
  try {
    for (let at = 0; at < content.length; ) {
      const end = at + Math.max(1, cut());
      decoder.push(content.subarray(at, end));
      while (decoder.next()) records.push(recordToJson(decoder));
      at = end;
    }
    decoder.end();
  } catch (error) {
    if (!(error instanceof DbnError)) throw error;
    return { decoder, records, error };
  }
  return { decoder, records, error: undefined };
}

/** The content decoded in one piece. */
export function decodeWhole(content: Uint8Array, fragment: boolean): Decoded {
  return decodeInPieces(content, fragment, () => content.length);
}

/** Small seeded random integers below `bound`, so that a failing case can be run again. */
export function seeded(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * bound);
  };
}
