import { DbnError } from '../../codec/dbn/error.ts';
import { HEADER_BYTES, RECORD_BYTES, TS_OUT_BYTES } from '../../codec/dbn/layout.ts';
import {
  type DbnMetadata,
  decodeMetadata,
  METADATA_PREFIX_BYTES,
  readMetadataPrefix,
} from '../../codec/dbn/metadata.ts';
import { rtypeName } from '../../codec/dbn/names.ts';

/** Whole records in a buffer of their own, the first at its start, so that all lie 4-byte aligned. */
export interface CutRecords {
  readonly bytes: Uint8Array;
  /** The same as 32-bit words. */
  readonly words: Int32Array;
}

/** What comes out of a stream. */
export interface CutSink {
  onMetadata(block: Uint8Array, metadata: DbnMetadata): void;
  onRecords(records: CutRecords): void;
}

const NOTHING = new Uint8Array(0);

/**
 * Cuts a DBN stream that arrives in pieces of any size at the boundaries of its records, so that what is handed on can be
 * stored and read by itself. Keeps at most one incomplete record. Every length is checked against its record type, so that
 * garbage is found at the first record that it touches.
 */
export class RecordCutter {
  metadata: DbnMetadata | undefined;
  #carry: Uint8Array = NOTHING;
  /** Stream offset of the first byte that is carried. */
  #offset = 0;
  readonly #sizes = new Uint16Array(256);

  /** Bytes of a record, or of the metadata, that are not complete. */
  get pendingBytes(): number {
    return this.#carry.length;
  }

  /**
   * Takes the next piece of the stream; what is complete goes to the sink before it returns.
   * @throws DbnError where the bytes are no DBN: what was complete before them has been handed out
   */
  push(chunk: Uint8Array, sink: CutSink): void {
    let at = 0;
    if (this.metadata === undefined) {
      at = this.#takeMetadata(chunk, sink);
      if (this.metadata === undefined) return;
    }
    const carried = this.#carry.length;
    const total = carried + chunk.length - at;
    if (total === 0) return;
    const buffer = new ArrayBuffer(Math.ceil(total / 4) * 4);
    const bytes = new Uint8Array(buffer, 0, total);
    bytes.set(this.#carry);
    bytes.set(at === 0 ? chunk : chunk.subarray(at), carried);
    let fault: DbnError | undefined;
    let end = 0;
    while (end + 4 <= total) {
      const length = bytes[end]! * 4;
      fault = this.#misfit(bytes, end);
      if (fault !== undefined || end + length > total) break;
      end += length;
    }
    this.#carry = bytes.slice(end);
    this.#offset += end;
    if (end > 0) sink.onRecords({ bytes: bytes.subarray(0, end), words: new Int32Array(buffer, 0, end / 4) });
    if (fault !== undefined) throw fault;
  }

  #misfit(bytes: Uint8Array, at: number): DbnError | undefined {
    const length = bytes[at]! * 4;
    const rtype = bytes[at + 1]!;
    const size = this.#sizes[rtype]!;
    if (size === 0 ? length >= HEADER_BYTES : length === size) return undefined;
    return new DbnError({
      kind: 'corrupt',
      byteOffset: this.#offset + at,
      expected:
        size === 0 ? `a record of at least ${HEADER_BYTES} bytes` : `a ${rtypeName(rtype)} record of ${size} bytes`,
      found: `a length of ${length} bytes`,
    });
  }

  /** Index of the first byte of the chunk behind the metadata. */
  #takeMetadata(chunk: Uint8Array, sink: CutSink): number {
    const before = this.#carry.length;
    const joined = new Uint8Array(before + chunk.length);
    joined.set(this.#carry);
    joined.set(chunk, before);
    this.#carry = joined;
    if (joined.length < METADATA_PREFIX_BYTES) return chunk.length;
    const size = readMetadataPrefix(joined);
    if (joined.length < size) return chunk.length;
    const block = joined.slice(0, size);
    const metadata = decodeMetadata(block);
    this.metadata = metadata;
    for (const [rtype, sizes] of RECORD_BYTES) {
      this.#sizes[rtype] = sizes[metadata.version - 1]! + (metadata.tsOut ? TS_OUT_BYTES : 0);
    }
    this.#carry = NOTHING;
    this.#offset = size;
    sink.onMetadata(block, metadata);
    return size - before;
  }
}
