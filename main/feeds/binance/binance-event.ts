import { type JsonCursor, JsonTextError } from '../../codec/json/json-cursor.ts';

const ascii = (text: string) => new TextEncoder().encode(text);

const DATA = ascii('data');
const STREAM = ascii('stream');
const RESULT = ascii('result');
const ERROR = ascii('error');

/** Kinds of message by the venue's own names. */
const KINDS = ['depthUpdate', 'trade', 'aggTrade', 'bookTicker', 'serverShutdown'] as const;
export type BinanceKind = (typeof KINDS)[number] | 'control' | 'other';
const KIND_NAMES = KINDS.map((kind) => [kind, ascii(kind)] as const);

const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;
const QUOTE = 0x22;
/** Milliseconds stay below it for three thousand years, microseconds have been above it since 1973. */
const LEAST_MICROSECONDS = 1e14;

/** Takes the lists of levels out of a diff. */
export interface LevelReader {
  /** The cursor stands before a list `[["price","size"], …]` and must be left behind it. */
  readLevels(bids: boolean): void;
}

/**
 * One message of a Binance stream, raw or in the wrapper of combined streams: its short fields, and where its levels and
 * decimals lie. Nothing is allocated.
 */
export class BinanceEvent {
  kind: BinanceKind = 'other';
  /** Where the symbol stands in the bytes; −1 when there is none. */
  symbolStart = -1;
  symbolEnd = -1;
  /** First and last update id of a diff; `u` is the update id of a bookTicker. */
  firstId = Number.NaN;
  lastId = Number.NaN;
  /** Trade id, or aggregate trade id. */
  tradeId = Number.NaN;
  eventUs = Number.NaN;
  tradeUs = Number.NaN;
  buyerIsMaker = false;
  /** Where values begin; −1 when there is none. */
  bidsAt = -1;
  asksAt = -1;
  bidSizeAt = -1;
  askSizeAt = -1;
  priceAt = -1;
  sizeAt = -1;
  #named = false;
  #listsWait = false;

  /**
   * Reads a message. Level lists are handed to the reader as soon as symbol and update ids are known; so they are read in
   * one pass where the fields come in the documented order, and afterwards where they do not.
   * @throws JsonTextError, and what the reader throws
   */
  read(cursor: JsonCursor, bytes: Uint8Array, reader: LevelReader): void {
    this.#reset();
    cursor.open(bytes);
    this.#object(cursor, reader);
    if (this.#listsWait) {
      if (!this.#headed) throw new JsonTextError('symbol and update ids beside the levels', 0);
      for (const at of [this.bidsAt, this.asksAt]) {
        if (at < 0) continue;
        cursor.at = at;
        reader.readLevels(at === this.bidsAt);
      }
    }
    if (!this.#named && this.bidsAt >= 0 && !Number.isNaN(this.lastId)) this.kind = 'bookTicker';
  }

  #object(cursor: JsonCursor, reader: LevelReader): void {
    cursor.enterObject();
    while (cursor.nextKey()) {
      const length = cursor.textEnd - cursor.textStart;
      if (length === 1) this.#field(cursor, cursor.bytes[cursor.textStart]!, reader);
      else if (length === 4 && cursor.is(DATA)) this.#data(cursor, reader);
      else if (cursor.is(STREAM)) cursor.skip();
      else this.#otherKey(cursor);
    }
  }

  #data(cursor: JsonCursor, reader: LevelReader): void {
    if (cursor.peek === OPEN_OBJECT) this.#object(cursor, reader);
    else cursor.skip();
  }

  get #headed(): boolean {
    return this.symbolStart >= 0 && !Number.isNaN(this.firstId) && !Number.isNaN(this.lastId);
  }

  #otherKey(cursor: JsonCursor): void {
    if (cursor.is(RESULT) || cursor.is(ERROR)) this.kind = 'control';
    cursor.skip();
  }

  #field(cursor: JsonCursor, key: number, reader: LevelReader): void {
    switch (key) {
      case 0x65: // e
        cursor.string();
        this.#kindOf(cursor);
        return;
      case 0x45: // E
        cursor.decimal();
        this.eventUs = cursor.digits < LEAST_MICROSECONDS ? cursor.digits * 1000 : cursor.digits;
        return;
      case 0x54: // T
        cursor.decimal();
        this.tradeUs = cursor.digits < LEAST_MICROSECONDS ? cursor.digits * 1000 : cursor.digits;
        return;
      case 0x73: // s
        cursor.string();
        this.symbolStart = cursor.textStart;
        this.symbolEnd = cursor.textEnd;
        return;
      case 0x55: // U
        takeInteger(cursor);
        this.firstId = cursor.digits;
        return;
      case 0x75: // u
        takeInteger(cursor);
        this.lastId = cursor.digits;
        return;
      case 0x74: // t
        takeInteger(cursor);
        this.tradeId = cursor.digits;
        return;
      case 0x6d: // m
        this.buyerIsMaker = cursor.boolean();
        return;
      case 0x70: // p
        this.priceAt = cursor.at;
        break;
      case 0x71: // q
        this.sizeAt = cursor.at;
        break;
      case 0x62: // b
        this.bidsAt = cursor.at;
        break;
      case 0x61: // a: asks, best ask, or aggregate trade id
        if (cursor.peek !== OPEN_LIST && cursor.peek !== QUOTE) {
          takeInteger(cursor);
          this.tradeId = cursor.digits;
          return;
        }
        this.asksAt = cursor.at;
        break;
      case 0x42: // B
        this.bidSizeAt = cursor.at;
        break;
      case 0x41: // A
        this.askSizeAt = cursor.at;
        break;
      default:
        break;
    }
    if (cursor.peek === OPEN_LIST && this.#headed && (key === 0x62 || key === 0x61)) {
      reader.readLevels(key === 0x62);
      return;
    }
    if (cursor.peek === OPEN_LIST) this.#listsWait = true;
    cursor.skip();
  }

  #kindOf(cursor: JsonCursor): void {
    this.#named = true;
    for (const [kind, name] of KIND_NAMES) {
      if (!cursor.is(name)) continue;
      this.kind = kind;
      return;
    }
  }

  #reset(): void {
    this.kind = 'other';
    this.#named = false;
    this.#listsWait = false;
    this.symbolStart = -1;
    this.symbolEnd = -1;
    this.firstId = Number.NaN;
    this.lastId = Number.NaN;
    this.tradeId = Number.NaN;
    this.eventUs = Number.NaN;
    this.tradeUs = Number.NaN;
    this.buyerIsMaker = false;
    this.bidsAt = -1;
    this.asksAt = -1;
    this.bidSizeAt = -1;
    this.askSizeAt = -1;
    this.priceAt = -1;
    this.sizeAt = -1;
  }
}

/** Takes an integer into the cursor's digits: a result would be boxed on the heap. */
function takeInteger(cursor: JsonCursor): void {
  cursor.decimal();
  if (cursor.decimals !== 0) throw new JsonTextError('an integer', cursor.textStart);
}
