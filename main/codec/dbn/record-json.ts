import type { DbnDecoder } from './decoder.ts';
import { type Field, type FieldKind, fieldOffset, isText, RECORD_FIELDS, textBytes } from './fields.ts';
import {
  type DbnVersion,
  LEVEL,
  MBP_WORD,
  RTYPE,
  UNDEF_ORDER_SIZE,
  UNDEF_PRICE_HI,
  UNDEF_PRICE_LO,
  UNDEF_STAT_QUANTITY_V2,
  WORD,
} from './layout.ts';
import { i64, priceNano, tsNsRemainder, tsUs, u64 } from './read-words.ts';

type JsonValue = string | number | null | JsonRecord | readonly JsonRecord[];
export interface JsonRecord {
  readonly [field: string]: JsonValue;
}

/**
 * The record under the cursor as a plain object with Databento's field names: the header nested as `hd`, prices as
 * decimal strings with nine decimals, 64-bit integers as strings, undefined values and NUL characters as null, and the
 * price levels of depth records as `levels`. Fields that the record's version does not have are absent.
 */
export function recordToJson(decoder: DbnDecoder): JsonRecord {
  const { words, bytes, at, rtype, version } = decoder;
  const json: Record<string, JsonValue> = {
    hd: {
      rtype,
      publisher_id: words[at + WORD.HEAD]! >>> 16,
      instrument_id: words[at + WORD.INSTRUMENT_ID]! >>> 0,
      ts_event: timeText(words, at + WORD.TS_EVENT),
    },
  };
  for (const field of RECORD_FIELDS.get(rtype) ?? []) {
    const offset = fieldOffset(field, version);
    if (offset >= 0) json[field[0]] = readField(words, bytes, at * 4 + offset, field, version);
  }
  const levels = LEVEL_COUNT.get(rtype);
  if (levels !== undefined) json['levels'] = readLevels(words, at, rtype, levels);
  if (decoder.tsOut) json['ts_out'] = timeText(words, at + decoder.recordBytes / 4 - 2);
  return json;
}

const LEVEL_COUNT: ReadonlyMap<number, number> = new Map([
  [RTYPE.MBP_1, 1],
  [RTYPE.MBP_10, 10],
  [RTYPE.CMBP_1, 1],
  [RTYPE.CBBO_1S, 1],
  [RTYPE.CBBO_1M, 1],
  [RTYPE.TCBBO, 1],
  [RTYPE.BBO_1S, 1],
  [RTYPE.BBO_1M, 1],
]);

/** Consolidated levels name the publisher behind each side instead of counting orders. */
const CONSOLIDATED: ReadonlySet<number> = new Set([RTYPE.CMBP_1, RTYPE.CBBO_1S, RTYPE.CBBO_1M, RTYPE.TCBBO]);

function readLevels(words: Int32Array, at: number, rtype: number, count: number): JsonRecord[] {
  const consolidated = CONSOLIDATED.has(rtype);
  return Array.from({ length: count }, (_, k) => {
    const level = at + MBP_WORD.LEVELS + k * LEVEL.WORDS;
    const bid = words[level + LEVEL.BID_CT]! >>> 0;
    const ask = words[level + LEVEL.ASK_CT]! >>> 0;
    return {
      bid_px: priceText(words, level + LEVEL.BID_PX),
      ask_px: priceText(words, level + LEVEL.ASK_PX),
      bid_sz: words[level + LEVEL.BID_SZ]! >>> 0,
      ask_sz: words[level + LEVEL.ASK_SZ]! >>> 0,
      ...(consolidated ? { bid_pb: bid & 0xffff, ask_pb: ask & 0xffff } : { bid_ct: bid, ask_ct: ask }),
    };
  });
}

/** One field that starts at byte `at`; 64-bit and 32-bit fields lie word-aligned in every version. */
function readField(words: Int32Array, bytes: Uint8Array, at: number, field: Field, version: DbnVersion): JsonValue {
  const kind: FieldKind = field[1];
  if (isText(kind)) return readText(bytes, at, textBytes(kind, version));
  switch (kind) {
    case 'price':
      return priceText(words, at / 4);
    case 'time':
      return timeText(words, at / 4);
    case 'quantity':
      return quantityText(words, at / 4, version);
    case 'raw_id':
      return version === 3 ? u64(words, at / 4).toString() : String(words[at / 4]! >>> 0);
    case 'u64':
      return u64(words, at / 4).toString();
    case 'size': {
      const size = words[at / 4]! >>> 0;
      return size === UNDEF_ORDER_SIZE ? null : size;
    }
    case 'u32':
      return words[at / 4]! >>> 0;
    case 'i32':
      return words[at / 4]!;
    case 'u16':
      return bytes[at]! | (bytes[at + 1]! << 8);
    case 'i16':
      return ((bytes[at]! | (bytes[at + 1]! << 8)) << 16) >> 16;
    case 'u8':
      return bytes[at]!;
    case 'i8':
      return (bytes[at]! << 24) >> 24;
    case 'char':
      return bytes[at] === 0 ? null : String.fromCharCode(bytes[at]!);
  }
}

const decoder = new TextDecoder();

/** A NUL-padded text that starts at byte `at`. */
export function readText(bytes: Uint8Array, at: number, width: number): string {
  const end = bytes.indexOf(0, at);
  return decoder.decode(bytes.subarray(at, end >= 0 && end < at + width ? end : at + width));
}

/** A price of units of 1e-9 as decimal text with nine decimals; null where it is undefined. */
function priceText(words: Int32Array, index: number): string | null {
  if (words[index] === UNDEF_PRICE_LO && words[index + 1] === UNDEF_PRICE_HI) return null;
  const nano = priceNano(words, index);
  const sign = nano < 0 ? '-' : '';
  if (Math.abs(nano) < Number.MAX_SAFE_INTEGER) {
    const size = Math.abs(nano);
    const fraction = size % 1e9;
    return `${sign}${(size - fraction) / 1e9}.${String(fraction).padStart(9, '0')}`;
  }
  const exact = i64(words, index);
  const digits = (exact < 0n ? -exact : exact).toString();
  return `${sign}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

/** Nanoseconds since the epoch as text; null where the time is undefined. */
function timeText(words: Int32Array, index: number): string | null {
  const us = tsUs(words, index);
  if (Number.isNaN(us)) return null;
  if (us < 1 || us > Number.MAX_SAFE_INTEGER) return u64(words, index).toString();
  return `${us}${String(tsNsRemainder(words, index)).padStart(3, '0')}`;
}

function quantityText(words: Int32Array, index: number, version: DbnVersion): string | null {
  if (version < 3) return words[index] === UNDEF_STAT_QUANTITY_V2 ? null : String(words[index]!);
  const undefinedQuantity = words[index] === UNDEF_PRICE_LO && words[index + 1] === UNDEF_PRICE_HI;
  return undefinedQuantity ? null : i64(words, index).toString();
}
