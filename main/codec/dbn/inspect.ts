import type { DbnDecoder } from './decoder.ts';
import { DbnError } from './error.ts';
import { type OpenDbnOptions, openDbn } from './file.ts';
import { mappedInstruments, rawSymbolOf } from './instruments.ts';
import { RTYPE, WORD } from './layout.ts';
import { rtypeName } from './names.ts';
import { tsNs } from './read-words.ts';

/** What a DBN file holds. Times are nanoseconds since the epoch as text. */
interface DbnSummary {
  readonly version: number;
  /** Null in files without metadata, as are schema, start and end. */
  readonly dataset: string | null;
  readonly schema: string | null;
  readonly startNs: string | null;
  readonly endNs: string | null;
  /** Records by type, named as Databento's schemas. */
  readonly recordCounts: Readonly<Record<string, number>>;
  readonly unknownRecords: number;
  readonly firstTsEventNs: string | null;
  readonly lastTsEventNs: string | null;
  /** Those of the metadata, of definitions and mappings, and of all records; by id. A name that is not known is null. */
  readonly instruments: readonly { readonly id: number; readonly rawSymbol: string | null }[];
}

/** A summary of what could be read, and what is wrong with the file where something is. */
export interface DbnInspection {
  /** Of everything before the fault; undefined where not even the metadata could be read. */
  readonly summary: DbnSummary | undefined;
  readonly fault: DbnError | undefined;
}

interface InspectOptions extends OpenDbnOptions {
  /** Ends the reading early; the summary is then of what was read. */
  readonly stop?: AbortSignal;
}

/** Reads a DBN file to its end, to its first fault, or until it is stopped. Throws only what the file system throws. */
export async function inspectDbn(path: string, options: InspectOptions = {}): Promise<DbnInspection> {
  const tally = new Tally();
  let decoder: DbnDecoder | undefined;
  let fault: DbnError | undefined;
  try {
    for await (const opened of openDbn(path, options)) {
      decoder = opened;
      tally.read(opened);
      if (options.stop?.aborted === true) break;
    }
  } catch (error) {
    if (!(error instanceof DbnError)) throw error;
    fault = error;
  }
  if (decoder === undefined || (decoder.metadata === undefined && !decoder.fragment)) {
    return { summary: undefined, fault };
  }
  return { summary: tally.summary(decoder), fault };
}

/** Running counts of a file; nothing is allocated per record unless its instrument is new or it names one. */
class Tally {
  readonly #counts = new Float64Array(256);
  readonly #names = new Map<number, string | null>();
  #lastInstrument = -1;
  #firstTsEventNs: bigint | undefined;
  readonly #lastTsEvent = new Int32Array(2);

  read(decoder: DbnDecoder): void {
    while (decoder.next()) {
      const { words, at, rtype } = decoder;
      this.#counts[rtype]! += 1;
      this.#time(words, at);
      if (rtype === RTYPE.SYSTEM || rtype === RTYPE.ERROR) continue;
      const id = words[at + WORD.INSTRUMENT_ID]! >>> 0;
      if (id !== this.#lastInstrument) {
        this.#lastInstrument = id;
        if (!this.#names.has(id)) this.#names.set(id, null);
      }
      const symbol = rawSymbolOf(decoder);
      if (symbol !== undefined && symbol !== '') this.#names.set(id, symbol);
    }
  }

  #time(words: Int32Array, at: number): void {
    const lo = words[at + WORD.TS_EVENT]!;
    const hi = words[at + WORD.TS_EVENT + 1]!;
    if (lo === -1 && hi === -1) return;
    this.#firstTsEventNs ??= tsNs(words, at + WORD.TS_EVENT);
    this.#lastTsEvent[0] = lo;
    this.#lastTsEvent[1] = hi;
  }

  summary(decoder: DbnDecoder): DbnSummary {
    const { metadata, version, unknownRecords } = decoder;
    const names = metadata === undefined ? new Map<number, string | null>() : new Map(mappedInstruments(metadata));
    for (const [id, name] of this.#names) if (name !== null || !names.has(id)) names.set(id, name);
    const known = [...this.#counts.entries()].filter(([, count]) => count > 0);
    const first = this.#firstTsEventNs;
    return {
      version,
      dataset: metadata?.dataset ?? null,
      schema: metadata?.schema ?? null,
      startNs: metadata?.startNs.toString() ?? null,
      endNs: metadata?.endNs?.toString() ?? null,
      recordCounts: Object.fromEntries(known.map(([rtype, count]) => [rtypeName(rtype), count])),
      unknownRecords,
      firstTsEventNs: first === undefined ? null : first.toString(),
      lastTsEventNs: first === undefined ? null : tsNs(this.#lastTsEvent, 0).toString(),
      instruments: [...names].sort(([a], [b]) => a - b).map(([id, rawSymbol]) => ({ id, rawSymbol })),
    };
  }
}
