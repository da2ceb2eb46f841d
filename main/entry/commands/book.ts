import { type Command, InvalidArgumentError } from 'commander';
import type { DbnDecoder } from '../../codec/dbn/decoder.ts';
import { MBO_WORD, MBP_WORD, RTYPE, WORD } from '../../codec/dbn/layout.ts';
import { tsNs } from '../../codec/dbn/read-words.ts';
import { TOP_LEVELS } from '../../core/book/depth.ts';
import { Engine } from '../../core/engine.ts';
import type { TextLevel } from '../../core/feed-port.ts';
import type { Market } from '../../core/market.ts';
import type { RecordMapper } from '../../feeds/databento/record-mapper.ts';
import { DbnRecording } from '../../feeds/replay/dbn-recording.ts';
import { FramesRecording } from '../../feeds/replay/frames-recording.ts';
import { openRecording } from '../../feeds/replay/open-recording.ts';
import type { Recording } from '../../feeds/replay/recording.ts';
import { playRecording } from '../offline/offline-run.ts';
import { type CommandContext, CommandError, wholeNumber, withProgress } from './command-context.ts';

interface BookOptions {
  readonly at?: bigint;
  readonly instrument?: number;
}

/** One price of a book, in decimal units. */
interface LevelJson {
  readonly price: number;
  readonly size: number;
  readonly orders: number;
}

/** `book FILE`: the book at the end or at a time, as JSON; every level where the file is by order. */
export function addBook(program: Command, { out, stop }: CommandContext): void {
  program
    .command('book')
    .summary('the book at a time, as JSON')
    .description(
      'Prints the book of an instrument after the last event received by a time, or at the end of the file: all levels of ' +
        'market-by-order files, the levels of the schema otherwise.',
    )
    .argument('<file>', 'DBN file or capture')
    .option('--at <ns>', 'nanoseconds since the epoch, of ts_recv', nanoseconds)
    .option('--instrument <id>', 'instrument; the first in the file when left out', wholeNumber)
    .action(async (file: string, { at, instrument }: BookOptions) => {
      await withProgress('book', async (bar) => {
        const read = async (mostRecords: number) => {
          const reader = readerOf(file, at, instrument, mostRecords);
          const fault = await playRecording(reader.recording, { stop, progress: bar.update, ...reader }).then(
            () => undefined,
            (error: Error) => error,
          );
          return { reader, fault };
        };
        let { reader, fault } = await read(Number.POSITIVE_INFINITY);
        if (at !== undefined && reader.surplus) ({ reader, fault } = await read(reader.judgedRecords));
        const json = reader.json();
        if (json !== undefined) out.addJson(json);
        if (fault !== undefined) throw fault;
        if (json !== undefined) return;
        const what =
          instrument === undefined ? `${file} has no book` : `instrument ${instrument} has no book in ${file}`;
        throw new CommandError(at === undefined ? what : `${what} at that time`);
      });
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
    const book = this.recording.mapper!.bookText(rawSymbol, Number.POSITIVE_INFINITY);
    const level = ([price, size]: TextLevel): LevelJson => ({ price: Number(price), size: Number(size), orders: 0 });
    return {
      instrument: venueId,
      rawSymbol,
      tsNs: `${market.tsRecvUs}000`,
      bids: book?.bids.map(level) ?? [],
      asks: book?.asks.map(level) ?? [],
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
    return bookJson(this.#market, this.recording.mapper, this.#tsNs);
  }

  /** Whether a record changes the book that is asked for. Where none was named, the first that has a book is. */
  #concerns({ words, at, rtype }: DbnDecoder): boolean {
    if (!DEPTH_RTYPES.has(rtype)) return false;
    const id = words[at + WORD.INSTRUMENT_ID]! >>> 0;
    this.#instrument ??= id;
    return this.#instrument === id;
  }
}

function bookJson(market: Market, mapper: RecordMapper, at: bigint): object {
  const { instrument, depth } = market;
  const orders = mapper.slotOf(instrument.venueId)?.orders;
  const level = (ticks: number, size: number, count: number): LevelJson => ({
    price: market.price(ticks),
    size,
    orders: count,
  });
  const side = (name: 'bid' | 'ask'): LevelJson[] => {
    if (orders !== undefined) {
      const ladder = name === 'bid' ? orders.bids : orders.asks;
      return ladder.levels().map(({ ticks, lots, orders: count }) => level(ticks, lots, count));
    }
    const [prices, sizes, counts] =
      name === 'bid'
        ? [depth.bidPrice, depth.bidSize, depth.bidOrders]
        : [depth.askPrice, depth.askSize, depth.askOrders];
    return Array.from({ length: TOP_LEVELS }, (_, rank) => rank)
      .filter((rank) => sizes[rank]! > 0)
      .map((rank) => level(prices[rank]!, sizes[rank]!, counts[rank]!));
  };
  return {
    instrument: instrument.venueId,
    rawSymbol: instrument.rawSymbol,
    tsNs: String(at),
    bids: side('bid'),
    asks: side('ask'),
  };
}

const DEPTH_RTYPES: ReadonlySet<number> = new Set([
  RTYPE.MBO,
  RTYPE.MBP_1,
  RTYPE.MBP_10,
  RTYPE.CMBP_1,
  RTYPE.TCBBO,
  RTYPE.BBO_1S,
  RTYPE.BBO_1M,
  RTYPE.CBBO_1S,
  RTYPE.CBBO_1M,
]);

function recvNs({ words, at, rtype }: DbnDecoder): bigint {
  return tsNs(words, at + (rtype === RTYPE.MBO ? MBO_WORD.TS_RECV : MBP_WORD.TS_RECV));
}

function nanoseconds(text: string): bigint {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`Expected nanoseconds since the epoch, got "${text}".`);
  return BigInt(text);
}
