import type { DbnDecoder } from '../../codec/dbn/decoder.ts';
import {
  ERROR_FIELDS,
  type Field,
  fieldOffset,
  SYMBOL_MAPPING_FIELDS,
  type TextKind,
  textBytes,
} from '../../codec/dbn/fields.ts';
import { DEFINITION_FIELDS } from '../../codec/dbn/fields-definition.ts';
import { RTYPE, WORD } from '../../codec/dbn/layout.ts';
import type { DbnMetadata } from '../../codec/dbn/metadata.ts';
import { priceNano } from '../../codec/dbn/read-words.ts';

const RAW_SYMBOL = fieldOf(DEFINITION_FIELDS, 'raw_symbol');
const MIN_PRICE_INCREMENT = fieldOf(DEFINITION_FIELDS, 'min_price_increment');
const STYPE_OUT_SYMBOL = fieldOf(SYMBOL_MAPPING_FIELDS, 'stype_out_symbol');
const STYPE_IN_SYMBOL = fieldOf(SYMBOL_MAPPING_FIELDS, 'stype_in_symbol');
const ERROR_CODE_FIELD = fieldOf(ERROR_FIELDS, 'code');

/**
 * What a stream says about its instruments: raw symbols from definition and mapping records or from the metadata, ticks
 * from definitions. Keyed by publisher and the venue's id.
 */
export class InstrumentDirectory {
  readonly #symbols = new Map<string, string>();
  readonly #ticks = new Map<string, number>();

  /** Takes in a definition or symbol-mapping record under the decoder's cursor. */
  learn(decoder: DbnDecoder): void {
    const { words, at } = decoder;
    const publisherId = words[at]! >>> 16;
    const venueId = words[at + WORD.INSTRUMENT_ID]! >>> 0;
    if (decoder.rtype === RTYPE.INSTRUMENT_DEF) {
      this.#symbols.set(`${publisherId}:${venueId}`, text(decoder, RAW_SYMBOL));
      const tick = priceNano(words, at + fieldOffset(MIN_PRICE_INCREMENT, decoder.version) / 4);
      if (tick > 0) this.#ticks.set(`${publisherId}:${venueId}`, tick);
      return;
    }
    const raw = text(decoder, STYPE_OUT_SYMBOL);
    const symbol = /^\d+$/.test(raw) ? text(decoder, STYPE_IN_SYMBOL) : raw;
    this.#symbols.set(`:${venueId}`, symbol);
  }

  /** Raw symbol of an instrument, or `#id` while nothing names it. */
  rawSymbol(publisherId: number, venueId: number, metadata: DbnMetadata | undefined): string {
    const learned = this.#symbols.get(`${publisherId}:${venueId}`) ?? this.#symbols.get(`:${venueId}`);
    return learned ?? symbolInMetadata(venueId, metadata) ?? `#${venueId}`;
  }

  /** Tick from the instrument's definition record, in nano price units; undefined while none was seen. */
  tickNano(publisherId: number, venueId: number): number | undefined {
    return this.#ticks.get(`${publisherId}:${venueId}`);
  }

  /** Code of an error record; 255 where the version has none. */
  errorCode(decoder: DbnDecoder): number {
    const offset = fieldOffset(ERROR_CODE_FIELD, decoder.version);
    return offset < 0 ? 255 : decoder.bytes[decoder.byteAt + offset]!;
  }
}

/** Metadata maps raw symbols to ids as text; where the request itself was by id, the mapping's name is the id. */
function symbolInMetadata(venueId: number, metadata: DbnMetadata | undefined): string | undefined {
  const id = String(venueId);
  for (const mapping of metadata?.mappings ?? []) {
    if (mapping.intervals.some((interval) => interval.symbol === id)) return mapping.rawSymbol;
  }
  return undefined;
}

function text(decoder: DbnDecoder, field: Field): string {
  const from = decoder.byteAt + fieldOffset(field, decoder.version);
  const width = textBytes(field[1] as TextKind, decoder.version);
  const bytes = decoder.bytes.subarray(from, from + width);
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function fieldOf(fields: readonly Field[], name: string): Field {
  const field = fields.find((candidate) => candidate[0] === name);
  if (field === undefined) throw new Error(`DBN has no field ${name}`);
  return field;
}
