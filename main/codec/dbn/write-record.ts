import type { Field } from './fields.ts';
import { ERROR_FIELDS, STATUS_FIELDS, SYMBOL_MAPPING_FIELDS, SYSTEM_FIELDS } from './fields.ts';
import { DEFINITION_FIELDS, DEFINITION_UNDEFINED } from './fields-definition.ts';
import {
  HEADER_BYTES,
  LEVEL,
  MBO_WORD,
  MBP_WORD,
  OHLCV_WORD,
  RECORD_BYTES,
  RTYPE,
  UNDEF_PRICE_HI,
  UNDEF_PRICE_LO,
  WORD,
} from './layout.ts';
import { type FieldValue, writeField } from './write-fields.ts';

type Values<Fields extends readonly Field[]> = Partial<Record<Fields[number][0], FieldValue>>;

/** Named values of a definition; what is left out is written as undefined. Databento's field names. */
export type DefinitionValues = Values<typeof DEFINITION_FIELDS>;
export type SymbolMappingValues = Values<typeof SYMBOL_MAPPING_FIELDS>;
export type StatusValues = Values<typeof STATUS_FIELDS>;
export type SystemValues = Values<typeof SYSTEM_FIELDS>;
export type ErrorValues = Values<typeof ERROR_FIELDS>;

/** Numbers that one level takes in the `levels` argument: bid_px, ask_px, bid_sz, ask_sz, bid_ct, ask_ct. */
const LEVEL_NUMBERS = 6;

const TWO_32 = 4294967296;

/**
 * Encodes single version-3 records, one after the other, into a buffer of its own that grows when it must (and is then
 * replaced: take `bytes` anew after writing). Market records (`mbo`, `trade`, `mbp1`, `mbp10`, `ohlcv`) allocate nothing.
 *
 * Prices are plain numbers in units of 1e-9, exact below 2^53; NaN writes UNDEF_PRICE. Times are integer microseconds
 * plus 0..999 nanoseconds: that is exact, and splitting them into words costs two multiplications and no bigint.
 * `instrument` and `time` hold for the records that follow until they are set anew.
 */
export class DbnRecordWriter {
  /** Everything that was written since the last `clear()`, in the first `byteLength` bytes. */
  bytes: Uint8Array;
  byteLength = 0;
  #words: Int32Array;
  #view: DataView;
  #publisherWord = 0;
  #instrumentId = 0;
  #eventLo = 0;
  #eventHi = 0;
  #recvLo = 0;
  #recvHi = 0;

  constructor(capacityBytes = 65536) {
    const buffer = new ArrayBuffer(Math.ceil(capacityBytes / 8) * 8);
    this.bytes = new Uint8Array(buffer);
    this.#words = new Int32Array(buffer);
    this.#view = new DataView(buffer);
  }

  /** A view of what was written; valid until the next write or `clear()`. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.byteLength);
  }

  /** Starts again at the beginning of the buffer. */
  clear(): void {
    this.byteLength = 0;
  }

  /** Appends bytes that are DBN already, such as a metadata block; a whole number of 4-byte words. */
  append(bytes: Uint8Array): void {
    if (bytes.length % 4 !== 0) throw new RangeError(`DBN comes in words of 4 bytes; got ${bytes.length} bytes.`);
    if (this.byteLength + bytes.length > this.bytes.length) this.#grow(bytes.length);
    this.bytes.set(bytes, this.byteLength);
    this.byteLength += bytes.length;
  }

  instrument(publisherId: number, instrumentId: number): void {
    this.#publisherWord = publisherId << 16;
    this.#instrumentId = instrumentId;
  }

  /** ts_event and ts_recv of the records that follow. */
  time(tsEventUs: number, tsEventNs: number, tsRecvUs: number, tsRecvNs: number): void {
    const eventHiUs = Math.floor(tsEventUs / TWO_32);
    const eventLow = (tsEventUs - eventHiUs * TWO_32) * 1000 + tsEventNs;
    this.#eventHi = eventHiUs * 1000 + Math.floor(eventLow / TWO_32);
    this.#eventLo = eventLow % TWO_32;
    const recvHiUs = Math.floor(tsRecvUs / TWO_32);
    const recvLow = (tsRecvUs - recvHiUs * TWO_32) * 1000 + tsRecvNs;
    this.#recvHi = recvHiUs * 1000 + Math.floor(recvLow / TWO_32);
    this.#recvLo = recvLow % TWO_32;
  }

