import { DbnError } from './error.ts';
import { type DbnVersion, HEADER_BYTES, MAX_RECORD_BYTES, RECORD_BYTES, TS_OUT_BYTES } from './layout.ts';
import { type DbnMetadata, decodeMetadata, METADATA_PREFIX_BYTES, readMetadataPrefix } from './metadata.ts';
import { rtypeName } from './names.ts';

export interface DbnDecoderOptions {
  /** The stream has no metadata: it starts with a record, and the version is inferred from record sizes. */
  readonly fragment?: boolean;
  /** For fragments: every record carries 8 further bytes, the gateway's send time. */
  readonly tsOut?: boolean;
}

/** Chunks from this size on are read in place where they lie 4-byte aligned; smaller ones are copied. */
const IN_PLACE_BYTES = 8192;
/** What is copied at a time from a chunk that does not lie aligned: small enough to stay in the cache. */
const COPY_BYTES = 65536;
/** In the table of sizes, out of reach of a length byte: no such record type; a size that is not decided yet. */
const UNKNOWN_SIZE = 256;
const UNDECIDED_SIZE = 257;

const NOTHING = new Uint8Array(0);

/**
 * Cuts a DBN stream into records without I/O of its own and without an allocation per record.
 *
 *     decoder.push(chunk);
 *     while (decoder.next()) read(decoder.words, decoder.at);
 *
 * Chunks may be cut anywhere. A chunk may be read in place, so the caller must leave it alone until `next()` has
 * returned false; what is left of a record by then is kept inside, at most one record. The record under the cursor is
 * valid until `next()` is called again. Whatever is wrong with the stream is thrown as a DbnError by `push`, `next` or
 * `end`, after everything good before it was delivered.
 */
export class DbnDecoder {
  /** Undefined until the block is complete, and for fragments. */
  metadata: DbnMetadata | undefined;
  /** From the metadata; of a fragment the highest version that fits all records so far. */
  version: DbnVersion = 3;
  /** The buffer with the record under the cursor, as 32-bit words; take it anew after each `next()`. */
  words: Int32Array;
  /** The same buffer as bytes: word index `at` is byte index `at * 4`. */
  bytes: Uint8Array;
  /** The same buffer for fields of 64 bits, which need not lie 8-byte aligned. */
  view: DataView;
  /** Word index of the record under the cursor. */
  at = 0;
  /** Type of the record under the cursor. */
  rtype = 0;
  /** Whether the stream has no metadata. */
  readonly fragment: boolean;
  /** Records of unknown type that were skipped. */
  unknownRecords = 0;

  readonly #carry = new Uint8Array(new ArrayBuffer(MAX_RECORD_BYTES + 4));
  readonly #carryWords = new Int32Array(this.#carry.buffer, 0, MAX_RECORD_BYTES / 4);
  readonly #carryView = new DataView(this.#carry.buffer);
  #copy: Window | undefined;
  readonly #sizes = new Uint16Array(256).fill(UNKNOWN_SIZE);
  #fits = 0b1110;
  #tsOut: boolean;
  #inMetadata: boolean;
  #metadataBytes = new Uint8Array(4096);
  #metadataLength = 0;
  #metadataSize = 0;
  #chunk: Uint8Array = NOTHING;
  #chunkAt = 0;
  #drained = true;
  /** Stream offset of the first byte of the window. */
  #windowOffset = 0;
  #nextAt = 0;
  #endWord = 0;
  #endByte = 0;

  constructor(options: DbnDecoderOptions = {}) {
    this.fragment = options.fragment ?? false;
    this.#tsOut = options.tsOut ?? false;
    this.#inMetadata = !this.fragment;
    this.words = this.#carryWords;
    this.bytes = this.#carry;
    this.view = this.#carryView;
    if (this.fragment) this.#setSizes();
  }

  /** Byte index in `bytes` of the record under the cursor. */
  get byteAt(): number {
    return this.at * 4;
  }

  /** Size of the record under the cursor in bytes, ts_out included. */
  get recordBytes(): number {
    return (this.words[this.at]! & 0xff) * 4;
  }

  /** Offset of the record under the cursor in the decompressed stream. */
  get offset(): number {
    return this.#windowOffset + this.at * 4;
  }

  /** Whether records carry the gateway's send time in their last 8 bytes. */
  get tsOut(): boolean {
    return this.#tsOut;
  }

