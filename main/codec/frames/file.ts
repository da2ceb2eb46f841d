import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { decompressZstd } from '../dbn/zstd.ts';
import { FramesDecoder } from './frame-codec.ts';

const CHUNK_BYTES = 1024 * 1024;

export interface OpenFramesOptions {
  /** Called after each read from the file. */
  readonly progress?: (bytesRead: number, bytesTotal: number) => void;
}

/** Whether a file is a capture of frames, by its name. */
export function isFramesName(path: string): boolean {
  return path.endsWith('.frames.zst');
}

/**
 * Reads a frames file. Gives the decoder after each chunk; the caller reads it out and then asks for the next. Throws
 * FramesError, or DbnError where the compression is damaged, after everything good was given.
 */
export async function* openFrames(path: string, options: OpenFramesOptions = {}): AsyncGenerator<FramesDecoder> {
  const { size } = await stat(path);
  const decoder = new FramesDecoder();
  let read = 0;
  const source = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
      read += (chunk as Buffer).length;
      options.progress?.(read, size);
      yield chunk as Buffer;
    }
  };
  for await (const chunk of decompressZstd(source())) {
    decoder.push(chunk);
    yield decoder;
  }
  decoder.end();
}
