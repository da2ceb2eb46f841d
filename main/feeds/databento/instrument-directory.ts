import type { DbnDecoder } from '../../codec/dbn/decoder.ts';
import { ERROR_FIELDS, type Field, fieldOffset } from '../../codec/dbn/fields.ts';
import { DEFINITION_FIELDS } from '../../codec/dbn/fields-definition.ts';
import { mappedInstruments, rawSymbolOf } from '../../codec/dbn/instruments.ts';
import { RTYPE, WORD } from '../../codec/dbn/layout.ts';
import type { DbnMetadata } from '../../codec/dbn/metadata.ts';
import { priceNano } from '../../codec/dbn/read-words.ts';

const MIN_PRICE_INCREMENT = fieldOf(DEFINITION_FIELDS, 'min_price_increment');
const ERROR_CODE_FIELD = fieldOf(ERROR_FIELDS, 'code');

/**
 * What a stream says about its instruments: raw symbols from definition and mapping records or from the metadata, ticks
 * from definitions. Keyed by publisher and the venue's id.
 */
export class InstrumentDirectory {
  readonly #symbols = new Map<string, string>();
  readonly #ticks = new Map<string, number>();
  #metadata: DbnMetadata | undefined;
  #mapped: ReadonlyMap<number, string> = new Map();

  /** Takes in a definition or symbol-mapping record under the decoder's cursor. */
  learn(decoder: DbnDecoder): void {
    const { words, at } = decoder;
    const symbol = rawSymbolOf(decoder);
    if (symbol === undefined) return;
    const venueId = words[at + WORD.INSTRUMENT_ID]! >>> 0;
    if (decoder.rtype === RTYPE.SYMBOL_MAPPING) {
      this.#symbols.set(`:${venueId}`, symbol);
      return;
    }
    const key = `${words[at]! >>> 16}:${venueId}`;
    this.#symbols.set(key, symbol);
    const tick = priceNano(words, at + fieldOffset(MIN_PRICE_INCREMENT, decoder.version) / 4);
    if (tick > 0) this.#ticks.set(key, tick);
  }

  /** Raw symbol of an instrument, or `#id` while nothing names it. */
  rawSymbol(publisherId: number, venueId: number, metadata: DbnMetadata | undefined): string {
    const learned = this.#symbols.get(`${publisherId}:${venueId}`) ?? this.#symbols.get(`:${venueId}`);
    return learned ?? this.#inMetadata(venueId, metadata) ?? `#${venueId}`;
  }

  /** Tick from the instrument's definition record, in nano price units; undefined while none was seen. */
  tickNano(publisherId: number, venueId: number): number | undefined {
    return this.#ticks.get(`${publisherId}:${venueId}`);
  }

  snapshot(): DirectorySnapshot {
    return { symbols: [...this.#symbols], ticks: [...this.#ticks] };
  }

  restore(snapshot: DirectorySnapshot): void {
    this.#symbols.clear();
    this.#ticks.clear();
    for (const [key, symbol] of snapshot.symbols) this.#symbols.set(key, symbol);
    for (const [key, tick] of snapshot.ticks) this.#ticks.set(key, tick);
  }

  /** Code of an error record; 255 where the version has none. */
  errorCode(decoder: DbnDecoder): number {
    const offset = fieldOffset(ERROR_CODE_FIELD, decoder.version);
    return offset < 0 ? 255 : decoder.bytes[decoder.byteAt + offset]!;
  }

  #inMetadata(venueId: number, metadata: DbnMetadata | undefined): string | undefined {
    if (metadata !== undefined && metadata !== this.#metadata) {
      this.#metadata = metadata;
      this.#mapped = mappedInstruments(metadata);
    }
    return this.#mapped.get(venueId);
  }
}

export interface DirectorySnapshot {
  readonly symbols: readonly (readonly [string, string])[];
  readonly ticks: readonly (readonly [string, number])[];
}

function fieldOf(fields: readonly Field[], name: string): Field {
  const field = fields.find((candidate) => candidate[0] === name);
  if (field === undefined) throw new Error(`DBN has no field ${name}`);
  return field;
}