  /** An order-level event. `orderId` must be a safe integer; `action` and `side` are character codes. */
  mbo(
    action: number,
    side: number,
    flags: number,
    channelId: number,
    orderId: number,
    priceNano: number,
    size: number,
    tsInDelta: number,
    sequence: number,
  ): void {
    const at = this.#begin(RTYPE.MBO, 56);
    const words = this.#words;
    const orderHi = Math.floor(orderId / TWO_32);
    words[at + MBO_WORD.ORDER_ID] = orderId - orderHi * TWO_32;
    words[at + MBO_WORD.ORDER_ID + 1] = orderHi;
    this.#price(at + MBO_WORD.PRICE, priceNano);
    words[at + MBO_WORD.SIZE] = size;
    words[at + MBO_WORD.FLAGS_CHANNEL_ACTION_SIDE] = flags | (channelId << 8) | (action << 16) | (side << 24);
    words[at + MBO_WORD.TS_RECV] = this.#recvLo;
    words[at + MBO_WORD.TS_RECV + 1] = this.#recvHi;
    words[at + MBO_WORD.TS_IN_DELTA] = tsInDelta;
    words[at + MBO_WORD.SEQUENCE] = sequence;
  }

  /** A trade of the schema `trades`; `side` is the aggressor's. */
  trade(side: number, flags: number, priceNano: number, size: number, tsInDelta: number, sequence: number): void {
    const at = this.#begin(RTYPE.MBP_0, 48);
    this.#mbpPrefix(at, 84, side, flags, 0, priceNano, size, tsInDelta, sequence);
  }

  /** A top-of-book event; `levels` as in `mbp10`, one level. */
  mbp1(
    action: number,
    side: number,
    flags: number,
    depth: number,
    priceNano: number,
    size: number,
    tsInDelta: number,
    sequence: number,
    levels: ArrayLike<number>,
  ): void {
    const at = this.#begin(RTYPE.MBP_1, 80);
    this.#mbpPrefix(at, action, side, flags, depth, priceNano, size, tsInDelta, sequence);
    this.#levels(at, levels, 1);
  }

  /**
   * A depth event with the ten levels after it. `levels` holds 60 numbers: per level bid_px, ask_px (1e-9 units, NaN
   * where the level is empty), bid_sz, ask_sz, bid_ct, ask_ct; `depth` is the level that changed.
   */
  mbp10(
    action: number,
    side: number,
    flags: number,
    depth: number,
    priceNano: number,
    size: number,
    tsInDelta: number,
    sequence: number,
    levels: ArrayLike<number>,
  ): void {
    const at = this.#begin(RTYPE.MBP_10, 368);
    this.#mbpPrefix(at, action, side, flags, depth, priceNano, size, tsInDelta, sequence);
    this.#levels(at, levels, 10);
  }

  /** A bar: `rtype` is one of RTYPE.OHLCV_*; ts_event is the start of the interval; `volume` a safe integer. */
  ohlcv(rtype: number, open: number, high: number, low: number, close: number, volume: number): void {
    const at = this.#begin(rtype, 56);
    this.#price(at + OHLCV_WORD.OPEN, open);
    this.#price(at + OHLCV_WORD.HIGH, high);
    this.#price(at + OHLCV_WORD.LOW, low);
    this.#price(at + OHLCV_WORD.CLOSE, close);
    this.#price(at + OHLCV_WORD.VOLUME, volume);
  }

  /** An instrument definition; `ts_recv` is that of `time` where it is left out. */
  definition(values: DefinitionValues): void {
    const merged: Record<string, FieldValue | undefined> = { ...DEFINITION_UNDEFINED, ...values };
    this.#fields(RTYPE.INSTRUMENT_DEF, DEFINITION_FIELDS, merged, 4);
  }

  /** A symbol mapping: the header's instrument id is what `stype_out_symbol` names. */
  symbolMapping(values: SymbolMappingValues): void {
    this.#fields(RTYPE.SYMBOL_MAPPING, SYMBOL_MAPPING_FIELDS, { stype_in: 255, stype_out: 255, ...values }, -1);
  }

