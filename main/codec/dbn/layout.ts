/**
 * The numbers of DBN (Databento Binary Encoding), versions 1 to 3: record types, sizes, flags, codes and the word
 * offsets that hot code needs. Everything is little-endian; a record is a whole number of 4-byte words, so hot code
 * reads it through an `Int32Array` at word index `at`. Source: Databento's DBN documentation and the public `dbn` crate.
 */

export type DbnVersion = 1 | 2 | 3;

/** Record types (byte 1 of each record). */
export const RTYPE = {
  /** Trades; the prefix of every MBP record. */
  MBP_0: 0x00,
  /** Schemas mbp-1 and tbbo. */
  MBP_1: 0x01,
  MBP_10: 0x0a,
  OHLCV_DEPRECATED: 0x11,
  STATUS: 0x12,
  INSTRUMENT_DEF: 0x13,
  IMBALANCE: 0x14,
  ERROR: 0x15,
  SYMBOL_MAPPING: 0x16,
  SYSTEM: 0x17,
  STATISTICS: 0x18,
  OHLCV_1S: 0x20,
  OHLCV_1M: 0x21,
  OHLCV_1H: 0x22,
  OHLCV_1D: 0x23,
  OHLCV_EOD: 0x24,
  MBO: 0xa0,
  CMBP_1: 0xb1,
  CBBO_1S: 0xc0,
  CBBO_1M: 0xc1,
  TCBBO: 0xc2,
  BBO_1S: 0xc3,
  BBO_1M: 0xc4,
} as const;

/** Record sizes in bytes of versions 1, 2 and 3, without the 8 bytes that `ts_out` adds. */
export const RECORD_BYTES: ReadonlyMap<number, readonly [v1: number, v2: number, v3: number]> = new Map([
  [RTYPE.MBP_0, [48, 48, 48]],
  [RTYPE.MBP_1, [80, 80, 80]],
  [RTYPE.MBP_10, [368, 368, 368]],
  [RTYPE.OHLCV_DEPRECATED, [56, 56, 56]],
  [RTYPE.STATUS, [40, 40, 40]],
  [RTYPE.INSTRUMENT_DEF, [360, 400, 520]],
  [RTYPE.IMBALANCE, [112, 112, 112]],
  [RTYPE.ERROR, [80, 320, 320]],
  [RTYPE.SYMBOL_MAPPING, [80, 176, 176]],
  [RTYPE.SYSTEM, [80, 320, 320]],
  [RTYPE.STATISTICS, [64, 64, 80]],
  [RTYPE.OHLCV_1S, [56, 56, 56]],
  [RTYPE.OHLCV_1M, [56, 56, 56]],
  [RTYPE.OHLCV_1H, [56, 56, 56]],
  [RTYPE.OHLCV_1D, [56, 56, 56]],
  [RTYPE.OHLCV_EOD, [56, 56, 56]],
  [RTYPE.MBO, [56, 56, 56]],
  [RTYPE.CMBP_1, [80, 80, 80]],
  [RTYPE.CBBO_1S, [80, 80, 80]],
  [RTYPE.CBBO_1M, [80, 80, 80]],
  [RTYPE.TCBBO, [80, 80, 80]],
  [RTYPE.BBO_1S, [80, 80, 80]],
  [RTYPE.BBO_1M, [80, 80, 80]],
]);

/** The header that every record starts with. */
export const HEADER_BYTES = 16;
/** Bytes that `ts_out` appends to every record of a stream that asked for it. */
export const TS_OUT_BYTES = 8;
/** The longest record that the length byte can express: 255 words. */
export const MAX_RECORD_BYTES = 255 * 4;

/** Word offsets within a record; 64-bit fields take two words, low word first. */
export const WORD = {
  /** length | rtype << 8 | publisher_id << 16 */
  HEAD: 0,
  INSTRUMENT_ID: 1,
  TS_EVENT: 2,
} as const;

/** Word offsets of trades and of the prefix of MBP-1, TBBO, MBP-10, CMBP, BBO and CBBO records. */
export const MBP_WORD = {
  PRICE: 4,
  SIZE: 6,
  /** action | side << 8 | flags << 16 | depth << 24 */
  ACTION_SIDE_FLAGS_DEPTH: 7,
  TS_RECV: 8,
  TS_IN_DELTA: 10,
  SEQUENCE: 11,
  /** The first level; level k starts at LEVELS + k * LEVEL.WORDS. */
  LEVELS: 12,
} as const;

