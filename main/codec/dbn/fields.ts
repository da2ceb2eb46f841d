import { DEFINITION_FIELDS } from './fields-definition.ts';
import { type DbnVersion, RTYPE } from './layout.ts';

/**
 * How a field is stored. `price` is an i64 in units of 1e-9 with UNDEF_PRICE, `time` a u64 of nanoseconds with
 * UNDEF_TIMESTAMP, `size` a u32 with UNDEF_ORDER_SIZE. `quantity` is i64 in version 3 and i32 before, `raw_id` u64 and
 * u32. The rest of the names are integers, one character, and NUL-padded texts whose width depends on the version.
 */
export type FieldKind =
  | 'price'
  | 'time'
  | 'size'
  | 'quantity'
  | 'raw_id'
  | 'u64'
  | 'u32'
  | 'i32'
  | 'u16'
  | 'i16'
  | 'u8'
  | 'i8'
  | 'char'
  | TextKind;

/** Widths of texts in bytes, in versions 1, 2 and 3. */
const TEXT_BYTES = {
  symbol: [22, 71, 71],
  asset: [7, 7, 11],
  error: [64, 302, 302],
  message: [64, 303, 303],
  text4: [4, 4, 4],
  text5: [5, 5, 5],
  text6: [6, 6, 6],
  text7: [7, 7, 7],
  text21: [21, 21, 21],
  text31: [31, 31, 31],
} as const;
export type TextKind = keyof typeof TEXT_BYTES;

/** One field: Databento's name, kind, and byte offset in versions 1, 2 and 3 (−1: the version does not have it). */
export type Field = readonly [name: string, kind: FieldKind, v1: number, v2: number, v3: number];

/** The same offset in every version. */
function same<const Name extends string, const Kind extends FieldKind>(name: Name, kind: Kind, offset: number) {
  return [name, kind, offset, offset, offset] as const;
}

const MBO_FIELDS = [
  same('ts_recv', 'time', 40),
  same('action', 'char', 38),
  same('side', 'char', 39),
  same('price', 'price', 24),
  same('size', 'size', 32),
  same('channel_id', 'u8', 37),
  same('order_id', 'u64', 16),
  same('flags', 'u8', 36),
  same('ts_in_delta', 'i32', 48),
  same('sequence', 'u32', 52),
] as const;

const MBP_FIELDS = [
  same('ts_recv', 'time', 32),
  same('action', 'char', 28),
  same('side', 'char', 29),
  same('depth', 'u8', 31),
  same('price', 'price', 16),
  same('size', 'size', 24),
  same('flags', 'u8', 30),
  same('ts_in_delta', 'i32', 40),
  same('sequence', 'u32', 44),
] as const;

const CMBP_FIELDS = [
  same('ts_recv', 'time', 32),
  same('action', 'char', 28),
  same('side', 'char', 29),
  same('price', 'price', 16),
  same('size', 'size', 24),
  same('flags', 'u8', 30),
  same('ts_in_delta', 'i32', 40),
] as const;

const CBBO_FIELDS = [
  same('ts_recv', 'time', 32),
  same('side', 'char', 29),
  same('price', 'price', 16),
  same('size', 'size', 24),
  same('flags', 'u8', 30),
] as const;

const BBO_FIELDS = [...CBBO_FIELDS, same('sequence', 'u32', 44)] as const;

const OHLCV_FIELDS = [
  same('open', 'price', 16),
  same('high', 'price', 24),
  same('low', 'price', 32),
  same('close', 'price', 40),
  same('volume', 'u64', 48),
] as const;

export const STATUS_FIELDS = [
  same('ts_recv', 'time', 16),
  same('action', 'u16', 24),
  same('reason', 'u16', 26),
  same('trading_event', 'u16', 28),
  same('is_trading', 'char', 30),
  same('is_quoting', 'char', 31),
  same('is_short_sell_restricted', 'char', 32),
] as const;

