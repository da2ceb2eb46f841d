import { DbnError } from './error.ts';
import { type DbnVersion, SYMBOL_BYTES, SYMBOL_BYTES_V1, UNDEF_TIMESTAMP } from './layout.ts';
import { type SchemaName, type StypeName, schemaId, schemaName, stypeId, stypeName } from './names.ts';

/** What a symbol meant from a day to another, dates as integers YYYYMMDD, the end exclusive. */
interface MappingInterval {
  readonly startDate: number;
  readonly endDate: number;
  readonly symbol: string;
}

interface SymbolMapping {
  readonly rawSymbol: string;
  readonly intervals: readonly MappingInterval[];
}

/** The block at the start of a DBN stream. */
export interface DbnMetadata {
  readonly version: DbnVersion;
  readonly dataset: string;
  /** Undefined where schemas are mixed, as in live streams. */
  readonly schema: SchemaName | undefined;
  /** Nanoseconds since the epoch. */
  readonly startNs: bigint;
  readonly endNs: bigint | undefined;
  /** Most records that were asked for; 0 means no limit. */
  readonly limit: bigint;
  readonly stypeIn: StypeName | undefined;
  readonly stypeOut: StypeName | undefined;
  /** Every record carries the gateway's send time in 8 further bytes. */
  readonly tsOut: boolean;
  readonly symbols: readonly string[];
  readonly partial: readonly string[];
  readonly notFound: readonly string[];
  readonly mappings: readonly SymbolMapping[];
}

/** Metadata of a stream of mixed schemas that names its instruments by records, as live streams do; all but its dataset. */
export const MIXED_STREAM: Omit<DbnMetadata, 'version' | 'dataset'> = {
  schema: undefined,
  startNs: 0n,
  endNs: undefined,
  limit: 0n,
  stypeIn: undefined,
  stypeOut: 'instrument_id',
  tsOut: false,
  symbols: [],
  partial: [],
  notFound: [],
  mappings: [],
};

/** Bytes before the length counts: magic, version, length. */
export const METADATA_PREFIX_BYTES = 8;
/** Bytes of the fixed part after the prefix. */
const FIXED_BYTES = 100;
/** Fixed part, schema definition length and four counts. */
const LEAST_BYTES = FIXED_BYTES + 20;
/** A million options with their mappings need less; more is taken for corruption. */
const MOST_BYTES = 256 * 1024 * 1024;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Checks magic, version and length; the first 8 bytes of the stream. Gives the size of the whole block in bytes. */
export function readMetadataPrefix(bytes: Uint8Array): number {
  const magic = bytes.subarray(0, 4);
  if (magic[0] !== 0x44 || magic[1] !== 0x42 || magic[2] !== 0x4e) throw foreign(magic);
  const version = magic[3]!;
  if (version < 1 || version > 3) {
    throw new DbnError({ kind: 'unsupported', byteOffset: 3, expected: 'DBN version 1, 2 or 3', found: `${version}` });
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, METADATA_PREFIX_BYTES).getUint32(4, true);
  if (length < LEAST_BYTES || length > MOST_BYTES) {
    throw corrupt(4, `a metadata length of ${LEAST_BYTES} to ${MOST_BYTES} bytes`, `${length}`);
  }
  return METADATA_PREFIX_BYTES + length;
}

