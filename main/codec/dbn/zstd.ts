import type { TransformOptions } from 'node:stream';
import { createZstdDecompress, type ZstdOptions as NodeZstdOptions } from 'node:zlib';
import { DbnError } from './error.ts';
import { ZstdFrameWalker } from './zstd-frames.ts';

/**
 * Blocks given to the decompressor in one write. What is good before a bad block of the same write is lost, so the
 * first ones of a frame go singly: a small file loses nothing.
 */
const BLOCKS_A_WRITE = 8;
const SINGLE_BLOCKS = 16;
/** Writes under way while the reader works on what is there: decompression runs on another thread. */
const WRITES_AHEAD = 4;
/** What one write yields at most: its blocks, 128 KiB each. */
const OUTPUT_BYTES = BLOCKS_A_WRITE * 131072;
/** The output buffer holds all writes under way, so that the stream never waits for a reader. */
const STREAM_OPTIONS: NodeZstdOptions & TransformOptions = {
  chunkSize: OUTPUT_BYTES,
  readableHighWaterMark: (WRITES_AHEAD + 2) * OUTPUT_BYTES,
};
const FRAME_MAGIC = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);

export interface ZstdOptions {
  /**
   * Each chunk is only lent: it is gone when the next one is asked for. Memory that the system hands out anew for every
   * chunk takes as long as decompressing into it; lent, it goes back at once and is used again.
   */
  readonly lent?: boolean;
}

/**
 * Decompresses a zstd stream of one or more frames, skippable ones included, from chunks cut anywhere. Output comes as
 * soon as its blocks are in, so this serves live streams as well as files; the memory that it takes does not depend on
 * what the stream claims (windows above 128 MiB are refused). A chunk of `source` must stay as it is until the next one
 * is asked for. Throws DbnError with the offset in the compressed stream, after all output before it was given.
 */
export async function* decompressZstd(
  source: AsyncIterable<Uint8Array>,
  options: ZstdOptions = {},
): AsyncGenerator<Uint8Array> {
  const lent = options.lent ?? false;
  const walker = new ZstdFrameWalker();
  let frame: ZstdFrame | undefined;
  try {
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length; ) {
        const from = at;
        const offset = walker.offset;
        try {
          at = walker.walk(chunk, from, frame?.blocksAWrite ?? 1);
        } catch (error) {
          const good = error instanceof DbnError ? error.byteOffset - offset : 0;
          if (good > 0) frame?.write(chunk.subarray(from, from + good), offset);
          if (frame !== undefined) yield* frame.output(0, lent);
          throw error;
        }
        if (walker.event === 'begin') {
          frame = new ZstdFrame();
          frame.write(FRAME_MAGIC, offset);
          continue;
        }
        if (frame === undefined) continue;
        frame.write(chunk.subarray(from, at), offset);
        const ended = walker.event === 'end';
        yield* frame.output(ended ? 0 : WRITES_AHEAD, lent);
        if (ended) {
          frame.close();
          frame = undefined;
        }
      }
      if (frame !== undefined) yield* frame.output(0, lent);
    }
    if (!walker.betweenFrames) {
      const [byteOffset, expected] = [walker.offset, walker.expecting];
      throw new DbnError({
        kind: 'truncated',
        byteOffset,
        of: 'compressed file',
        expected,
        found: 'the end of the input',
      });
    }
  } finally {
    frame?.close();
  }
}

/** One frame under decompression: a stream of its own, because Node's stops at the end of the first frame. */
class ZstdFrame {
  readonly #stream = createZstdDecompress(STREAM_OPTIONS);
  readonly #ready: Uint8Array[] = [];
  /** Compressed offsets of the writes under way, oldest first. */
  readonly #underWay: number[] = [];
  #written = 0;
  #fault: DbnError | undefined;
  #wake: (() => void) | undefined;

  constructor() {
    this.#stream.on('data', (bytes: Uint8Array) => this.#ready.push(bytes));
    // Writes under way when the stream fails are never called back: the oldest of them is the one that failed.
    this.#stream.on('error', (error: Error) => {
      const byteOffset = this.#underWay[0] ?? 0;
      const expected = 'valid zstd data in the blocks from here on';
      this.#fault ??= new DbnError(
        { kind: 'corrupt', byteOffset, of: 'compressed file', expected, found: error.message },
        error,
      );
      this.#wake?.();
    });
  }

  get blocksAWrite(): number {
    return this.#written < SINGLE_BLOCKS ? 1 : BLOCKS_A_WRITE;
  }

  write(bytes: Uint8Array, byteOffset: number): void {
    this.#written += 1;
    this.#underWay.push(byteOffset);
    this.#stream.write(bytes, (error) => {
      if (error) return;
      this.#underWay.shift();
      this.#wake?.();
    });
  }

  /** Gives what comes out until at most `ahead` writes are under way. */
  async *output(ahead: number, lent: boolean): AsyncGenerator<Uint8Array> {
    for (;;) {
      // What the stream has not handed over by itself yet comes with the read, through the same event.
      this.#stream.read();
      for (let bytes = this.#ready.shift(); bytes !== undefined; bytes = this.#ready.shift()) {
        yield bytes;
        if (lent) giveBack(bytes);
      }
      if (this.#fault !== undefined) throw this.#fault;
      if (this.#underWay.length <= ahead) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  close(): void {
    this.#stream.destroy();
  }
}

/** Frees the memory of a chunk that was read: the whole of it, once its last part was. Until then the stream may fill it on. */
function giveBack(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && bytes.byteOffset + bytes.byteLength === buffer.byteLength) buffer.transfer(0);
}
