import type { Engine } from '../core/engine.ts';
import type { FrameMapper } from '../core/feed-port.ts';
import { BinanceMapper } from './binance/binance-mapper.ts';
import { CoinbaseMapper } from './coinbase/coinbase-mapper.ts';
import { IgMapper } from './ig/ig-mapper.ts';
import { KrakenMapper } from './kraken/kraken-mapper.ts';

/** In a replay nobody is asked for new books: the capture holds what came of that. */
const NOBODY = () => undefined;

/** The mapper of a source whose captures are frames. @throws Error for a source that this version does not know */
export function frameMapperOf(source: string, engine: Engine): FrameMapper {
  switch (source) {
    case 'binance':
      return new BinanceMapper(engine, NOBODY);
    case 'coinbase':
      return new CoinbaseMapper(engine, NOBODY);
    case 'ig':
      return new IgMapper(engine);
    case 'kraken':
      return new KrakenMapper(engine, NOBODY);
    default:
      throw new Error(`This version knows no venue "${source}"; the capture may be of a later one.`);
  }
}