  /** A trading status; `ts_recv` is that of `time` where it is left out. */
  status(values: StatusValues): void {
    const unknown = { is_trading: '~', is_quoting: '~', is_short_sell_restricted: '~' };
    this.#fields(RTYPE.STATUS, STATUS_FIELDS, { ...unknown, ...values }, 4);
  }

  /** A message of the gateway, such as a heartbeat. */
  system(values: SystemValues): void {
    this.#fields(RTYPE.SYSTEM, SYSTEM_FIELDS, { code: 255, ...values }, -1);
  }

  /** An error of the gateway. */
  error(values: ErrorValues): void {
    this.#fields(RTYPE.ERROR, ERROR_FIELDS, { code: 255, is_last: 255, ...values }, -1);
  }

  #fields(
    rtype: number,
    fields: readonly Field[],
    values: Readonly<Record<string, FieldValue | undefined>>,
    recvWord: number,
  ): void {
    const bytes = RECORD_BYTES.get(rtype)![2];
    const at = this.#begin(rtype, bytes);
    const start = at * 4;
    this.bytes.fill(0, start + HEADER_BYTES, start + bytes);
    for (const field of fields) {
      if (field[4] >= 0) writeField(this.#view, start, field, values[field[0]]);
    }
    if (recvWord >= 0 && values['ts_recv'] === undefined) {
      this.#words[at + recvWord] = this.#recvLo;
      this.#words[at + recvWord + 1] = this.#recvHi;
    }
  }

  #begin(rtype: number, bytes: number): number {
    if (this.byteLength + bytes > this.bytes.length) this.#grow(bytes);
    const at = this.byteLength >> 2;
    this.byteLength += bytes;
    const words = this.#words;
    words[at + WORD.HEAD] = (bytes >> 2) | (rtype << 8) | this.#publisherWord;
    words[at + WORD.INSTRUMENT_ID] = this.#instrumentId;
    words[at + WORD.TS_EVENT] = this.#eventLo;
    words[at + WORD.TS_EVENT + 1] = this.#eventHi;
    return at;
  }

  #mbpPrefix(
    at: number,
    action: number,
    side: number,
    flags: number,
    depth: number,
    priceNano: number,
    size: number,
    tsInDelta: number,
    sequence: number,
  ): void {
    const words = this.#words;
    this.#price(at + MBP_WORD.PRICE, priceNano);
    words[at + MBP_WORD.SIZE] = size;
    words[at + MBP_WORD.ACTION_SIDE_FLAGS_DEPTH] = action | (side << 8) | (flags << 16) | (depth << 24);
    words[at + MBP_WORD.TS_RECV] = this.#recvLo;
    words[at + MBP_WORD.TS_RECV + 1] = this.#recvHi;
    words[at + MBP_WORD.TS_IN_DELTA] = tsInDelta;
    words[at + MBP_WORD.SEQUENCE] = sequence;
  }

  #levels(at: number, levels: ArrayLike<number>, count: number): void {
    const words = this.#words;
    let to = at + MBP_WORD.LEVELS;
    for (let from = 0; from < count * LEVEL_NUMBERS; from += LEVEL_NUMBERS) {
      this.#price(to + LEVEL.BID_PX, levels[from]!);
      this.#price(to + LEVEL.ASK_PX, levels[from + 1]!);
      words[to + LEVEL.BID_SZ] = levels[from + 2]!;
      words[to + LEVEL.ASK_SZ] = levels[from + 3]!;
      words[to + LEVEL.BID_CT] = levels[from + 4]!;
      words[to + LEVEL.ASK_CT] = levels[from + 5]!;
      to += LEVEL.WORDS;
    }
  }

  #price(at: number, nano: number): void {
    const words = this.#words;
    if (Number.isNaN(nano)) {
      words[at] = UNDEF_PRICE_LO;
      words[at + 1] = UNDEF_PRICE_HI;
      return;
    }
    const hi = Math.floor(nano / TWO_32);
    words[at] = nano - hi * TWO_32;
    words[at + 1] = hi;
  }

  #grow(bytes: number): void {
    let capacity = Math.max(this.bytes.length * 2, 1024);
    while (capacity < this.byteLength + bytes) capacity *= 2;
    const buffer = new ArrayBuffer(capacity);
    const grown = new Uint8Array(buffer);
    grown.set(this.bytes.subarray(0, this.byteLength));
    this.bytes = grown;
    this.#words = new Int32Array(buffer);
    this.#view = new DataView(buffer);
  }
}
