import { JsonCursor, JsonTextError } from '../../codec/json/json-cursor.ts';
import type { Engine } from '../../core/engine.ts';
import {
  type FeedFrame,
  FrameError,
  type FrameMapper,
  type MapperTally,
  type Resync,
  type TextBook,
} from '../../core/feed-port.ts';
import { LevelChannel } from './level-channel.ts';
import { NoticeReader } from './notice-reader.ts';
import { OrderChannel } from './order-channel.ts';
import { type Connection, SymbolDirectory, type SymbolDirectorySnapshot } from './symbol-directory.ts';
import { TradeChannel } from './trade-channel.ts';
import { WORD } from './wire-words.ts';

/** Channels that are read; of any other the data is passed over. */
const CHANNELS = ['book', 'trade', 'level3', 'instrument', 'status', 'heartbeat'] as const;
type Channel = (typeof CHANNELS)[number] | 'other';
const CHANNEL_WORDS = CHANNELS.map((name) => ({ name, word: Buffer.from(name) }));

/**
 * Kraken's WebSocket v2 messages in, engine calls out. Every book message is held to the venue's checksum; one that fails it
 * marks a gap, asks for a new snapshot, and the symbol's updates are passed over until that has come. Depths come from the
 * acknowledgements, forms of numbers from the `instrument` channel or else from the first snapshot, so that a capture needs
 * nothing beside it.
 */
export class KrakenMapper implements FrameMapper {
  readonly #cursor = new JsonCursor();
  readonly #symbols: SymbolDirectory;
  readonly #books: LevelChannel;
  readonly #orders: OrderChannel;
  readonly #trades: TradeChannel;
  readonly #notices: NoticeReader;
  readonly #counts = new Map<string, number>();
  #channel: Channel = 'other';

  constructor(engine: Engine, resync: Resync) {
    this.#symbols = new SymbolDirectory(engine, resync);
    this.#books = new LevelChannel(engine, this.#cursor, this.#symbols);
    this.#orders = new OrderChannel(engine, this.#cursor, this.#symbols);
    this.#trades = new TradeChannel(engine, this.#cursor, this.#symbols);
    this.#notices = new NoticeReader(this.#cursor, this.#symbols);
  }

  /**
   * Plays a frame into the engine. Connections are named `public` and `level3`; a loss is named after its connection
   * (`public: …`), any other name is a loss on the way that may concern every book.
   * @throws FrameError, OffTickError when the message is refused; its books are gapped and asked for, and the next one may come
   */
  apply(frame: FeedFrame): void {
    switch (frame.kind) {
      case 'opened':
        this.#opened(frame);
        return;
      case 'lost': {
        const connection = connectionOf(frame.name);
        this.#symbols.loseAll(connection, frame.name, connection === undefined);
        return;
      }
      case 'message':
        this.#message(frame);
        return;
      case 'answer':
        return;
    }
  }

  /**
   * The book as it last was by the venue's checksums: after a loss still the one from before, until its snapshot comes. A book
   * that failed its checksum is none.
   */
  bookText(symbol: string, levels: number): TextBook | undefined {
    const known = this.#symbols.symbols.get(symbol);
    return known?.orders?.text(levels) ?? known?.levels?.text(levels);
  }

