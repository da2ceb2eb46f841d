import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { DbnDecoder } from '../../codec/dbn/decoder.ts';
import { MBO_WORD, MBP_WORD, RTYPE, WORD } from '../../codec/dbn/layout.ts';
import { tsNs } from '../../codec/dbn/read-words.ts';
import { rfc3339Us } from '../../codec/json/rfc3339.ts';
import { Engine } from '../../core/engine.ts';
import type { Market } from '../../core/market.ts';
import { DbnRecording } from '../../feeds/replay/dbn-recording.ts';
import { FramesRecording } from '../../feeds/replay/frames-recording.ts';
import { openRecording } from '../../feeds/replay/open-recording.ts';
import type { Recording } from '../../feeds/replay/recording.ts';
import { dataFolder } from '../data-folder.ts';
import { bookAt } from '../offline/book-at.ts';
import { levelsOfFrames, levelsOfRecords } from '../offline/book-levels.ts';
import { DEPTH_RTYPES } from '../offline/depth-rtypes.ts';
import { playRecording } from '../offline/offline-run.ts';
import { type CommandContext, CommandError, wholeNumber, withProgress } from './command-context.ts';

interface BookOptions {
  readonly at?: bigint;
  readonly instrument?: number;
  readonly source?: string;
  readonly symbol?: string;
  readonly captures?: string;
}

/** `book`: the book at a time or at the end, as JSON, of a file or of the data folder's captures. */
export function addBook(program: Command, context: CommandContext): void {
  const command: Command = program
    .command('book')
    .summary('the book at a time, as JSON')
    .description(
      'Prints the book of an instrument after the last event received by a time, or at the end of a file: all levels that ' +
        'the venue tells. Of a file, or, with --source, --symbol and --at, from the captures in the data folder.',
    )
    .argument('[file]', 'DBN file or capture')
    .option('--at <time>', 'time of receipt: nanoseconds since the epoch, or 2026-11-18T13:00:00Z', timeNs)
    .option('--instrument <id>', 'instrument of the file; the first in it when left out', wholeNumber)
    .option('--source <name>', 'whose captures: simulated, databento, kraken …')
    .option('--symbol <symbol>', 'instrument of the source: 6E, 6EZ6, BTC/USD …')
    .option('--captures <folder>', 'folder of the captures; the terminal’s own when left out');
  command.action(async (file: string | undefined, options: BookOptions) => {
    const { at, instrument, source, symbol, captures } = options;
    if (file !== undefined) {
      const stray = source ?? symbol ?? captures;
      if (stray !== undefined) command.error('error: a file has no --source, --symbol or --captures; leave one out');
      await bookOfFile(context, file, at, instrument);
      return;
    }
    if (source === undefined || symbol === undefined || at === undefined || instrument !== undefined) {
      command.error('error: name a file, or a source with --source, --symbol and --at');
    }
    const folder = captures ?? join(dataFolder(process.env), 'captures');
    const book = await bookAt({ folder, source, symbol, atUs: Number(at / 1000n), stop: context.stop });
    if (context.stop.aborted) return;
    if (book.kind === 'none') throw new CommandError(book.words);
    if (book.words !== '') context.log(book.words);
    const { rawSymbol, tsRecvNs, tsEventNs, bids, asks, state } = book;
    const tsNs = String(tsRecvNs);
    context.out.addJson({
      instrument: book.instrument,
      rawSymbol,
      tsNs,
      bids,
      asks,
      tsEventNs: String(tsEventNs),
      state,
    });
  });
}

async function bookOfFile(
  { out, stop }: CommandContext,
  file: string,
  at: bigint | undefined,
  instrument: number | undefined,
): Promise<void> {
  await withProgress('book', async (bar) => {
    const read = async (mostRecords: number) => {
      const reader = readerOf(file, at, instrument, mostRecords);
      const fault = await playRecording(reader.recording, { stop, progress: bar.update, ...reader }).then(
        () => undefined,
        (error: Error) => error,
      );
      return { reader, fault };
    };
    const whole = await read(Number.POSITIVE_INFINITY);
    const { fault } = whole;
    // Part of an event is no book: it is read again as far as the last one that was complete.
    const { reader } = whole.reader.surplus ? await read(whole.reader.judgedRecords) : whole;
    const json = reader.json();
    if (json !== undefined) out.addJson(json);
    if (fault !== undefined) throw fault;
    if (json !== undefined) return;
    const what = instrument === undefined ? `${file} has no book` : `instrument ${instrument} has no book in ${file}`;
    throw new CommandError(at === undefined ? what : `${what} at that time`);
  });
}

