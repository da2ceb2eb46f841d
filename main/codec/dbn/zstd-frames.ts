import { DbnError } from './error.ts';

/** What the walker expects next in the compressed stream (RFC 8878, section 3.1). */
type Phase = 'magic' | 'descriptor' | 'header' | 'block-header' | 'block' | 'checksum' | 'skip-size' | 'skip';

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const MOST_BLOCK_BYTES = 131072;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;

/**
 * Finds the frames and blocks of a zstd stream by their lengths, without decompressing anything, in chunks cut
 * anywhere. It tells where one frame ends and the next begins, which frames are to be skipped, and where in the file
 * the input stopped.
 */
export class ZstdFrameWalker {
  /** Compressed bytes walked over so far. */
  offset = 0;
  /** What the last `walk` stopped at; `begin` is the end of a frame's magic number, never that of a skippable frame. */
  event: 'begin' | 'end' | 'none' = 'none';
  #phase: Phase = 'magic';
  #value = 0;
  #collected = 0;
  #left = 4;
  #lastBlock = false;
  #checksum = false;

  /** Whether the stream may end here: between two frames. */
  get betweenFrames(): boolean {
    return this.#phase === 'magic' && this.#collected === 0;
  }

  /** What the stream must go on with, in words. */
  get expecting(): string {
    return `${this.#left} more bytes of a zstd ${this.#phase.replace('-', ' ')}`;
  }

  /**
   * Walks `chunk` from `from` over at most `blocks` blocks of one frame; gives the index where it stopped: behind the
   * magic number, a block or the frame, or at the end of the chunk. Throws DbnError where the stream can't be zstd.
   */
  walk(chunk: Uint8Array, from: number, blocks: number): number {
    let at = from;
    let blocksLeft = blocks;
    this.event = 'none';
    while (at < chunk.length) {
      const before = this.#phase;
      if (before === 'header' || before === 'block' || before === 'skip') {
        const pass = Math.min(this.#left, chunk.length - at);
        this.#left -= pass;
        at += pass;
        this.offset += pass;
      } else {
        this.#value += chunk[at]! * 2 ** (8 * this.#collected);
        this.#collected += 1;
        this.#left -= 1;
        at += 1;
        this.offset += 1;
      }
      if (this.#left > 0) continue;
      this.#advance();
      if (this.event !== 'none') return at;
      if (before === 'block') {
        blocksLeft -= 1;
        if (blocksLeft === 0) return at;
      }
    }
    return at;
  }

  #advance(): void {
    const value = this.#value;
    switch (this.#phase) {
      case 'magic':
        this.#magic(value);
        return;
      case 'descriptor':
        this.#checksum = (value & 4) !== 0;
        this.#enter('header', headerBytes(value));
        return;
      case 'header':
        this.#enter('block-header', 3);
        return;
      case 'block-header':
        this.#block(value);
        return;
      case 'block':
        if (!this.#lastBlock) this.#enter('block-header', 3);
        else if (this.#checksum) this.#enter('checksum', 4);
        else this.#endFrame();
        return;
      case 'skip-size':
        if (value === 0) this.#endFrame();
        else this.#enter('skip', value);
        return;
      case 'checksum':
      case 'skip':
        this.#endFrame();
    }
  }

  #magic(value: number): void {
    if (value === FRAME_MAGIC) {
      this.event = 'begin';
      this.#enter('descriptor', 1);
    } else if (value >= SKIPPABLE_MAGIC && value < SKIPPABLE_MAGIC + 16) {
      this.#enter('skip-size', 4);
    } else {
      const found = `0x${value.toString(16).padStart(8, '0')}`;
      throw this.#corrupt(4, 'a zstd frame (magic 0xfd2fb528)', found);
    }
  }

  #block(header: number): void {
    this.#lastBlock = (header & 1) !== 0;
    const type = (header >>> 1) & 3;
    const size = header >>> 3;
    if (type === 3) throw this.#corrupt(3, 'a raw, run-length or compressed zstd block', 'the reserved block type 3');
    if (size > MOST_BLOCK_BYTES) {
      throw this.#corrupt(3, `a zstd block of at most ${MOST_BLOCK_BYTES} bytes`, `${size} bytes`);
    }
    this.#enter('block', type === 1 ? 1 : size);
    if (this.#left === 0) this.#advance();
  }

  #enter(phase: Phase, bytes: number): void {
    this.#phase = phase;
    this.#left = bytes;
    this.#value = 0;
    this.#collected = 0;
  }

  #endFrame(): void {
    this.event = 'end';
    this.#enter('magic', 4);
  }

  #corrupt(back: number, expected: string, found: string): DbnError {
    return new DbnError({ kind: 'corrupt', byteOffset: this.offset - back, of: 'compressed file', expected, found });
  }
}

/** Bytes of window descriptor, dictionary id and content size that follow the frame header descriptor; at least one. */
function headerBytes(descriptor: number): number {
  const singleSegment = (descriptor & 0x20) !== 0;
  const contentSizeFlag = descriptor >>> 6;
  const contentSize = contentSizeFlag === 0 && singleSegment ? 1 : CONTENT_SIZE_BYTES[contentSizeFlag]!;
  return (singleSegment ? 0 : 1) + DICTIONARY_ID_BYTES[descriptor & 3]! + contentSize;
}
