import { type FileHandle, open } from 'node:fs/promises';
import { DbnDecoder } from './decoder.ts';
import { DbnError } from './error.ts';
import { decompressZstd } from './zstd.ts';

const CHUNK_BYTES = 2 * 1024 * 1024;

export interface OpenDbnOptions {
  /** Called after each read from the file. */
  readonly progress?: (bytesRead: number, bytesTotal: number) => void;
}

/**
 * Reads a DBN file, plain or zstd, with metadata or (where its name says `.frag`) without. Gives the decoder after each
 * chunk; the caller reads it out and then asks for the next:
 *
 *     for await (const decoder of openDbn(path)) while (decoder.next()) read(decoder);
 *
 * It is always the same decoder, given at least once where the file is sound. Throws DbnError after everything good was
 * given, and what the file system throws.
 */
export async function* openDbn(path: string, options: OpenDbnOptions = {}): AsyncGenerator<DbnDecoder> {
  const file = await open(path);
  try {
    const head = new Uint8Array(12);
    const { bytesRead } = await file.read(head, 0, head.length, 0).catch((error: NodeJS.ErrnoException) => {
      // Whoever reads a folder is told so only now, and without its name.
      error.path ??= path;
      throw error;
    });
    const format = sniff(head.subarray(0, bytesRead));
    let decoder: DbnDecoder | undefined;
    const raw = readChunks(file, () => (format === 'plain' ? (decoder?.nextOffset ?? 0) : 0), options);
    for await (const chunk of format === 'zstd' ? decompressZstd(raw, { lent: true }) : raw) {
      decoder ??= new DbnDecoder({ fragment: isFragmentName(path) && !startsWith(chunk, [0x44, 0x42, 0x4e]) });
      decoder.push(chunk);
      yield decoder;
    }
    if (decoder === undefined) {
      decoder = new DbnDecoder({ fragment: isFragmentName(path) });
      yield decoder;
    }
    decoder.end();
  } finally {
    await file.close();
  }
}

/** What the first bytes say; DbnError for the legacy DBZ format. Anything else is left to the decoder to refuse. */
function sniff(head: Uint8Array): 'plain' | 'zstd' {
  if (startsWith(head, [0x28, 0xb5, 0x2f, 0xfd])) return 'zstd';
  const skippable = head.length >= 8 && (head[0]! & 0xf0) === 0x50 && startsWith(head.subarray(1), [0x2a, 0x4d, 0x18]);
  if (skippable && startsWith(head.subarray(8), [0x44, 0x42, 0x5a])) {
    throw new DbnError({
      kind: 'unsupported',
      byteOffset: 0,
      expected: 'a DBN file',
      found: 'the legacy DBZ format; convert the file with the dbn command line tool, or download it again as DBN',
    });
  }
  return skippable ? 'zstd' : 'plain';
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return bytes.length >= start.length && start.every((byte, index) => bytes[index] === byte);
}

function isFragmentName(path: string): boolean {
  return /\.frag(\.zst)?$/i.test(path);
}

/**
 * The file in pieces of 2 MiB, the next one under way while the last is worked on. A piece is put into its buffer so
 * that records that start at `recordOffset` modulo 4 lie 4-byte aligned and can be read in place.
 */
async function* readChunks(
  file: FileHandle,
  recordOffset: () => number,
  options: OpenDbnOptions,
): AsyncGenerator<Uint8Array> {
  const { size } = await file.stat();
  const buffers = [new Uint8Array(CHUNK_BYTES + 4), new Uint8Array(CHUNK_BYTES + 4)] as const;
  let position = 0;
  const read = async (buffer: Uint8Array): Promise<Uint8Array> => {
    const shift = -recordOffset() & 3;
    const { bytesRead } = await file.read(buffer, shift, CHUNK_BYTES, position);
    position += bytesRead;
    return buffer.subarray(shift, shift + bytesRead);
  };
  let coming = read(buffers[0]);
  for (let turn = 1; ; turn += 1) {
    const chunk = await coming;
    if (chunk.length === 0) return;
    options.progress?.(position, size);
    coming = read(turn % 2 === 0 ? buffers[0] : buffers[1]);
    coming.catch(() => undefined);
    yield chunk;
  }
}
