import { RTYPE } from './layout.ts';

const RTYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [RTYPE.MBP_0, 'trades'],
  [RTYPE.MBP_1, 'mbp-1'],
  [RTYPE.MBP_10, 'mbp-10'],
  [RTYPE.OHLCV_DEPRECATED, 'ohlcv-deprecated'],
  [RTYPE.STATUS, 'status'],
  [RTYPE.INSTRUMENT_DEF, 'definition'],
  [RTYPE.IMBALANCE, 'imbalance'],
  [RTYPE.ERROR, 'error'],
  [RTYPE.SYMBOL_MAPPING, 'symbol-mapping'],
  [RTYPE.SYSTEM, 'system'],
  [RTYPE.STATISTICS, 'statistics'],
  [RTYPE.OHLCV_1S, 'ohlcv-1s'],
  [RTYPE.OHLCV_1M, 'ohlcv-1m'],
  [RTYPE.OHLCV_1H, 'ohlcv-1h'],
  [RTYPE.OHLCV_1D, 'ohlcv-1d'],
  [RTYPE.OHLCV_EOD, 'ohlcv-eod'],
  [RTYPE.MBO, 'mbo'],
  [RTYPE.CMBP_1, 'cmbp-1'],
  [RTYPE.CBBO_1S, 'cbbo-1s'],
  [RTYPE.CBBO_1M, 'cbbo-1m'],
  [RTYPE.TCBBO, 'tcbbo'],
  [RTYPE.BBO_1S, 'bbo-1s'],
  [RTYPE.BBO_1M, 'bbo-1m'],
]);

/** Name of a record type in Databento's kebab case; a type that is not known is named by its number, `rtype-0x7f`. */
export function rtypeName(rtype: number): string {
  return RTYPE_NAMES.get(rtype) ?? `rtype-0x${rtype.toString(16).padStart(2, '0')}`;
}

/** Schemas in the order of their ids in the metadata. */
const SCHEMAS = [
  'mbo',
  'mbp-1',
  'mbp-10',
  'tbbo',
  'trades',
  'ohlcv-1s',
  'ohlcv-1m',
  'ohlcv-1h',
  'ohlcv-1d',
  'definition',
  'statistics',
  'status',
  'imbalance',
  'ohlcv-eod',
  'cmbp-1',
  'cbbo-1s',
  'cbbo-1m',
  'tcbbo',
  'bbo-1s',
  'bbo-1m',
] as const;

/** A schema of the metadata. Live streams mix schemas and have none. */
export type SchemaName = (typeof SCHEMAS)[number];

/** The id that stands for "no schema" and "mixed". */
const NO_SCHEMA = 0xffff;

/** Schema of a metadata id; undefined for 65535 (mixed) and for ids that are not documented. */
export function schemaName(id: number): SchemaName | undefined {
  return SCHEMAS[id];
}

/** Metadata id of a schema; 65535 for undefined (mixed). */
export function schemaId(name: SchemaName | undefined): number {
  return name === undefined ? NO_SCHEMA : SCHEMAS.indexOf(name);
}

/** Symbology types in the order of their ids. */
const STYPES = [
  'instrument_id',
  'raw_symbol',
  'smart',
  'continuous',
  'parent',
  'nasdaq',
  'cms',
  'isin',
  'us_code',
  'bbg_comp_id',
  'bbg_comp_ticker',
  'figi',
  'figi_ticker',
] as const;

/** How instruments are named in a request or an answer. */
export type StypeName = (typeof STYPES)[number];

/** The id that stands for "no symbology type", as in live streams. */
const NO_STYPE = 0xff;

/** Symbology type of an id; undefined for 255 (none) and for ids that are not documented. */
export function stypeName(id: number): StypeName | undefined {
  return STYPES[id];
}

/** Id of a symbology type; 255 for undefined. */
export function stypeId(name: StypeName | undefined): number {
  return name === undefined ? NO_STYPE : STYPES.indexOf(name);
}
