import { access, appendFile, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { HOUR_US } from '../../../shared/units.ts';
import { type FetchedLine, sidecarPath } from '../../codec/capture/sidecar.ts';
import type { DbnDecoder } from '../../codec/dbn/decoder.ts';
import { openDbn } from '../../codec/dbn/file.ts';
import { MIXED_STREAM } from '../../codec/dbn/metadata.ts';
import { DbnRecordWriter } from '../../codec/dbn/write-record.ts';
import { DbnWriter } from '../../codec/dbn/writer.ts';
import { CaptureFile } from './capture-file.ts';

const FLUSH_BYTES = 1024 * 1024;
const WORK_FOLDER = 'fetching';

const compress = promisify(zstdCompress);

/** What an instrument of the fetched records is called. */
export interface NamedInstrument {
  readonly publisherId: number;
  readonly venueId: number;
  readonly rawSymbol: string;
}

export interface BackfillCaptureOptions {
  /** Folder for the captures of all sources. */
  readonly folder: string;
  /** Source of the stream that had the holes: `databento`. */
  readonly source: string;
  readonly dataset: string;
  readonly instruments: readonly NamedInstrument[];
  /** Where a record belongs in time, µs. */
  readonly arrivalUs: (decoder: DbnDecoder) => number;
}

/** One record type's records, in their order, on their way to the file that holds all in the order of time. */
interface Lane {
  readonly path: string;
  readonly records: DbnWriter;
}

/**
 * What was missing of a stream, fetched later, as a capture of its own: `databento-backfill-2026-11-18T14Z.dbn.zst`, DBN 3
 * in the order of receive times, its hour that of the first hole. Records come in one schema after another, so each kind
 * waits in a file of its own; the capture appears when it is whole.
 */
export class BackfillCapture {
  readonly #options: BackfillCaptureOptions;
  readonly #folder: string;
  readonly #lanes = new Map<number, Lane>();
  #writing: Promise<void>;
  #records = 0;

  constructor(options: BackfillCaptureOptions) {
    this.#options = options;
    this.#folder = join(options.folder, WORK_FOLDER);
    this.#writing = this.#empty();
  }

  /** Takes the record under the cursor; those of one type come in the order of their times. */
  add(decoder: DbnDecoder): void {
    let lane = this.#lanes.get(decoder.rtype);
    if (lane === undefined) {
      lane = { path: join(this.#folder, `${decoder.rtype}.dbn.frag`), records: new DbnWriter() };
      this.#lanes.set(decoder.rtype, lane);
    }
    lane.records.copy(decoder);
    this.#records++;
    if (lane.records.byteLength >= FLUSH_BYTES) this.#flush(lane);
  }

  /** Writes the capture. @returns its path, or undefined where nothing came. Throws what the file system throws. */
  async finish(line: FetchedLine): Promise<string | undefined> {
    for (const lane of this.#lanes.values()) this.#flush(lane);
    await this.#writing;
    const path = this.#records === 0 ? undefined : await this.#write(line);
    await rm(this.#folder, { recursive: true, force: true });
    return path;
  }

  async #empty(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    await mkdir(this.#folder, { recursive: true });
  }

  #flush({ path, records }: Lane): void {
    const bytes = records.written().slice();
    records.clear();
    this.#writing = this.#writing.then(() => appendFile(path, bytes));
    // Whoever finishes is told; until then a failure is nobody's.
    this.#writing.catch(() => undefined);
  }

  async #write(line: FetchedLine): Promise<string> {
    const { folder, source } = this.#options;
    const firstUs = Math.min(...line.holes.map(({ fromUs }) => fromUs));
    const hour = `${new Date(Math.floor(firstUs / HOUR_US) * 3_600_000).toISOString().slice(0, 13)}Z.dbn.zst`;
    let name = `${source}-backfill-${hour}`;
    for (let other = 2; await exists(join(folder, name)); other++) name = `${source}-backfill-${other}-${hour}`;
    const partial = join(this.#folder, name);
    const file = await CaptureFile.open(partial);
    try {
      await file.note(line);
      for await (const stream of this.#merged(firstUs)) {
        const bytes = await compress(stream, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
        const content = { chunks: [], input: 0, localUs: line.atUs, streamBytes: stream.length, repeatedBytes: 0 };
        await file.append(bytes, content);
      }
    } catch (error) {
      await file.abandon();
      throw error;
    }
    await file.close();
    const path = join(folder, name);
    await rename(sidecarPath(partial), sidecarPath(path));
    await rename(partial, path);
    return path;
  }

  /** The whole stream in pieces: metadata, the names of its instruments, then all records in the order of time. */
  async *#merged(firstUs: number): AsyncGenerator<Uint8Array> {
    const { dataset, instruments, arrivalUs } = this.#options;
    const out = new DbnWriter({ ...MIXED_STREAM, dataset });
    out.append(namesOf(instruments, firstUs));
    const readers = await Promise.all([...this.#lanes.values()].map(({ path }) => LaneReader.open(path, arrivalUs)));
    for (;;) {
      let first: LaneReader | undefined;
      for (const reader of readers) {
        if (reader.decoder !== undefined && (first === undefined || reader.us < first.us)) first = reader;
      }
      if (first?.decoder === undefined) break;
      out.copy(first.decoder);
      await first.step();
      if (out.byteLength < FLUSH_BYTES) continue;
      yield out.written().slice();
      out.clear();
    }
    yield out.written().slice();
  }
}

/** Stands on a record of a lane's file. */
class LaneReader {
  /** Time of the record that it stands on, µs. */
  us = 0;
  /** Undefined once all were read. */
  decoder: DbnDecoder | undefined;
  readonly #pieces: AsyncGenerator<DbnDecoder>;
  readonly #arrivalUs: (decoder: DbnDecoder) => number;

  private constructor(pieces: AsyncGenerator<DbnDecoder>, arrivalUs: (decoder: DbnDecoder) => number) {
    this.#pieces = pieces;
    this.#arrivalUs = arrivalUs;
  }

  static async open(path: string, arrivalUs: (decoder: DbnDecoder) => number): Promise<LaneReader> {
    const reader = new LaneReader(openDbn(path), arrivalUs);
    await reader.step();
    return reader;
  }

  async step(): Promise<void> {
    while (this.decoder?.next() !== true) {
      const { value, done } = await this.#pieces.next();
      this.decoder = done === true ? undefined : value;
      if (this.decoder === undefined) return;
    }
    this.us = this.#arrivalUs(this.decoder);
  }
}

function namesOf(instruments: readonly NamedInstrument[], us: number): Uint8Array {
  const out = new DbnRecordWriter();
  out.time(us, 0, us, 0);
  for (const { publisherId, venueId, rawSymbol } of instruments) {
    out.instrument(publisherId, venueId);
    out.symbolMapping({ stype_in_symbol: rawSymbol, stype_out_symbol: rawSymbol });
  }
  return out.written();
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