/** What a file's book is read with. */
interface BookReader {
  readonly recording: Recording;
  readonly admit: () => boolean;
  readonly visit: () => boolean;
  /** Inputs up to and with the last complete event. */
  readonly judgedRecords: number;
  /** Part of a further event was played: the book is not what it was at the last complete one. */
  readonly surplus: boolean;
  /** The book as it stands; undefined while no event of the instrument was complete. */
  json(): object | undefined;
}

function readerOf(file: string, at: bigint | undefined, instrument: number | undefined, most: number): BookReader {
  const engine = new Engine({ continuity: 'file' });
  const recording = openRecording([file], engine);
  if (recording instanceof DbnRecording) return new RecordBookReader(recording, at, instrument, most);
  if (recording instanceof FramesRecording) return new FramesBookReader(recording, engine, at, instrument);
  throw new Error('one file is one recording');
}

/** Plays a capture of frames up to a time of receipt; each frame leaves whole books. */
class FramesBookReader implements BookReader {
  readonly recording: FramesRecording;
  readonly #engine: Engine;
  readonly #atUs: number;
  readonly #instrument: number | undefined;
  readonly judgedRecords = 0;
  readonly surplus = false;

  constructor(recording: FramesRecording, engine: Engine, at: bigint | undefined, instrument: number | undefined) {
    this.recording = recording;
    this.#engine = engine;
    this.#atUs = at === undefined ? Number.POSITIVE_INFINITY : Number(at / 1000n);
    this.#instrument = instrument;
  }

  readonly admit = (): boolean => this.recording.arrivalUs() <= this.#atUs;
  readonly visit = (): boolean => true;

  json(): object | undefined {
    const wanted = (market: Market) => this.#instrument === undefined || market.instrument.venueId === this.#instrument;
    const market = this.#engine.markets.find((candidate) => candidate.events > 0 && wanted(candidate));
    if (market === undefined) return undefined;
    const { venueId, rawSymbol } = market.instrument;
    return {
      instrument: venueId,
      rawSymbol,
      tsNs: `${market.tsRecvUs}000`,
      ...levelsOfFrames(market, this.recording.mapper!),
    };
  }
}

/** Plays a DBN file up to a time and keeps count of where the instrument's last complete event was. */
class RecordBookReader implements BookReader {
  readonly recording: DbnRecording;
  readonly #at: bigint | undefined;
  readonly #mostRecords: number;
  #instrument: number | undefined;
  #records = 0;
  #market: Market | undefined;
  #tsNs: bigint | undefined;
  judgedRecords = 0;
  surplus = false;

  constructor(recording: DbnRecording, at: bigint | undefined, instrument: number | undefined, mostRecords: number) {
    this.recording = recording;
    this.#at = at;
    this.#instrument = instrument;
    this.#mostRecords = mostRecords;
  }

  readonly admit = (): boolean => {
    const { decoder } = this.recording;
    if (this.#records === this.#mostRecords) return false;
    return this.#at === undefined || !this.#concerns(decoder) || recvNs(decoder) <= this.#at;
  };

  readonly visit = (): boolean => {
    const { decoder, mapper } = this.recording;
    this.#records++;
    if (!this.#concerns(decoder) || mapper.market === undefined) return true;
    this.#market = mapper.market;
    this.surplus = !mapper.judged;
    if (mapper.judged) {
      this.#tsNs = recvNs(decoder);
      this.judgedRecords = this.#records;
    }
    return true;
  };

  json(): object | undefined {
    if (this.#market === undefined || this.#tsNs === undefined) return undefined;
    const { instrument } = this.#market;
    return {
      instrument: instrument.venueId,
      rawSymbol: instrument.rawSymbol,
      tsNs: String(this.#tsNs),
      ...levelsOfRecords(this.#market, this.recording.mapper),
    };
  }

  /** Whether a record changes the book that is asked for. Where none was named, the first that has a book is. */
  #concerns({ words, at, rtype }: DbnDecoder): boolean {
    if (!DEPTH_RTYPES.has(rtype)) return false;
    const id = words[at + WORD.INSTRUMENT_ID]! >>> 0;
    this.#instrument ??= id;
    return this.#instrument === id;
  }
}

function recvNs({ words, at, rtype }: DbnDecoder): bigint {
  return tsNs(words, at + (rtype === RTYPE.MBO ? MBO_WORD.TS_RECV : MBP_WORD.TS_RECV));
}

/** Nanoseconds since the epoch as they are, or a time with its zone. */
function timeNs(text: string): bigint {
  if (/^\d+$/.test(text)) return BigInt(text);
  const us = rfc3339Us(Buffer.from(text), 0, text.length);
  if (Number.isNaN(us)) {
    throw new InvalidArgumentError(
      `Expected nanoseconds since the epoch, or a time with its zone such as 2026-11-18T13:00:00.5Z, got "${text}".`,
    );
  }
  return BigInt(us) * 1000n;
}
