import { dataSourceOf, type Instrument } from '../../../shared/instruments.ts';
import { SECOND_US } from '../../../shared/units.ts';
import { MBP_WORD, WORD } from '../../codec/dbn/layout.ts';
import { priceNano, tsNsRemainder, tsUs } from '../../codec/dbn/read-words.ts';
import type { Engine } from '../../core/engine.ts';
import type { Market } from '../../core/market.ts';
import type { Aggressor, Bar, BarSink, GapReason, MarketStage } from '../../core/ports.ts';
import type { MarketTable, RowPlace, Store } from '../../core/store-port.ts';
import { FrontContracts } from './front-contracts.ts';
import { BOOK_LEVELS, HEAD, LEVEL_COLUMNS } from './market-tables.ts';
import { lineOf } from './table-rows.ts';

const BUYER = 'B'.charCodeAt(0);
const SELLER = 'A'.charCodeAt(0);
const NEITHER = 'N'.charCodeAt(0);

/** Where rows of a market go, and how its numbers become units; made anew when its description changes. */
interface Route {
  readonly instrument: Instrument;
  readonly symbol: string;
  readonly book: MarketTable | undefined;
  readonly trades: MarketTable | undefined;
  /** A row for every change of the quote. */
  readonly ticks: MarketTable | undefined;
  readonly events: MarketTable | undefined;
  /** Lots in one unit of size. */
  readonly lotsAUnit: number;
  /** Whether a vendor between venue and here stamps what it receives. */
  readonly vendorTimes: boolean;
}

export interface MarketRecorderOptions {
  /** Whose depth records are kept one by one: of real venues, of the simulated market too, or of none. */
  readonly depthEvents: 'live' | 'all' | 'off';
}

/**
 * Hands market data to the store: closed bars, trades, quotes of spot, depth records, and once a second of engine time the
 * book and the features of every market in which something happened. Rows are written into the store's arrays, so that
 * nothing is allocated for an event. Keeps no state that the engine depends on, so its snapshots are empty.
 */
export class MarketRecorder implements MarketStage, BarSink {
  readonly name = 'market-recorder';
  readonly #store: Store;
  readonly #engine: Engine;
  readonly #options: MarketRecorderOptions;
  readonly #fronts = new FrontContracts();
  readonly #routes: Route[] = [];
  readonly #dueUs: number[] = [];

  constructor(store: Store, engine: Engine, options: MarketRecorderOptions) {
    this.#store = store;
    this.#engine = engine;
    this.#options = options;
  }

  onMarket(market: Market): void {
    this.#dueUs[market.index] = 0;
    this.#fronts.meet(market);
    this.#route(market);
  }

  onDepthRecord(market: Market, words: Int32Array, at: number): void {
    const { events } = this.#route(market);
    if (events === undefined) return;
    const { values, at: start } = this.#store.row(events);
    const packed = words[at + MBP_WORD.ACTION_SIDE_FLAGS_DEPTH]!;
    values[start + HEAD.MARKET] = market.index;
    values[start + HEAD.VENUE_US] = tsUs(words, at + WORD.TS_EVENT);
    values[start + HEAD.VENUE_NANO] = tsNsRemainder(words, at + WORD.TS_EVENT);
    values[start + HEAD.VENDOR_US] = tsUs(words, at + MBP_WORD.TS_RECV);
    values[start + HEAD.VENDOR_NANO] = tsNsRemainder(words, at + MBP_WORD.TS_RECV);
    values[start + HEAD.LOCAL_US] = this.#engine.nowUs;
    values[start + HEAD.SEQUENCE] = words[at + MBP_WORD.SEQUENCE]! >>> 0;
    const own = start + HEAD.END;
    values[own] = packed & 0xff;
    values[own + 1] = (packed >>> 8) & 0xff;
    values[own + 2] = packed >>> 24;
    values[own + 3] = priceNano(words, at + MBP_WORD.PRICE) / 1e9;
    values[own + 4] = words[at + MBP_WORD.SIZE]! >>> 0;
    values[own + 5] = (packed >>> 16) & 0xff;
    values[own + 6] = words[at + MBP_WORD.TS_IN_DELTA]!;
  }

