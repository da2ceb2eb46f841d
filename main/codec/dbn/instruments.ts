import type { DbnDecoder } from './decoder.ts';
import { type Field, fieldOffset, SYMBOL_MAPPING_FIELDS, textBytes } from './fields.ts';
import { DEFINITION_FIELDS } from './fields-definition.ts';
import { RTYPE } from './layout.ts';
import type { DbnMetadata } from './metadata.ts';
import { readText } from './record-json.ts';

const RAW_SYMBOL = DEFINITION_FIELDS.find(([name]) => name === 'raw_symbol')!;
const OUT_SYMBOL = SYMBOL_MAPPING_FIELDS.find(([name]) => name === 'stype_out_symbol')!;
const IN_SYMBOL = SYMBOL_MAPPING_FIELDS.find(([name]) => name === 'stype_in_symbol')!;

/** Names of the instruments that the metadata maps: raw symbol by instrument id, the latest interval's last. */
export function mappedInstruments(metadata: DbnMetadata): Map<number, string> {
  const names = new Map<number, string>();
  for (const { rawSymbol, intervals } of metadata.mappings) {
    for (const { symbol } of intervals) {
      const [id, name] = metadata.stypeIn === 'instrument_id' ? [rawSymbol, symbol] : [symbol, rawSymbol];
      if (/^\d+$/.test(id)) names.set(Number(id), name);
    }
  }
  return names;
}

/**
 * What the metadata's mappings call an instrument on a day (YYYYMMDD as an integer); undefined where they don't. The
 * name is what was asked for: a raw symbol, or a continuous or parent symbol where those were.
 */
export function mappedSymbol(metadata: DbnMetadata, instrumentId: number, date: number): string | undefined {
  const id = String(instrumentId);
  const reversed = metadata.stypeIn === 'instrument_id';
  for (const { rawSymbol, intervals } of metadata.mappings) {
    for (const { startDate, endDate, symbol } of intervals) {
      if (date < startDate || date >= endDate) continue;
      if (reversed && rawSymbol === id) return symbol;
      if (!reversed && symbol === id) return rawSymbol;
    }
  }
  return undefined;
}

/**
 * The raw symbol that the record under the cursor gives its instrument: of a definition or a symbol mapping (where the
 * mapping leads to an id, what it comes from); undefined for other records.
 */
export function rawSymbolOf(decoder: DbnDecoder): string | undefined {
  if (decoder.rtype === RTYPE.INSTRUMENT_DEF) return symbolField(decoder, RAW_SYMBOL);
  if (decoder.rtype !== RTYPE.SYMBOL_MAPPING) return undefined;
  const symbol = symbolField(decoder, OUT_SYMBOL);
  return /^\d+$/.test(symbol) ? symbolField(decoder, IN_SYMBOL) : symbol;
}

function symbolField(decoder: DbnDecoder, field: Field): string {
  const at = decoder.byteAt + fieldOffset(field, decoder.version);
  return readText(decoder.bytes, at, textBytes('symbol', decoder.version));
}
