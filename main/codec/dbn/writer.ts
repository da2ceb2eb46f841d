import type { DbnDecoder } from './decoder.ts';
import { RECORD_BYTES, TS_OUT_BYTES } from './layout.ts';
import { type DbnMetadata, encodeMetadata } from './metadata.ts';
import { upgradeRecord } from './upgrade.ts';

/**
 * Collects a version-3 DBN stream: the metadata once, then records taken from a decoder of any version. Reading a plain
 * version-3 file and writing it this way gives the same bytes. Without I/O: take `written()`, then `clear()`.
 */
export class DbnWriter {
  #bytes: Uint8Array;
  #length = 0;

  /** Without metadata a fragment is written. */
  constructor(metadata?: Omit<DbnMetadata, 'version'>, capacityBytes = 1024 * 1024) {
    this.#bytes = new Uint8Array(capacityBytes);
    if (metadata !== undefined) this.append(encodeMetadata(metadata));
  }

  get byteLength(): number {
    return this.#length;
  }

  /** A view of what was collected; valid until the next write or `clear()`. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets what was collected; what comes next continues the stream. */
  clear(): void {
    this.#length = 0;
  }

  /** Bytes that are version-3 records already, such as those of a DbnRecordWriter. */
  append(records: Uint8Array): void {
    const at = this.#reserve(records.length);
    this.#bytes.set(records, at);
  }

  /** The record under the decoder's cursor, upgraded where its version is older. */
  copy(decoder: DbnDecoder): void {
    const { bytes, byteAt, recordBytes, rtype, version } = decoder;
    const record = bytes.subarray(byteAt, byteAt + recordBytes);
    const size = RECORD_BYTES.get(rtype)![2];
    if (version === 3 || RECORD_BYTES.get(rtype)![version - 1] === size) {
      this.append(record);
      return;
    }
    const at = this.#reserve(size + (decoder.tsOut ? TS_OUT_BYTES : 0));
    const target = this.#bytes.subarray(at, this.#length).fill(0);
    upgradeRecord(record, rtype, version, target);
    if (decoder.tsOut) {
      target[0] = target.length / 4;
      target.set(record.subarray(-TS_OUT_BYTES), size);
    }
  }

  #reserve(bytes: number): number {
    const at = this.#length;
    if (at + bytes > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, at + bytes));
      grown.set(this.written());
      this.#bytes = grown;
    }
    this.#length += bytes;
    return at;
  }
}