  onTrade(market: Market, ticks: number, lots: number, aggressor: Aggressor): void {
    if (this.#fronts.trade(market, lots)) this.#routeAll();
    const route = this.#route(market);
    if (route.trades === undefined) return;
    const place = this.#store.row(route.trades);
    this.#head(place, market, route);
    const { values, at } = place;
    const own = at + HEAD.END;
    values[own] = market.price(ticks);
    values[own + 1] = lots / route.lotsAUnit;
    values[own + 2] = aggressor === 1 ? BUYER : aggressor === -1 ? SELLER : NEITHER;
  }

  onBook(market: Market): void {
    const route = this.#route(market);
    const { depth } = market;
    if (route.ticks !== undefined && ((depth.changedBids | depth.changedAsks) & 1) === 1) this.#tick(market, route);
    if (market.engineUs < this.#dueUs[market.index]!) return;
    this.#dueUs[market.index] = market.engineUs - (market.engineUs % SECOND_US) + SECOND_US;
    if (route.book !== undefined) this.#book(market, route, route.book);
    const place = this.#store.row('features');
    this.#head(place, market, route);
    place.values.set(market.features, place.at + HEAD.END);
  }

  onGap(market: Market, reason: GapReason): void {
    if (reason === 'roll' && this.#fronts.leave(market)) this.#routeAll();
  }

  onTradeDate(market: Market): void {
    this.#fronts.turn(market);
  }

  onBar(market: Market, bar: Bar, closed: boolean): void {
    if (!closed) return;
    this.#route(market);
    this.#store.bars([{ ...bar, market: market.index, tsRecvUs: market.tsRecvUs }]);
  }

  snapshot(): null {
    return null;
  }

  restore(): void {
    for (const index of this.#dueUs.keys()) this.#dueUs[index] = 0;
  }

  #tick(market: Market, route: Route): void {
    const place = this.#store.row(route.ticks!);
    this.#head(place, market, route);
    this.#quote(place.values, place.at + HEAD.END, market);
    place.values[place.at + HEAD.END + 4] = size(market.depth.bidSize[0]!, route);
    place.values[place.at + HEAD.END + 5] = size(market.depth.askSize[0]!, route);
  }

  #book(market: Market, route: Route, table: MarketTable): void {
    const place = this.#store.row(table);
    this.#head(place, market, route);
    const { values } = place;
    let own = place.at + HEAD.END;
    this.#quote(values, own, market);
    own += 4;
    const { depth } = market;
    for (let level = 0; level < BOOK_LEVELS; level++, own += LEVEL_COLUMNS.length) {
      values[own] = price(market, depth.bidPrice[level]!);
      values[own + 1] = price(market, depth.askPrice[level]!);
      values[own + 2] = size(depth.bidSize[level]!, route);
      values[own + 3] = size(depth.askSize[level]!, route);
      values[own + 4] = depth.bidOrders[level]!;
      values[own + 5] = depth.askOrders[level]!;
    }
  }

  /** Best bid and ask, mid and spread; those of a side that is missing are absent. */
  #quote(values: Float64Array, own: number, market: Market): void {
    const bid = price(market, market.depth.bidPrice[0]!);
    const ask = price(market, market.depth.askPrice[0]!);
    values[own] = bid;
    values[own + 1] = ask;
    // From ticks, so that neither has the noise of a difference of doubles.
    const { bidPrice, askPrice } = market.depth;
    values[own + 2] = price(market, (bidPrice[0]! + askPrice[0]!) / 2);
    values[own + 3] = price(market, askPrice[0]! - bidPrice[0]!);
  }

  #head({ values, at }: RowPlace, market: Market, { vendorTimes }: Route): void {
    values[at + HEAD.MARKET] = market.index;
    values[at + HEAD.VENUE_US] = market.venueUs;
    values[at + HEAD.VENUE_NANO] = said(market.venueNano);
    values[at + HEAD.VENDOR_US] = vendorTimes ? market.tsRecvUs : Number.NaN;
    values[at + HEAD.VENDOR_NANO] = vendorTimes ? said(market.tsRecvNano) : Number.NaN;
    values[at + HEAD.LOCAL_US] = market.engineUs;
    values[at + HEAD.SEQUENCE] = market.sequence;
  }

  #route(market: Market): Route {
    const known = this.#routes[market.index];
    return known?.instrument === market.instrument ? known : this.#describe(market);
  }

  /** Another contract of a product is its front now. */
  #routeAll(): void {
    for (const market of this.#engine.markets) this.#describe(market);
  }

  #describe(market: Market): Route {
    const { instrument } = market;
    const symbol = this.#fronts.isBehind(market) ? instrument.rawSymbol : lineOf(instrument);
    const known = this.#routes[market.index];
    if (known?.instrument === instrument && known.symbol === symbol) return known;
    const route = routeOf(instrument, symbol, this.#options);
    this.#routes[market.index] = route;
    this.#store.instrument(market.index, instrument, symbol);
    return route;
  }
}

function routeOf(instrument: Instrument, symbol: string, { depthEvents }: MarketRecorderOptions): Route {
  const source = dataSourceOf(instrument);
  const { venue } = instrument;
  const coin = venue === 'KRAKEN' || venue === 'BINANCE' || venue === 'COINBASE';
  const keepsEvents = depthEvents === 'all' || (depthEvents === 'live' && source !== 'simulated');
  return {
    instrument,
    symbol,
    book: venue === 'GLBX' ? 'cme_mbp10_book' : coin ? 'crypto_book' : undefined,
    trades: venue === 'GLBX' ? 'cme_trades' : coin ? 'crypto_trades' : undefined,
    ticks: venue === 'IG' ? 'ig_spot_ticks' : undefined,
    events: venue === 'GLBX' && keepsEvents ? 'cme_mbp10_events' : undefined,
    lotsAUnit: 10 ** instrument.lotDecimals,
    vendorTimes: source === 'databento' || source === 'simulated',
  };
}

/** A price in decimal units; absent where the level is missing. */
function price(market: Market, ticks: number): number {
  return Number.isFinite(ticks) ? market.price(ticks) : Number.NaN;
}

/** Nanoseconds, none where nobody said them. */
function said(nanos: number): number {
  return nanos > 0 ? nanos : 0;
}

function size(lots: number, { lotsAUnit }: Route): number {
  return lots / lotsAUnit;
}
