import type { Instrument } from '../../../shared/instruments.ts';
import { MS_US } from '../../../shared/units.ts';
import { JsonCursor, JsonTextError } from '../../codec/json/json-cursor.ts';
import type { Engine } from '../../core/engine.ts';
import { type FeedFrame, FrameError, type FrameMapper, type MapperTally, type TextBook } from '../../core/feed-port.ts';
import type { Market, VenueStatus } from '../../core/market.ts';
import { OffTickError } from '../../core/ports.ts';
import { marketDetails } from './ig-answers.ts';
import { igMarketOf, type MarketStatus, pairOf } from './ig-markets.ts';
import { IgQuote, type IgQuoteSnapshot, type QuoteSide } from './ig-quote.ts';
import { LEFT_OUT, MARKET_ANSWER, meaningOfFlag } from './price-update.ts';

/** Decimals of nano price units. */
const NANO_DECIMALS = 9;
const NULL = 0x6e;
const QUOTE = 0x22;
/** Characters that an epic may have. */
const MOST_EPIC = 30;
const decoder = new TextDecoder();

const STATUS: Readonly<Record<MarketStatus, VenueStatus>> = {
  TRADEABLE: 'trading',
  CLOSED: 'close',
  OFFLINE: 'close',
  EDITS_ONLY: 'halt',
  ON_AUCTION: 'halt',
  ON_AUCTION_NO_EDITS: 'halt',
  SUSPENDED: 'halt',
};

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const KEY = {
  epic: ascii('epic'),
  values: ascii('values'),
  bidPrice: ascii('BIDPRICE1'),
  askPrice: ascii('ASKPRICE1'),
  bidSize: ascii('BIDSIZE1'),
  askSize: ascii('ASKSIZE1'),
  timestamp: ascii('TIMESTAMP'),
  flag: ascii('DLG_FLAG'),
};

/**
 * IG's frames in, engine calls out. Details of a market (an answer) make its instrument; each update is a whole quote of
 * one level a side, whose sizes are IG's own making: instruments are marked `indicative`, so that no order flow is read
 * from them. A price without a size counts as one lot.
 */
export class IgMapper implements FrameMapper {
  readonly #engine: Engine;
  readonly #cursor = new JsonCursor();
  readonly #quotes: IgQuote[] = [];
  readonly #bySymbol = new Map<string, IgQuote>();
  readonly #recordCounts = { market: 0, quote: 0 };
  #gaps = 0;
  /** Venue time of the update at hand, µs, and whose it is, once that is known. */
  #eventUs = 0;
  #concerned: string | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get tally(): MapperTally {
    return {
      gaps: this.#gaps,
      checksumFailures: 0,
      recordCounts: { ...this.#recordCounts },
      symbols: this.#bySymbol,
    };
  }

  apply(frame: FeedFrame): void {
    switch (frame.kind) {
      case 'message':
        this.#update(frame);
        return;
      case 'answer':
        if (frame.name.startsWith(MARKET_ANSWER)) this.#describe(frame);
        return;
      case 'lost':
        this.#lose(frame.name.startsWith(LEFT_OUT) ? frame.name.slice(LEFT_OUT.length) : undefined);
        return;
      default:
        // A new connection tells every quote as a whole.
        return;
    }
  }

  /** @param symbol a pair (`EURUSD`, `EUR/USD`) or an epic */
  bookText(symbol: string, levels: number): TextBook | undefined {
    return levels < 1 ? undefined : this.#quoteOf(symbol)?.text;
  }

  symbolOf(asked: string): string | undefined {
    return this.#quoteOf(asked)?.market.instrument.rawSymbol;
  }

  /** All that is known; restored into an engine of its own it makes its markets anew. */
  snapshot(): IgMapperSnapshot {
    return {
      quotes: this.#quotes.map((quote) => quote.snapshot()),
      gaps: this.#gaps,
      recordCounts: { ...this.#recordCounts },
    };
  }

  restore(snapshot: unknown): void {
    const { quotes, gaps, recordCounts } = snapshot as IgMapperSnapshot;
    this.#quotes.length = 0;
    this.#bySymbol.clear();
    for (const saved of quotes) {
      this.#keep(new IgQuote(this.#marketOf(saved.instrument), saved.epic)).restore(saved);
    }
    this.#gaps = gaps;
    Object.assign(this.#recordCounts, recordCounts);
  }

  #quoteOf(symbol: string): IgQuote | undefined {
    const pair = pairOf(symbol);
    const known = this.#bySymbol.get(symbol);
    return known ?? this.#quotes.find(({ epic, market }) => epic === symbol || market.instrument.root === pair);
  }

  #marketOf(instrument: Instrument): Market {
    const market = this.#engine.addMarket(instrument);
    market.depthSchema = 'mbp-1';
    return market;
  }

