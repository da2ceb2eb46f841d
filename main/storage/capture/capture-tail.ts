import { open, readFile } from 'node:fs/promises';
import { zstdDecompressSync } from 'node:zlib';
import { decodeSidecar, type FrameLine, sidecarPath } from '../../codec/capture/sidecar.ts';
import { metadataBytes } from './capture-chunks.ts';
import { capturesIn } from './capture-folder.ts';

/**
 * The records that a source's DBN captures have from a time on, and some from before it: whole records of version 3 in the
 * order in which they arrived, as words. Reads only the part of each file in which they lie.
 * @param sinceUs local receive time, µs
 */
export async function* capturedSince(folder: string, source: string, sinceUs: number): AsyncGenerator<Int32Array> {
  for (const { path, ...name } of await capturesIn(folder)) {
    if (name.source !== source || name.kind !== 'dbn') continue;
    const frames = (await framesOf(path)).filter((frame) => lastArrivalUs(frame) >= sinceUs);
    const file = await open(path);
    try {
      for (const { at, bytes } of frames) {
        const frame = new Uint8Array(bytes);
        await file.read(frame, 0, bytes, at);
        const stream = zstdDecompressSync(frame);
        const records = Uint8Array.from(stream.subarray(metadataBytes(stream)));
        yield new Int32Array(records.buffer, 0, Math.floor(records.length / 4));
      }
    } finally {
      await file.close();
    }
  }
}

async function framesOf(path: string): Promise<FrameLine[]> {
  const sidecar = await readFile(sidecarPath(path)).catch(() => undefined);
  if (sidecar === undefined) return [];
  return decodeSidecar(sidecar)
    .map(({ line }) => line)
    .filter((line) => line.type === 'frame');
}

/** A frame that a crash left without its line may have arrived at any time. */
function lastArrivalUs({ chunks, localUs }: FrameLine): number {
  if (chunks.length === 0) return Number.POSITIVE_INFINITY;
  return chunks.reduce((us, [, , elapsedUs]) => us + elapsedUs, localUs);
}
