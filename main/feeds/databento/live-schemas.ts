import { RTYPE } from '../../codec/dbn/layout.ts';

/** Record type of each schema that can be subscribed to. */
const RTYPE_OF_SCHEMA: ReadonlyMap<string, number> = new Map([
  ['mbo', RTYPE.MBO],
  ['mbp-1', RTYPE.MBP_1],
  ['mbp-10', RTYPE.MBP_10],
  ['tbbo', RTYPE.MBP_1],
  ['trades', RTYPE.MBP_0],
  ['bbo-1s', RTYPE.BBO_1S],
  ['bbo-1m', RTYPE.BBO_1M],
  ['cmbp-1', RTYPE.CMBP_1],
  ['cbbo-1s', RTYPE.CBBO_1S],
  ['cbbo-1m', RTYPE.CBBO_1M],
  ['tcbbo', RTYPE.TCBBO],
  ['ohlcv-1s', RTYPE.OHLCV_1S],
  ['ohlcv-1m', RTYPE.OHLCV_1M],
  ['ohlcv-1h', RTYPE.OHLCV_1H],
  ['ohlcv-1d', RTYPE.OHLCV_1D],
  ['definition', RTYPE.INSTRUMENT_DEF],
  ['statistics', RTYPE.STATISTICS],
  ['status', RTYPE.STATUS],
  ['imbalance', RTYPE.IMBALANCE],
]);

/** Record types of the schemas that a text of the gateway names; none where it names no schema. */
export function rtypesNamedIn(text: string): number[] {
  const words = text
    .toLowerCase()
    .replaceAll('_', '-')
    .split(/[^a-z0-9-]+/);
  return words.map((word) => RTYPE_OF_SCHEMA.get(word)).filter((rtype) => rtype !== undefined);
}

/** A schema with the type that its records have in the stream. */
export interface LiveSchema {
  readonly name: string;
  readonly rtype: number;
  /**
   * How it is taken up after a reconnect: `replay` from where it stopped; `whole` from the start of what there is, each
   * time (definitions: the gateway keeps those of the week); `snapshot` with the resting orders, since a book by order can't
   * be trusted over a hole.
   */
  readonly recovery: 'replay' | 'whole' | 'snapshot';
}

/** What is subscribed to by default: depth with its trades, and what is said of instruments and of trading in them. */
export const DEFAULT_SCHEMAS: readonly string[] = ['mbp-10', 'trades', 'definition', 'status'];

/** @throws RangeError naming a schema that is not known, or two whose records can't be told apart */
export function liveSchemas(names: readonly string[]): LiveSchema[] {
  const schemas: LiveSchema[] = [];
  for (const name of new Set(names)) {
    const rtype = RTYPE_OF_SCHEMA.get(name);
    if (rtype === undefined) throw new RangeError(`Databento has no live schema "${name}".`);
    const twin = schemas.find((schema) => schema.rtype === rtype);
    if (twin !== undefined) throw new RangeError(`Schemas ${twin.name} and ${name} share a record type; choose one.`);
    const recovery = name === 'definition' ? 'whole' : name === 'mbo' ? 'snapshot' : 'replay';
    schemas.push({ name, rtype, recovery });
  }
  return schemas;
}
