import type { Currency } from './money.ts';
import { NANO } from './units.ts';

/** Where an instrument trades or is quoted. */
export type Venue = 'GLBX' | 'IG' | 'KRAKEN' | 'BINANCE' | 'COINBASE' | 'OTHER';

/** Which trading calendar an instrument follows. */
export type CalendarId = 'cme-globex-fx' | 'fx-spot' | 'crypto';

/** A product is what is traded, whatever the expiry: root 6E, spot EUR/USD. */
export interface Product {
  readonly root: string;
  readonly venue: Venue;
  readonly name: string;
  /** Smallest price increment in nano price units. */
  readonly tickNano: number;
  /** Base units that one lot moves: 125,000 EUR for 6E, so price × multiplier is money in the quote currency. */
  readonly multiplier: number;
  readonly quoteCurrency: Currency;
  /** One pip in nano price units; for futures the pip of the spot pair's convention where that is meaningful. */
  readonly pipNano: number;
  readonly calendar: CalendarId;
}

/** One expiry of a product: raw symbol 6EZ6 with the venue's numeric id, which is unique for a day only. */
export interface Contract {
  readonly root: string;
  readonly rawSymbol: string;
  readonly venueId: number;
}

/** How the tick of an instrument was found: design rule "definition, else table by root, else raw". */
export type TickSource = 'definition' | 'product-table' | 'raw';

/** A tradable or observable line: what the engine keeps a book for. */
export interface Instrument {
  /** Name shown to the trader and used in settings: `6E`, `EUR/USD`, or the raw symbol of an unknown contract. */
  readonly label: string;
  /** Venue symbol: `6EZ6`, `EURUSD`. */
  readonly rawSymbol: string;
  readonly venue: Venue;
  /** Databento publisher and instrument id, or the feed's own numbers. */
  readonly publisherId: number;
  readonly venueId: number;
  readonly root: string | undefined;
  readonly tickNano: number;
  readonly tickSource: TickSource;
  /** Base units that one lot moves: price × multiplier × lots is money in the quote currency. */
  readonly multiplier: number;
  /** Digits after the point that sizes of the venue have: shown size = lots / 10^lotDecimals. 0 where lots are contracts. */
  readonly lotDecimals: number;
  /** ISO 4217, or the venue's own name of a coin. */
  readonly quoteCurrency: string;
  readonly pipNano: number;
  readonly calendar: CalendarId;
  /** Book changes that the venue folds into one message, ms; 0 = event by event. Flow between two images is not seen. */
  readonly conflationMs: number;
  /** Time for which the venue gathers trades before it tells them together, ms; 0 = one by one. */
  readonly tradeBatchMs: number;
  /** Quotes are a dealer's own, with sizes of its making: there is no order flow to be read from them. */
  readonly indicative: boolean;
}

/**
 * Built-in products. Ticks, multipliers: CME Group contract specifications of Euro FX (6E, 125,000 EUR, 0.00005),
 * British Pound (6B, 62,500 GBP, 0.0001), Japanese Yen (6J, 12,500,000 JPY, 0.0000005), E-mini S&P 500 (ES, USD 50 × index,
 * 0.25), E-mini Nasdaq-100 (NQ, USD 20 × index, 0.25). Spot: one standard dealing contract of 100,000 base units, quoted to
 * a tenth of a pip.
 */
export const PRODUCTS: readonly Product[] = [
  future('6E', 'Euro FX', 50_000, 125_000, 100_000),
  future('6B', 'British Pound', 100_000, 62_500, 100_000),
  future('6J', 'Japanese Yen', 500, 12_500_000, 1_000),
  future('ES', 'E-mini S&P 500', 250_000_000, 50, 250_000_000),
  future('NQ', 'E-mini Nasdaq-100', 250_000_000, 20, 250_000_000),
  spot('EUR/USD', 'EURUSD', 10_000, 100_000, 'USD'),
  spot('GBP/USD', 'GBPUSD', 10_000, 100_000, 'USD'),
  spot('USD/JPY', 'USDJPY', 1_000_000, 10_000_000, 'JPY'),
];

function future(root: string, name: string, tickNano: number, multiplier: number, pipNano: number): Product {
  return { root, venue: 'GLBX', name, tickNano, multiplier, quoteCurrency: 'USD', pipNano, calendar: 'cme-globex-fx' };
}

function spot(name: string, root: string, tickNano: number, pipNano: number, quoteCurrency: Currency): Product {
  return { root, venue: 'IG', name, tickNano, multiplier: 100_000, quoteCurrency, pipNano, calendar: 'fx-spot' };
}

/** CME outright futures symbols are root, month code, one or two year digits; a spread (`6EZ6-6EH7`) is none. */
const OUTRIGHT = /^([A-Z0-9]{2,3})[FGHJKMNQUVXZ]\d{1,2}$/;

/**
 * Product of a raw symbol: an outright future of a known root (`6EZ6`) or a known spot pair (`EURUSD`); undefined for
 * spreads, options and unknown roots, whose tick must come from a definition record.
 */
