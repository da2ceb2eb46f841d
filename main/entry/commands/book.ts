import { type Command, InvalidArgumentError } from 'commander';
import type { DbnDecoder } from '../../codec/dbn/decoder.ts';
import { MBO_WORD, MBP_WORD, RTYPE, WORD } from '../../codec/dbn/layout.ts';
import { tsNs } from '../../codec/dbn/read-words.ts';
import { TOP_LEVELS } from '../../core/book/depth.ts';
import { Engine } from '../../core/engine.ts';
import type { Market } from '../../core/market.ts';
import type { RecordMapper } from '../../feeds/databento/record-mapper.ts';
import { playFile } from '../offline-run.ts';
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
    .argument('<file>', 'DBN file')
    .option('--at <ns>', 'nanoseconds since the epoch, of ts_recv', nanoseconds)
    .option('--instrument <id>', 'instrument; the first in the file when left out', wholeNumber)
    .action(async (file: string, { at, instrument }: BookOptions) => {
      await withProgress('book', async (bar) => {
        let reader = new BookReader(at, instrument, Number.POSITIVE_INFINITY);
        const play = () => playFile(file, reader.engine, { stop, progress: bar.update, ...reader });
        const fault = await play().then(
          () => undefined,
          (error: Error) => error,
        );
        if (at !== undefined && reader.surplus) {
          reader = new BookReader(at, instrument, reader.judgedRecords);
          await play();
        }
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

/** Plays a file up to a time and keeps count of where the instrument's last complete event was. */
class BookReader {
  readonly engine = new Engine({ continuity: 'file' });
  readonly #at: bigint | undefined;
  readonly #mostRecords: number;
  #instrument: number | undefined;
  #records = 0;
  #market: Market | undefined;
  #mapper: RecordMapper | undefined;
  #tsNs: bigint | undefined;
  /** Records up to and with the last complete event. */
  judgedRecords = 0;
  /** Part of a further event was played: the book is not what it was at the last complete one. */
  surplus = false;

  constructor(at: bigint | undefined, instrument: number | undefined, mostRecords: number) {
    this.#at = at;
    this.#instrument = instrument;
    this.#mostRecords = mostRecords;
  }

  readonly admit = (decoder: DbnDecoder): boolean => {
    if (this.#records === this.#mostRecords) return false;
    return this.#at === undefined || !this.#concerns(decoder) || recvNs(decoder) <= this.#at;
  };

  readonly visit = (decoder: DbnDecoder, mapper: RecordMapper): boolean => {
    this.#records++;
    if (!this.#concerns(decoder) || mapper.market === undefined) return true;
    this.#mapper = mapper;
    this.#market = mapper.market;
    this.surplus = !mapper.judged;
    if (mapper.judged) {
      this.#tsNs = recvNs(decoder);
      this.judgedRecords = this.#records;
    }
    return true;
  };

  /** The book as it stands; undefined while no event of the instrument was complete. */
  json(): object | undefined {
    if (this.#mapper === undefined || this.#market === undefined || this.#tsNs === undefined) return undefined;
    return bookJson(this.#market, this.#mapper, this.#tsNs);
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