/** Word offsets within one price level of an MBP or BBO record. */
export const LEVEL = { WORDS: 8, BID_PX: 0, ASK_PX: 2, BID_SZ: 4, ASK_SZ: 5, BID_CT: 6, ASK_CT: 7 } as const;

/** Word offsets of MBO records. */
export const MBO_WORD = {
  ORDER_ID: 4,
  PRICE: 6,
  SIZE: 8,
  /** flags | channel_id << 8 | action << 16 | side << 24 */
  FLAGS_CHANNEL_ACTION_SIDE: 9,
  TS_RECV: 10,
  TS_IN_DELTA: 12,
  SEQUENCE: 13,
} as const;

/** Word offsets of OHLCV records; `ts_event` is the start of the interval. */
export const OHLCV_WORD = { OPEN: 4, HIGH: 6, LOW: 8, CLOSE: 10, VOLUME: 12 } as const;

/** Bits of the flags byte. */
export const FLAG = {
  /** Last record of the event for this instrument: the book may be judged. */
  LAST: 128,
  TOB: 64,
  /** Comes from a snapshot or replay server. */
  SNAPSHOT: 32,
  MBP: 16,
  BAD_TS_RECV: 8,
  /** An unrecovered gap in the channel: the book may be wrong. */
  MAYBE_BAD_BOOK: 4,
  PUBLISHER_SPECIFIC: 2,
} as const;

/** Character codes of the action field. Trades, fills and none never change a book. */
export const ACTION = { ADD: 65, CANCEL: 67, MODIFY: 77, CLEAR: 82, TRADE: 84, FILL: 70, NONE: 78 } as const;

/** Character codes of the side field: of the resting order, or of the aggressor of a trade. */
export const SIDE = { ASK: 65, BID: 66, NONE: 78 } as const;

/** Undefined values. */
export const UNDEF_PRICE = 9223372036854775807n;
export const UNDEF_TIMESTAMP = 18446744073709551615n;
export const UNDEF_ORDER_SIZE = 4294967295;
/** Undefined quantity of a statistics record: version 3, and versions 1 and 2. */
export const UNDEF_STAT_QUANTITY = 9223372036854775807n;
export const UNDEF_STAT_QUANTITY_V2 = 2147483647;
/** The two words of UNDEF_PRICE. */
export const UNDEF_PRICE_HI = 0x7fffffff;
export const UNDEF_PRICE_LO = -1;

/** Status actions (record STATUS, `action`). */
export const STATUS_ACTION = {
  NONE: 0,
  PRE_OPEN: 1,
  PRE_CROSS: 2,
  QUOTING: 3,
  CROSS: 4,
  ROTATION: 5,
  NEW_PRICE_INDICATION: 6,
  TRADING: 7,
  HALT: 8,
  PAUSE: 9,
  SUSPEND: 10,
  PRE_CLOSE: 11,
  CLOSE: 12,
  POST_CLOSE: 13,
  SSR_CHANGE: 14,
  NOT_AVAILABLE_FOR_TRADING: 15,
} as const;

/** Codes of a SYSTEM record (version 1 has none: its text says it). */
export const SYSTEM_CODE = {
  HEARTBEAT: 0,
  SUBSCRIPTION_ACK: 1,
  SLOW_READER_WARNING: 2,
  REPLAY_COMPLETED: 3,
  END_OF_INTERVAL: 4,
  UNSET: 255,
} as const;

/** Codes of an ERROR record (version 1 has none). */
export const ERROR_CODE = {
  AUTH_FAILED: 1,
  API_KEY_DEACTIVATED: 2,
  CONNECTION_LIMIT_EXCEEDED: 3,
  SYMBOL_RESOLUTION_FAILED: 4,
  INVALID_SUBSCRIPTION: 5,
  INTERNAL_ERROR: 6,
  SKIPPED_RECORDS_AFTER_SLOW_READING: 7,
  REPLAY_DATA_AGED_OUT: 8,
  UNSET: 255,
} as const;

/** Width of a symbol field: version 1, and versions 2 and 3, terminating NUL included. */
export const SYMBOL_BYTES_V1 = 22;
export const SYMBOL_BYTES = 71;