  /** Offset of the first byte that was not delivered as part of a record or of the metadata. */
  get nextOffset(): number {
    return this.#inMetadata ? this.#metadataLength : this.#windowOffset + this.#nextAt * 4;
  }

  /** Takes the next piece of the stream. Throws an Error if `next()` has not returned false since the last piece. */
  push(chunk: Uint8Array): void {
    if (!this.#drained) {
      throw new Error('DbnDecoder.push: the last chunk has not been read to its end; call next() until it is false.');
    }
    this.#chunk = chunk;
    this.#chunkAt = 0;
    if (this.#inMetadata) this.#takeMetadata();
    this.#drained = this.#chunkAt === chunk.length;
  }

  /** Moves to the next complete record of a known type; false: more input is needed. */
  next(): boolean {
    for (;;) {
      const at = this.#nextAt;
      if (at < this.#endWord) {
        const head = this.words[at]!;
        const length = head & 0xff;
        const rtype = (head >>> 8) & 0xff;
        if (length === this.#sizes[rtype] || this.#settle(at, rtype, length)) {
          if (at + length <= this.#endWord) {
            this.#nextAt = at + length;
            this.at = at;
            this.rtype = rtype;
            return true;
          }
        } else if (at + length <= this.#endWord) {
          this.#nextAt = at + length;
          this.unknownRecords += 1;
          continue;
        }
      }
      if (!this.#refill()) {
        this.#drained = true;
        this.#chunk = NOTHING;
        this.#chunkAt = 0;
        return false;
      }
    }
  }

  /** Says that the input is complete. Throws DbnError if it stops inside the metadata or a record. */
  end(): void {
    if (this.#inMetadata) {
      const need = this.#metadataSize === 0 ? METADATA_PREFIX_BYTES : this.#metadataSize;
      throw this.#truncated(this.#metadataLength, `${need} bytes of metadata`, this.#metadataLength);
    }
    const left = this.#endByte - this.#nextAt * 4;
    if (left === 0) return;
    const need = Math.max(this.bytes[this.#nextAt * 4]! * 4, HEADER_BYTES);
    throw this.#truncated(this.nextOffset, `a record of ${need} bytes`, left);
  }

  #truncated(byteOffset: number, expected: string, left: number): DbnError {
    const found = left === 0 ? 'the end of the input' : `the end of the input after ${left} bytes of it`;
    return new DbnError({ kind: 'truncated', byteOffset, expected, found });
  }

  #takeMetadata(): void {
    if (this.#metadataSize === 0) {
      this.#appendMetadata(METADATA_PREFIX_BYTES);
      if (this.#metadataLength < METADATA_PREFIX_BYTES) return;
      this.#metadataSize = readMetadataPrefix(this.#metadataBytes);
    }
    this.#appendMetadata(this.#metadataSize);
    if (this.#metadataLength < this.#metadataSize) return;
    const metadata = decodeMetadata(this.#metadataBytes.subarray(0, this.#metadataSize));
    this.metadata = metadata;
    this.#fits = 1 << metadata.version;
    this.#tsOut = metadata.tsOut;
    this.#setSizes();
    this.#inMetadata = false;
    this.#metadataBytes = NOTHING;
    this.#windowOffset = this.#metadataSize;
  }

  /** Grows with what has arrived, never with what a length field asks for. */
  #appendMetadata(upTo: number): void {
    const take = Math.min(upTo - this.#metadataLength, this.#chunk.length - this.#chunkAt);
    if (this.#metadataLength + take > this.#metadataBytes.length) {
      const grown = new Uint8Array(Math.max(this.#metadataBytes.length * 2, this.#metadataLength + take));
      grown.set(this.#metadataBytes.subarray(0, this.#metadataLength));
      this.#metadataBytes = grown;
    }
    this.#metadataBytes.set(this.#chunk.subarray(this.#chunkAt, this.#chunkAt + take), this.#metadataLength);
    this.#metadataLength += take;
    this.#chunkAt += take;
  }

  /** Sizes in words that every record type must have in the versions that are still possible. */
  #setSizes(): void {
    const extra = this.#tsOut ? TS_OUT_BYTES : 0;
    for (const [rtype, sizes] of RECORD_BYTES) {
      const possible = new Set(sizes.filter((_, index) => (this.#fits & (2 << index)) !== 0));
      const [bytes] = possible;
      this.#sizes[rtype] = possible.size === 1 ? (bytes! + extra) / 4 : UNDECIDED_SIZE;
    }
    this.version = (this.#fits & 8) !== 0 ? 3 : (this.#fits & 4) !== 0 ? 2 : 1;
  }

  /**
   * The record's length is not the one in the table. True: it is a known record after all, whose size has now told the
   * version of the fragment; false: an unknown type, to be skipped. Throws DbnError where the length can't be.
   */
  #settle(at: number, rtype: number, length: number): boolean {
    const byteOffset = this.#windowOffset + at * 4;
    if (length * 4 < HEADER_BYTES) {
      const expected = 'a record length of at least 4 words';
      throw new DbnError({ kind: 'corrupt', byteOffset, expected, found: `${length}` });
    }
    const size = this.#sizes[rtype];
    if (size === UNKNOWN_SIZE) return false;
    const extra = this.#tsOut ? TS_OUT_BYTES : 0;
    const sizes = RECORD_BYTES.get(rtype)!;
    const fits = sizes.reduce((bits, bytes, index) => (bytes + extra === length * 4 ? bits | (2 << index) : bits), 0);
    if ((fits & this.#fits) === 0) {
      const possible = new Set(sizes.filter((_, index) => (this.#fits & (2 << index)) !== 0).map((b) => b + extra));
      const expected = `a ${rtypeName(rtype)} record of ${[...possible].join(' or ')} bytes`;
      throw new DbnError({ kind: 'corrupt', byteOffset, expected, found: `a length of ${length * 4} bytes` });
    }
    this.#fits &= fits;
    this.#setSizes();
    return true;
  }

  /** Brings the next bytes under the window; false: there are none, or not enough for a record. */
  #refill(): boolean {
    const start = this.#nextAt * 4;
    let carried = this.#endByte - start;
    this.#windowOffset += start;
    if (carried > 0 && (start > 0 || this.bytes !== this.#carry)) {
      this.#carry.set(this.bytes.subarray(start, this.#endByte));
    }
    const left = this.#chunk.length - this.#chunkAt;
    if (carried > 0 || left === 0 || this.#inMetadata) {
      // The first byte tells the length; a word with the type must be there before the length is judged.
      if (carried < 4) carried += this.#carryOn(carried, 4 - carried);
      if (carried >= 4) {
        const bytes = Math.max(this.#carry[0]! * 4, 4);
        carried += this.#carryOn(carried, bytes - carried);
        this.#setWindow(this.#carry, this.#carryWords, this.#carryView, carried);
        return carried >= bytes;
      }
      this.#setWindow(this.#carry, this.#carryWords, this.#carryView, carried);
      return false;
    }
    const chunk = this.#chunk;
    const from = chunk.byteOffset + this.#chunkAt;
    if (left >= IN_PLACE_BYTES && (from & 3) === 0) {
      const words = new Int32Array(chunk.buffer, from, left >> 2);
      const view = new DataView(chunk.buffer, from, left);
      this.#setWindow(new Uint8Array(chunk.buffer, from, left), words, view, left);
      this.#chunkAt = chunk.length;
      return true;
    }
    this.#copy ??= windowOn(new ArrayBuffer(COPY_BYTES));
    const copy = this.#copy;
    const bytes = Math.min(left, COPY_BYTES);
    copy.bytes.set(chunk.subarray(this.#chunkAt, this.#chunkAt + bytes));
    this.#chunkAt += bytes;
    this.#setWindow(copy.bytes, copy.words, copy.view, bytes);
    return true;
  }

  #carryOn(at: number, bytes: number): number {
    const take = Math.min(bytes, this.#chunk.length - this.#chunkAt);
    if (take > 0) this.#carry.set(this.#chunk.subarray(this.#chunkAt, this.#chunkAt + take), at);
    this.#chunkAt += take;
    return take;
  }

  #setWindow(bytes: Uint8Array, words: Int32Array, view: DataView, length: number): void {
    this.bytes = bytes;
    this.words = words;
    this.view = view;
    this.#nextAt = 0;
    this.#endByte = length;
    this.#endWord = length >> 2;
  }
}

/** A buffer as bytes, words and fields. */
interface Window {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly view: DataView;
}

function windowOn(buffer: ArrayBuffer): Window {
  return { bytes: new Uint8Array(buffer), words: new Int32Array(buffer), view: new DataView(buffer) };
}