export function productOfSymbol(rawSymbol: string): Product | undefined {
  const root = OUTRIGHT.exec(rawSymbol)?.[1] ?? rawSymbol;
  return PRODUCTS.find((product) => product.root === root && (product.venue !== 'GLBX' || root !== rawSymbol));
}

/** Describes an instrument from its symbol and, when a definition record was seen, from that record's tick. */
export function instrumentOf(
  rawSymbol: string,
  publisherId: number,
  venueId: number,
  definitionTickNano: number | undefined,
): Instrument {
  const product = productOfSymbol(rawSymbol);
  const defined = definitionTickNano !== undefined && definitionTickNano > 0;
  const tickNano = defined ? definitionTickNano : (product?.tickNano ?? 1);
  return {
    label: product === undefined ? rawSymbol : product.venue === 'IG' ? product.name : product.root,
    rawSymbol,
    venue: product?.venue ?? (publisherId === 1 ? 'GLBX' : 'OTHER'),
    publisherId,
    venueId,
    root: product?.root,
    tickNano,
    tickSource: defined ? 'definition' : product ? 'product-table' : 'raw',
    multiplier: product?.multiplier ?? 1,
    lotDecimals: 0,
    quoteCurrency: product?.quoteCurrency ?? 'USD',
    pipNano: product?.pipNano ?? tickNano,
    calendar: product?.calendar ?? 'cme-globex-fx',
    indicative: false,
    conflationMs: 0,
    tradeBatchMs: 0,
  };
}

/** Price in decimal units of a count of ticks: the nearest double to the exact decimal. */
export function priceOfTicks(ticks: number, tickNano: number): number {
  return (ticks * tickNano) / NANO;
}

/**
 * Publisher numbers of venues that are not Databento's, beyond the range that it uses; a venue's instruments are numbered
 * by a checksum of their symbol, so that the number is the same in every run.
 */
export const PUBLISHER = { IG: 65_010, KRAKEN: 65_011, BINANCE: 65_012, COINBASE: 65_013 } as const;

const SIMULATED_SPOT_PUBLISHER = 65_002;
/** Publisher numbers of the simulated market: its future and its spot. */
const SIMULATED_PUBLISHERS: readonly number[] = [65_001, SIMULATED_SPOT_PUBLISHER];

/** Whether quotes of an instrument are told but never its trades: all that its bars can count is how often it was quoted anew. */
export function quotesOnly({ indicative, publisherId }: Instrument): boolean {
  return indicative || publisherId === SIMULATED_SPOT_PUBLISHER;
}

/** Where the data of an instrument comes from, as captures, store and bars name it. */
export type DataSource = 'simulated' | 'databento' | 'ig' | 'kraken' | 'binance' | 'coinbase';

/** Source of an instrument's data by its publisher: what is not a venue of ours is one of Databento's. */
export function dataSourceOf({ publisherId }: Instrument): DataSource {
  if (SIMULATED_PUBLISHERS.includes(publisherId)) return 'simulated';
  switch (publisherId) {
    case PUBLISHER.IG:
      return 'ig';
    case PUBLISHER.KRAKEN:
      return 'kraken';
    case PUBLISHER.BINANCE:
      return 'binance';
    case PUBLISHER.COINBASE:
      return 'coinbase';
    default:
      return 'databento';
  }
}

/** What a venue says of a coin pair. */
export interface CoinPair {
  readonly venue: 'KRAKEN' | 'BINANCE' | 'COINBASE';
  /** As the venue writes it: `BTC/USD`, `BTCUSDT`, `BTC-USD`. */
  readonly symbol: string;
  /** Checksum of the symbol, 32 bits. */
  readonly venueId: number;
  readonly quoteCurrency: string;
  /** Undefined while the venue has not said it: prices then are in raw 1e-9 units. */
  readonly tickNano: number | undefined;
  readonly lotDecimals: number;
  /** See `Instrument`. Default 0. */
  readonly conflationMs?: number;
  readonly tradeBatchMs?: number;
}

/** Describes a coin pair; a lot is the venue's smallest quantity, a pip is its tick. */
export function coinInstrument(pair: CoinPair): Instrument {
  const tickNano = pair.tickNano ?? 1;
  return {
    label: pair.symbol,
    rawSymbol: pair.symbol,
    venue: pair.venue,
    publisherId: PUBLISHER[pair.venue],
    venueId: pair.venueId,
    root: undefined,
    tickNano,
    tickSource: pair.tickNano === undefined ? 'raw' : 'definition',
    multiplier: 10 ** -pair.lotDecimals,
    lotDecimals: pair.lotDecimals,
    quoteCurrency: pair.quoteCurrency,
    pipNano: tickNano,
    calendar: 'crypto',
    indicative: false,
    conflationMs: pair.conflationMs ?? 0,
    tradeBatchMs: pair.tradeBatchMs ?? 0,
  };
}