  get tally(): MapperTally {
    const { gaps, checksumFailures, symbols } = this.#symbols;
    return { gaps, checksumFailures, recordCounts: Object.fromEntries(this.#counts), symbols };
  }

  snapshot(): KrakenMapperSnapshot {
    return { symbols: this.#symbols.snapshot(), counts: [...this.#counts] };
  }

  /** Continues from a snapshot, with an engine that was restored to the same moment. */
  restore(snapshot: KrakenMapperSnapshot): void {
    this.#symbols.restore(snapshot.symbols);
    this.#counts.clear();
    for (const [name, count] of snapshot.counts) this.#counts.set(name, count);
  }

  /** A connection begins; its frame says what depth the feed asks for. */
  #opened(frame: FeedFrame): void {
    const connection = connectionOf(frame.name);
    this.#symbols.loseAll(connection, 'a new connection begins', false);
    if (connection !== undefined && frame.bytes.length > 0) {
      this.#cursor.open(frame.bytes);
      this.#symbols.depths[connection] = depthOf(this.#cursor);
    }
  }

  #message(frame: FeedFrame): void {
    this.#symbols.current = undefined;
    this.#channel = 'other';
    try {
      this.#envelope(frame);
    } catch (error) {
      this.#refuse(frame, error as Error);
    }
  }

  /** Reads the outer object, whose keys may come in any order; data that comes before its channel is read at the end. */
  #envelope(frame: FeedFrame): void {
    const cursor = this.#cursor;
    cursor.open(frame.bytes);
    let named = false;
    let typed = false;
    let snapshot = false;
    let dataAt = -1;
    let method = '';
    let accepted = false;
    let resultAt = -1;
    cursor.enterObject();
    while (cursor.nextKey()) {
      if (cursor.is(WORD.channel)) {
        cursor.string();
        this.#channel = channelOf(cursor);
        named = true;
      } else if (cursor.is(WORD.type)) {
        cursor.string();
        snapshot = cursor.is(WORD.snapshot);
        typed = true;
      } else if (cursor.is(WORD.data)) {
        if (named && typed) this.#data(snapshot, frame.localUs);
        else {
          dataAt = cursor.at;
          cursor.skip();
        }
      } else if (cursor.is(WORD.method)) {
        cursor.string();
        method = cursor.text();
      } else if (cursor.is(WORD.success)) accepted = cursor.boolean();
      else if (cursor.is(WORD.result)) {
        resultAt = cursor.at;
        cursor.skip();
      } else cursor.skip();
    }
    if (cursor.at < frame.bytes.length) throw new JsonTextError('the end of the message', cursor.at);
    if (dataAt >= 0) {
      cursor.at = dataAt;
      this.#data(snapshot, frame.localUs);
    }
    if (accepted && method === 'subscribe' && resultAt >= 0) this.#notices.acknowledgement(resultAt);
    this.#count(method === '' ? this.#channel : method);
  }

  #data(snapshot: boolean, localUs: number): void {
    const cursor = this.#cursor;
    switch (this.#channel) {
      case 'book':
        cursor.enterList();
        while (this.#nextItem()) this.#books.apply(snapshot, localUs);
        return;
      case 'level3':
        cursor.enterList();
        while (this.#nextItem()) this.#orders.apply(snapshot, localUs);
        return;
      case 'trade':
        cursor.enterList();
        while (this.#nextItem()) this.#trades.apply(snapshot, localUs);
        return;
      case 'instrument':
        this.#notices.instruments();
        return;
      case 'status':
        this.#notices.status();
        return;
      default:
        cursor.skip();
    }
  }

  #nextItem(): boolean {
    this.#symbols.current = undefined;
    return this.#cursor.nextItem();
  }

  #count(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** The message can't be understood: the book that it concerns is void, or, if that can't be told, all of its connection. */
  #refuse(frame: FeedFrame, error: Error): never {
    const words = error instanceof JsonTextError ? error.message : 'a message was refused';
    this.#count('refused');
    if (this.#symbols.current !== undefined) this.#symbols.discard(this.#symbols.current, words);
    else this.#symbols.loseAll(connectionOf(frame.name), words, true);
    if (error instanceof JsonTextError) throw new FrameError(`Kraken ${frame.name}`, error.message);
    throw error;
  }
}

function channelOf(cursor: JsonCursor): Channel {
  for (const { name, word } of CHANNEL_WORDS) if (cursor.is(word)) return name;
  return 'other';
}

/** The depth that an object names; 0 when it names none. */
function depthOf(cursor: JsonCursor): number {
  let depth = 0;
  cursor.enterObject();
  while (cursor.nextKey()) {
    if (cursor.is(WORD.depth)) {
      cursor.decimal();
      depth = cursor.digits;
    } else cursor.skip();
  }
  return depth;
}

function connectionOf(name: string): Connection | undefined {
  if (name.startsWith('public')) return 'public';
  return name.startsWith('level3') ? 'level3' : undefined;
}

export interface KrakenMapperSnapshot {
  readonly symbols: SymbolDirectorySnapshot;
  readonly counts: readonly (readonly [string, number])[];
}
