/**
 * Why a DBN stream was refused: `truncated` ends too early, `corrupt` contradicts itself, `foreign` is no DBN,
 * `unsupported` is a version or format that is not read, `writing` is a record that version 3 can't hold.
 */
export type DbnErrorKind = 'truncated' | 'corrupt' | 'foreign' | 'unsupported' | 'writing';

/** What went wrong where. The offset counts decompressed bytes from the start, or compressed ones where it says so. */
export interface DbnFault {
  readonly kind: DbnErrorKind;
  readonly byteOffset: number;
  readonly of?: 'stream' | 'compressed file';
  readonly expected: string;
  readonly found: string;
}

/** The one error of DBN reading: a sentence with the byte offset, what was expected there and what was found. */
export class DbnError extends Error {
  override readonly name = 'DbnError';
  readonly kind: DbnErrorKind;
  readonly byteOffset: number;
  readonly expected: string;
  readonly found: string;

  constructor(fault: DbnFault, cause?: unknown) {
    const where = fault.of === 'compressed file' ? ' of the compressed file' : '';
    super(
      `DBN ${fault.kind} at byte ${fault.byteOffset}${where}: expected ${fault.expected}, found ${fault.found}.`,
      cause === undefined ? undefined : { cause },
    );
    this.kind = fault.kind;
    this.byteOffset = fault.byteOffset;
    this.expected = fault.expected;
    this.found = fault.found;
  }
}
