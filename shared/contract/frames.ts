/**
 * The binary frame of fast topics, version 2, little-endian, the same on WebSocket and MessagePort.
 *
 * A frame is a 32-byte header and sections. A section is a 16-byte header and float64 values, so that a reader makes one
 * Float64Array view per section and copies nothing. Sections start 8-byte aligned.
 *
 * Frame header: u32 magic, u16 version, u16 sections, u32 frame sequence, u32 bytes, f64 engine time (µs), f64 input
 * sequence (records that the engine has taken in).
 * Section header: u8 kind, u8 flags, u16 market, u32 rows, u32 first row (absolute count since the engine's start, for
 * sequenced kinds; for levels the bids among the rows), u32 rows skipped because the client was slow.
 */
export const FRAME_MAGIC = 0x4d485446;
export const FRAME_VERSION = 2;
export const FRAME_HEADER_BYTES = 32;
export const SECTION_HEADER_BYTES = 16;

/** Section kinds. */
export const SECTION = { depth: 1, columns: 2, trades: 3, features: 4, ladder: 5, levels: 6, deepColumns: 7 } as const;
export type SectionKind = (typeof SECTION)[keyof typeof SECTION];

/** Section flags: SNAPSHOT = the rows are all that is kept, not only the new ones. */
export const SECTION_SNAPSHOT = 1;

/** Levels a side in depth and column rows. */
export const DEPTH_LEVELS = 10;

/**
 * Depth, one row: [tsEventUs, tsRecvUs, state, lastTradeTicks, lastTradeLots, lastTradeSide(+1/−1/0), updates, reserved],
 * then ten bids and ten asks as [priceTicks, lots, orders]. A missing level has price NaN and 0 lots.
 */
export const DEPTH_HEAD = 8;
export const DEPTH_WIDTH = DEPTH_HEAD + 2 * DEPTH_LEVELS * 3;

/**
 * Levels, behind the depth of a market whose book is kept deeper than its ten best levels: rows of [priceTicks, lots], bids
 * and then asks, each best first and the best ten among them. `first` is the number of bids.
 */
export const LEVEL_WIDTH = 2;
/** Levels a side at most. */
export const DEEP_LEVELS = 100;

/** Book states in a depth row. */
export const BOOK_STATE = { waiting: 0, live: 1, stale: 2, gap: 3, closed: 4, crossed: 5 } as const;

/**
 * Columns, sequenced rows: the book as it stood at the end of each column interval: [endUs, state], then ten bids and ten
 * asks as [priceTicks, lots]. A column whose state is `gap` or `stale` carries no levels.
 */
export const COLUMN_HEAD = 2;
export const COLUMN_WIDTH = COLUMN_HEAD + 2 * DEPTH_LEVELS * 2;

/** Interval of a depth column and how many the engine keeps (ten minutes). */
export const COLUMN_INTERVAL_US = 250_000;
export const COLUMNS_KEPT = 2_400;

/**
 * Deep columns, behind the columns of the same numbers, of a market whose book is kept deeper: `DEEP_LEVELS` bids and as many
 * asks as [priceTicks, lots], the best ten among them; a missing level has price NaN. They may begin later than the columns.
 */
export const DEEP_COLUMN_WIDTH = 2 * DEEP_LEVELS * LEVEL_WIDTH;

/** Trades, sequenced rows: [tsEventUs, engineUs, priceTicks, lots, side(+1/−1/0), sweepLevels]. */
export const TRADE_WIDTH = 6;
/** Trades that the engine keeps for a client that comes or asks again. */
export const TRADES_KEPT = 4_096;

/**
 * Features, rows of [engineUs, ...vector in the order of FEATURES], oldest first: one row, the vector as it stands; the first
 * section of a subscription has the vectors of the last minute before it.
 */
/** Vectors kept of the past, one each column interval in which something happened: a minute. */
export const VECTORS_KEPT = 240;

/**
 * Ladder flow, one row a price near the inside at which something happened, in no order: [priceTicks, addedLots, pulledLots,
 * boughtLots, soldLots]; added and pulled decay over the last seconds, bought and sold are of the session.
 */
export const LADDER_WIDTH = 5;
/** Ticks either side of the inside that the ladder section covers, and the most rows that it has: those nearest the inside. */
export const LADDER_REACH = 2_000;
export const LADDER_ROWS = 1_024;

/** Builds one frame into a growing buffer that is reused: `begin`, then `section` and values, then `finish`. */
export class FrameWriter {
  #buffer = new ArrayBuffer(64 * 1024);
  #view = new DataView(this.#buffer);
  #floats = new Float64Array(this.#buffer);
  #at = 0;
  #sections = 0;
  #sectionAt = 0;

  begin(frameSequence: number, engineTimeUs: number, inputSequence: number): void {
    this.#at = FRAME_HEADER_BYTES;
    this.#sections = 0;
    this.#view.setUint32(0, FRAME_MAGIC, true);
    this.#view.setUint16(4, FRAME_VERSION, true);
    this.#view.setUint32(8, frameSequence >>> 0, true);
    this.#view.setFloat64(16, engineTimeUs, true);
    this.#view.setFloat64(24, inputSequence, true);
  }