function foreign(magic: Uint8Array): DbnError {
  const text = String.fromCharCode(...magic.subarray(0, 3));
  if (text === 'DBZ') {
    return new DbnError({
      kind: 'unsupported',
      byteOffset: 0,
      expected: 'a DBN stream',
      found: 'the legacy DBZ format; convert the file with the dbn command line tool, or download it again as DBN',
    });
  }
  const hex = Array.from(magic, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return new DbnError({
    kind: 'foreign',
    byteOffset: 0,
    expected: 'the letters "DBN" (44 42 4e)',
    found: `bytes ${hex}`,
  });
}

function corrupt(byteOffset: number, expected: string, found: string): DbnError {
  return new DbnError({ kind: 'corrupt', byteOffset, expected, found });
}

/** Reads a whole metadata block, prefix included. Throws DbnError where a count or length does not fit the block. */
export function decodeMetadata(block: Uint8Array): DbnMetadata {
  const size = readMetadataPrefix(block);
  if (block.length < size) throw corrupt(block.length, `${size} bytes of metadata`, `${block.length}`);
  const view = new DataView(block.buffer, block.byteOffset, size);
  const version = view.getUint8(3) as DbnVersion;
  const shift = version === 1 ? 8 : 0;
  const symbolBytes = version === 1 ? SYMBOL_BYTES_V1 : view.getUint16(53, true);
  if (symbolBytes === 0) throw corrupt(53, 'a symbol width above zero', '0');
  const parts = new VariableParts(block.subarray(0, size), symbolBytes);
  const endNs = view.getBigUint64(34, true);
  return {
    version,
    dataset: text(block.subarray(8, 24)),
    schema: schemaName(view.getUint16(24, true)),
    startNs: view.getBigUint64(26, true),
    endNs: endNs === UNDEF_TIMESTAMP ? undefined : endNs,
    limit: view.getBigUint64(42, true),
    stypeIn: stypeName(view.getUint8(50 + shift)),
    stypeOut: stypeName(view.getUint8(51 + shift)),
    tsOut: view.getUint8(52 + shift) !== 0,
    symbols: parts.symbols('symbols'),
    partial: parts.symbols('partial symbols'),
    notFound: parts.symbols('symbols not found'),
    mappings: parts.mappings(),
  };
}

function text(field: Uint8Array): string {
  const end = field.indexOf(0);
  return decoder.decode(end < 0 ? field : field.subarray(0, end));
}

/** The counted lists after the fixed part: no count is believed before the bytes that it needs are there. */
class VariableParts {
  readonly #block: Uint8Array;
  readonly #view: DataView;
  readonly #symbolBytes: number;
  #at = METADATA_PREFIX_BYTES + FIXED_BYTES;

  constructor(block: Uint8Array, symbolBytes: number) {
    this.#block = block;
    this.#view = new DataView(block.buffer, block.byteOffset, block.length);
    this.#symbolBytes = symbolBytes;
    const definitionBytes = this.#u32('the schema definition length');
    this.#need(definitionBytes, this.#at - 4, 'the schema definition');
    this.#at += definitionBytes;
  }

  symbols(what: string): string[] {
    const count = this.#count(what, this.#symbolBytes);
    return Array.from({ length: count }, () => this.#symbol());
  }

  mappings(): SymbolMapping[] {
    const count = this.#count('symbol mappings', this.#symbolBytes + 4);
    const mappings: SymbolMapping[] = [];
    for (let k = 0; k < count; k += 1) {
      this.#need(this.#symbolBytes, this.#at, 'a mapped symbol');
      const rawSymbol = this.#symbol();
      const intervals = this.#count(`intervals of "${rawSymbol}"`, this.#symbolBytes + 8);
      mappings.push({ rawSymbol, intervals: Array.from({ length: intervals }, () => this.#interval()) });
    }
    return mappings;
  }

  #interval(): MappingInterval {
    const startDate = this.#u32('a start date');
    const endDate = this.#u32('an end date');
    return { startDate, endDate, symbol: this.#symbol() };
  }

  #symbol(): string {
    const symbol = text(this.#block.subarray(this.#at, this.#at + this.#symbolBytes));
    this.#at += this.#symbolBytes;
    return symbol;
  }

  #count(what: string, bytesEach: number): number {
    const count = this.#u32(`the count of ${what}`);
    this.#need(count * bytesEach, this.#at - 4, `${count} ${what}`);
    return count;
  }

  #u32(what: string): number {
    this.#need(4, this.#at, what);
    const value = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return value;
  }

  #need(bytes: number, byteOffset: number, what: string): void {
    const left = this.#block.length - this.#at;
    if (bytes > left)
      throw corrupt(byteOffset, `${what} within the ${left} bytes left of the metadata`, `${bytes} bytes`);
  }
}

/**
 * Writes a version-3 block, padded so that records start 8-byte aligned. Throws a RangeError where a text is too long
 * for its field.
 */
export function encodeMetadata(metadata: Omit<DbnMetadata, 'version'>): Uint8Array {
  const { symbols, partial, notFound, mappings } = metadata;
  let length = LEAST_BYTES + (symbols.length + partial.length + notFound.length) * SYMBOL_BYTES;
  for (const mapping of mappings) length += SYMBOL_BYTES + 4 + mapping.intervals.length * (SYMBOL_BYTES + 8);
  length = Math.ceil(length / 8) * 8;
  const block = new Uint8Array(METADATA_PREFIX_BYTES + length);
  const view = new DataView(block.buffer);
  block.set([0x44, 0x42, 0x4e, 3]);
  view.setUint32(4, length, true);
  putText(block, 8, 16, metadata.dataset);
  view.setUint16(24, schemaId(metadata.schema), true);
  view.setBigUint64(26, metadata.startNs, true);
  view.setBigUint64(34, metadata.endNs ?? UNDEF_TIMESTAMP, true);
  view.setBigUint64(42, metadata.limit, true);
  view.setUint8(50, stypeId(metadata.stypeIn));
  view.setUint8(51, stypeId(metadata.stypeOut));
  view.setUint8(52, metadata.tsOut ? 1 : 0);
  view.setUint16(53, SYMBOL_BYTES, true);
  let at = METADATA_PREFIX_BYTES + FIXED_BYTES + 4;
  for (const list of [symbols, partial, notFound]) {
    view.setUint32(at, list.length, true);
    at += 4;
    for (const symbol of list) at = putText(block, at, SYMBOL_BYTES, symbol);
  }
  view.setUint32(at, mappings.length, true);
  at += 4;
  for (const mapping of mappings) {
    at = putText(block, at, SYMBOL_BYTES, mapping.rawSymbol);
    view.setUint32(at, mapping.intervals.length, true);
    at += 4;
    for (const interval of mapping.intervals) {
      view.setUint32(at, interval.startDate, true);
      view.setUint32(at + 4, interval.endDate, true);
      at = putText(block, at + 8, SYMBOL_BYTES, interval.symbol);
    }
  }
  return block;
}

function putText(block: Uint8Array, at: number, width: number, value: string): number {
  const bytes = encoder.encode(value);
  if (bytes.length > width) throw new RangeError(`"${value}" needs ${bytes.length} bytes; the field holds ${width}.`);
  block.set(bytes, at);
  return at + width;
}