const IMBALANCE_FIELDS = [
  same('ts_recv', 'time', 16),
  same('ref_price', 'price', 24),
  same('auction_time', 'time', 32),
  same('cont_book_clr_price', 'price', 40),
  same('auct_interest_clr_price', 'price', 48),
  same('ssr_filling_price', 'price', 56),
  same('ind_match_price', 'price', 64),
  same('upper_collar', 'price', 72),
  same('lower_collar', 'price', 80),
  same('paired_qty', 'u32', 88),
  same('total_imbalance_qty', 'u32', 92),
  same('market_imbalance_qty', 'u32', 96),
  same('unpaired_qty', 'u32', 100),
  same('auction_type', 'char', 104),
  same('side', 'char', 105),
  same('auction_status', 'u8', 106),
  same('freeze_status', 'u8', 107),
  same('num_extensions', 'u8', 108),
  same('unpaired_side', 'char', 109),
  same('significant_imbalance', 'char', 110),
] as const;

const STATISTICS_FIELDS = [
  same('ts_recv', 'time', 16),
  same('ts_ref', 'time', 24),
  same('price', 'price', 32),
  same('quantity', 'quantity', 40),
  ['sequence', 'u32', 44, 44, 48],
  ['ts_in_delta', 'i32', 48, 48, 52],
  ['stat_type', 'u16', 52, 52, 56],
  ['channel_id', 'u16', 54, 54, 58],
  ['update_action', 'u8', 56, 56, 60],
  ['stat_flags', 'u8', 57, 57, 61],
] as const;

export const SYMBOL_MAPPING_FIELDS = [
  ['stype_in', 'u8', -1, 16, 16],
  ['stype_in_symbol', 'symbol', 16, 17, 17],
  ['stype_out', 'u8', -1, 88, 88],
  ['stype_out_symbol', 'symbol', 38, 89, 89],
  ['start_ts', 'time', 64, 160, 160],
  ['end_ts', 'time', 72, 168, 168],
] as const;

export const ERROR_FIELDS = [
  same('err', 'error', 16),
  ['code', 'u8', -1, 318, 318],
  ['is_last', 'u8', -1, 319, 319],
] as const;

export const SYSTEM_FIELDS = [same('msg', 'message', 16), ['code', 'u8', -1, 319, 319]] as const;

/** Fields of each record type after the header and without price levels, in Databento's order. */
export const RECORD_FIELDS: ReadonlyMap<number, readonly Field[]> = new Map<number, readonly Field[]>([
  [RTYPE.MBP_0, MBP_FIELDS],
  [RTYPE.MBP_1, MBP_FIELDS],
  [RTYPE.MBP_10, MBP_FIELDS],
  [RTYPE.OHLCV_DEPRECATED, OHLCV_FIELDS],
  [RTYPE.STATUS, STATUS_FIELDS],
  [RTYPE.INSTRUMENT_DEF, DEFINITION_FIELDS],
  [RTYPE.IMBALANCE, IMBALANCE_FIELDS],
  [RTYPE.ERROR, ERROR_FIELDS],
  [RTYPE.SYMBOL_MAPPING, SYMBOL_MAPPING_FIELDS],
  [RTYPE.SYSTEM, SYSTEM_FIELDS],
  [RTYPE.STATISTICS, STATISTICS_FIELDS],
  [RTYPE.OHLCV_1S, OHLCV_FIELDS],
  [RTYPE.OHLCV_1M, OHLCV_FIELDS],
  [RTYPE.OHLCV_1H, OHLCV_FIELDS],
  [RTYPE.OHLCV_1D, OHLCV_FIELDS],
  [RTYPE.OHLCV_EOD, OHLCV_FIELDS],
  [RTYPE.MBO, MBO_FIELDS],
  [RTYPE.CMBP_1, CMBP_FIELDS],
  [RTYPE.CBBO_1S, CBBO_FIELDS],
  [RTYPE.CBBO_1M, CBBO_FIELDS],
  [RTYPE.TCBBO, CMBP_FIELDS],
  [RTYPE.BBO_1S, BBO_FIELDS],
  [RTYPE.BBO_1M, BBO_FIELDS],
]);

/** Byte offset of a field in a version; −1 where that version does not have it. */
export function fieldOffset(field: Field, version: DbnVersion): number {
  return version === 3 ? field[4] : version === 2 ? field[3] : field[2];
}

/** Width in bytes of a text field in a version. */
export function textBytes(kind: TextKind, version: DbnVersion): number {
  return TEXT_BYTES[kind][version - 1]!;
}

/** Whether the kind is a NUL-padded text. */
export function isText(kind: FieldKind): kind is TextKind {
  return kind in TEXT_BYTES;
}
