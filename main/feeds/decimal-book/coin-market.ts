import { crc32 } from 'node:zlib';
import { type CoinPair, coinInstrument, PUBLISHER } from '../../../shared/instruments.ts';
import type { Engine } from '../../core/engine.ts';
import type { Market } from '../../core/market.ts';
import type { DecimalBook } from './decimal-book.ts';

/** What is known of a coin pair beside the tick and lot of its book. */
export type CoinPairWords = Omit<CoinPair, 'venueId' | 'tickNano' | 'lotDecimals'>;

/**
 * Tells the engine what a coin pair's market is, at first and whenever its tick or lot has changed. Flow does not go on across
 * a change of units.
 * @param known the market, if it was described before
 */
export function describeCoinMarket(
  engine: Engine,
  words: CoinPairWords,
  book: DecimalBook,
  known: Market | undefined,
): Market {
  const { tickNano, lotDecimals } = book;
  const instrument = coinInstrument({ ...words, venueId: crc32(words.symbol), tickNano, lotDecimals });
  const market = engine.addMarket(book.defined ? instrument : { ...instrument, tickSource: 'raw' });
  market.depthSchema = 'l2';
  market.levels = book.levels;
  if (known !== undefined) engine.gap(market, 'clear');
  book.rescaled = false;
  return market;
}

/**
 * The market of a coin pair whose mapper was restored: the one that the engine has, restored to the same moment, or a new one
 * with the book's best levels in an engine that knows nothing yet.
 */
export function restoredCoinMarket(engine: Engine, words: CoinPairWords, book: DecimalBook): Market {
  const known = engine.marketOf(PUBLISHER[words.venue], crc32(words.symbol));
  if (known !== undefined) {
    known.levels = book.levels;
    return known;
  }
  const { rescaled } = book;
  const market = describeCoinMarket(engine, words, book, undefined);
  book.rescaled = rescaled;
  book.levels.fill(market.depth);
  return market;
}