  /**
   * Opens a section of `rows × width` values and returns where its first value goes in `floats`. The caller writes every
   * value before it opens the next one.
   */
  section(
    kind: SectionKind,
    flags: number,
    market: number,
    rows: number,
    width: number,
    first: number,
    skipped: number,
  ): number {
    const bytes = SECTION_HEADER_BYTES + rows * width * 8;
    this.#reserve(this.#at + bytes);
    this.#sectionAt = this.#at;
    const view = this.#view;
    view.setUint8(this.#sectionAt, kind);
    view.setUint8(this.#sectionAt + 1, flags);
    view.setUint16(this.#sectionAt + 2, market, true);
    view.setUint32(this.#sectionAt + 4, rows, true);
    view.setUint32(this.#sectionAt + 8, first >>> 0, true);
    view.setUint32(this.#sectionAt + 12, skipped >>> 0, true);
    this.#at += bytes;
    this.#sections++;
    return (this.#sectionAt + SECTION_HEADER_BYTES) / 8;
  }

  /** Values of the buffer; valid until the next `section` call. */
  get floats(): Float64Array {
    return this.#floats;
  }

  get sections(): number {
    return this.#sections;
  }

  /** The finished frame: a copy, since both transports keep what they are given. */
  finish(): Uint8Array<ArrayBuffer> {
    this.#view.setUint16(6, this.#sections, true);
    this.#view.setUint32(12, this.#at, true);
    return new Uint8Array(this.#buffer.slice(0, this.#at));
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#buffer.byteLength) return;
    let size = this.#buffer.byteLength;
    while (size < bytes) size *= 2;
    const grown = new ArrayBuffer(size);
    new Uint8Array(grown).set(new Uint8Array(this.#buffer, 0, this.#at));
    this.#buffer = grown;
    this.#view = new DataView(grown);
    this.#floats = new Float64Array(grown);
  }
}

/** One section as a reader sees it; `values` is a view into the frame. */
export interface Section {
  readonly kind: SectionKind;
  readonly snapshot: boolean;
  readonly market: number;
  readonly rows: number;
  readonly width: number;
  readonly first: number;
  readonly skipped: number;
  readonly values: Float64Array;
}

export interface FrameHead {
  readonly sequence: number;
  readonly engineTimeUs: number;
  readonly inputSequence: number;
}

/** A frame that is not one of ours or is cut. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/**
 * Reads a frame and hands every section to `visit`.
 * @param featureWidth values in a features row (1 + number of features)
 * @throws FrameError when magic, version or lengths do not fit
 */
export function readFrame(buffer: ArrayBuffer, featureWidth: number, visit: (section: Section) => void): FrameHead {
  if (buffer.byteLength < FRAME_HEADER_BYTES)
    throw new FrameError(`frame of ${buffer.byteLength} bytes is shorter than its header`);
  const view = new DataView(buffer);
  if (view.getUint32(0, true) !== FRAME_MAGIC) throw new FrameError('frame does not begin with the frame magic');
  const version = view.getUint16(4, true);
  if (version !== FRAME_VERSION)
    throw new FrameError(`frame version ${version} is not ${FRAME_VERSION}; reload the terminal`);
  const sections = view.getUint16(6, true);
  const bytes = view.getUint32(12, true);
  if (bytes !== buffer.byteLength) throw new FrameError(`frame says ${bytes} bytes but has ${buffer.byteLength}`);
  let at = FRAME_HEADER_BYTES;
  for (let i = 0; i < sections; i++) {
    if (at + SECTION_HEADER_BYTES > bytes) throw new FrameError(`section ${i} of ${sections} is cut at byte ${at}`);
    const kind = view.getUint8(at) as SectionKind;
    const width = widthOf(kind, featureWidth);
    const rows = view.getUint32(at + 4, true);
    const end = at + SECTION_HEADER_BYTES + rows * width * 8;
    if (end > bytes)
      throw new FrameError(`section ${i} of ${sections} ends at byte ${end}, after the frame's ${bytes}`);
    visit({
      kind,
      snapshot: (view.getUint8(at + 1) & SECTION_SNAPSHOT) !== 0,
      market: view.getUint16(at + 2, true),
      rows,
      width,
      first: view.getUint32(at + 8, true),
      skipped: view.getUint32(at + 12, true),
      values: new Float64Array(buffer, at + SECTION_HEADER_BYTES, rows * width),
    });
    at = end;
  }
  return {
    sequence: view.getUint32(8, true),
    engineTimeUs: view.getFloat64(16, true),
    inputSequence: view.getFloat64(24, true),
  };
}

function widthOf(kind: SectionKind, featureWidth: number): number {
  switch (kind) {
    case SECTION.depth:
      return DEPTH_WIDTH;
    case SECTION.columns:
      return COLUMN_WIDTH;
    case SECTION.trades:
      return TRADE_WIDTH;
    case SECTION.features:
      return featureWidth;
    case SECTION.ladder:
      return LADDER_WIDTH;
    case SECTION.levels:
      return LEVEL_WIDTH;
    case SECTION.deepColumns:
      return DEEP_COLUMN_WIDTH;
    default:
      throw new FrameError(`section kind ${String(kind)} is not known`);
  }
}