  #keep(quote: IgQuote): IgQuote {
    this.#quotes.push(quote);
    this.#bySymbol.set(quote.market.instrument.rawSymbol, quote);
    return quote;
  }

  #describe({ name, bytes, localUs }: FeedFrame): void {
    this.#recordCounts.market++;
    const read = marketDetails.safeParse(jsonOf(bytes));
    if (!read.success) throw new FrameError(`IG ${name}`, 'details of a market were expected');
    const { epic, instrument, status } = igMarketOf(read.data);
    const market = this.#marketOf(instrument);
    const quote = this.#quotes.find((known) => known.epic === epic) ?? this.#keep(new IgQuote(market, epic));
    // Whatever flag comes next is news against these details.
    quote.flag.clear();
    if (market.venueStatus !== STATUS[status]) this.#engine.status(market, STATUS[status], localUs);
  }

  #update({ name, bytes, localUs }: FeedFrame): void {
    this.#recordCounts.quote++;
    let quote: IgQuote;
    this.#concerned = undefined;
    try {
      quote = this.#read(bytes, localUs);
    } catch (error) {
      this.#lose(this.#concerned);
      throw error instanceof JsonTextError ? new FrameError(`IG ${name}`, error.message) : error;
    }
    const { market, bid, ask } = quote;
    if (Number.isNaN(bid.ticks)) market.depth.clearBid(0);
    else market.depth.setBid(0, bid.ticks, bid.lots, 1);
    if (Number.isNaN(ask.ticks)) market.depth.clearAsk(0);
    else market.depth.setAsk(0, ask.ticks, ask.lots, 1);
    quote.updates++;
    quote.void = false;
    quote.whole = true;
    this.#engine.endEvent(market, this.#eventUs, localUs, true);
  }

  /** Reads an update into its market's quote. */
  #read(bytes: Uint8Array, localUs: number): IgQuote {
    const cursor = this.#cursor;
    let quote: IgQuote | undefined;
    this.#eventUs = localUs;
    cursor.open(bytes);
    cursor.enterObject();
    while (cursor.nextKey()) {
      if (cursor.is(KEY.epic)) {
        cursor.string();
        quote = this.#quoteAtCursor();
      } else if (cursor.is(KEY.values)) {
        if (quote === undefined) throw new FrameError('IG prices', 'values come before their epic');
        this.#readValues(quote, localUs);
      } else cursor.skip();
    }
    if (quote === undefined) throw new FrameError('IG prices', 'an update without its epic');
    return quote;
  }

  #quoteAtCursor(): IgQuote {
    const cursor = this.#cursor;
    for (const quote of this.#quotes) {
      if (!cursor.is(quote.epicBytes)) continue;
      this.#concerned = quote.epic;
      return quote;
    }
    const { bytes, textStart, textEnd } = cursor;
    this.#concerned = decoder.decode(bytes.subarray(textStart, Math.min(textEnd, textStart + MOST_EPIC)));
    throw new FrameError(`IG prices of ${this.#concerned}`, 'its market details have not come');
  }

  #readValues(quote: IgQuote, localUs: number): void {
    const cursor = this.#cursor;
    quote.whole = false;
    quote.bid.clear();
    quote.ask.clear();
    cursor.enterObject();
    while (cursor.nextKey()) {
      if (cursor.is(KEY.bidPrice)) this.#price(quote, quote.bid);
      else if (cursor.is(KEY.askPrice)) this.#price(quote, quote.ask);
      else if (cursor.is(KEY.bidSize)) this.#size(quote.bid);
      else if (cursor.is(KEY.askSize)) this.#size(quote.ask);
      else if (cursor.is(KEY.timestamp)) this.#time();
      else if (cursor.is(KEY.flag)) this.#flag(quote, localUs);
      else cursor.skip();
    }
  }

  #price({ market, epic }: IgQuote, side: QuoteSide): void {
    const cursor = this.#cursor;
    if (this.#skipsNone()) return;
    cursor.fixed(NANO_DECIMALS);
    const { tickNano } = market.instrument;
    if (cursor.finer || cursor.units % tickNano !== 0) {
      throw new OffTickError(epic, cursor.units, tickNano, 'IG');
    }
    // A price of zero is how some markets say that there is none.
    if (cursor.units === 0) return;
    side.ticks = cursor.units / tickNano;
    side.price.keep(cursor);
    if (side.lots === 0) side.lots = 1;
  }

  #size(side: QuoteSide): void {
    const cursor = this.#cursor;
    if (this.#skipsNone()) return;
    cursor.fixed(0);
    side.lots = Math.max(1, cursor.units);
    side.size.keep(cursor);
  }

  #time(): void {
    const cursor = this.#cursor;
    if (this.#skipsNone()) return;
    cursor.fixed(0);
    this.#eventUs = cursor.units * MS_US;
  }

  #flag(quote: IgQuote, localUs: number): void {
    const cursor = this.#cursor;
    if (this.#skipsNone()) return;
    cursor.string();
    if (quote.flag.equals(cursor) && quote.market.venueStatus !== 'unknown') return;
    quote.flag.keep(cursor);
    const meaning = meaningOfFlag(quote.flag.text);
    const { market } = quote;
    if (meaning !== undefined && market.venueStatus !== meaning) this.#engine.status(market, meaning, localUs);
  }

  /** Passes over a value that is none: null, or empty text. */
  #skipsNone(): boolean {
    const cursor = this.#cursor;
    const { bytes, at } = cursor;
    const none = cursor.peek === NULL || (bytes[at] === QUOTE && bytes[at + 1] === QUOTE);
    if (none) cursor.skip();
    return none;
  }

  /** @param epic of one market, or undefined: all of them */
  #lose(epic: string | undefined): void {
    for (const quote of this.#quotes) {
      if ((epic !== undefined && quote.epic !== epic) || quote.void) continue;
      quote.void = true;
      this.#gaps++;
      this.#engine.gap(quote.market, 'feed-gap');
    }
  }
}

export interface IgMapperSnapshot {
  readonly quotes: readonly IgQuoteSnapshot[];
  readonly gaps: number;
  readonly recordCounts: { readonly market: number; readonly quote: number };
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}
