import type { FeedKeys } from '../main/entry/setup/feed-keys.ts';
import { BinanceServer } from '../test/venues/binance-server.ts';
import { CoinbaseServer } from '../test/venues/coinbase-server.ts';
import { DatabentoGateway } from '../test/venues/databento-gateway.ts';
import { DatabentoMarket } from '../test/venues/databento-market.ts';
import { IG_LOGIN, IgServer } from '../test/venues/ig-server.ts';
import { KrakenServer } from '../test/venues/kraken-server.ts';

const DATABENTO_KEY = 'db-unittestapikey1234567890FFFFF';

/** Keys that the stand-ins take. */
export const HOST_KEYS: FeedKeys = (name) =>
  ({
    DATABENTO_API_KEY: DATABENTO_KEY,
    IG_API_KEY: IG_LOGIN.apiKey,
    IG_IDENTIFIER: IG_LOGIN.identifier,
    IG_PASSWORD: IG_LOGIN.password,
  })[name as string];

/** A stand-in venue in a process of its own, so that it does not share the measured one's time. */
interface Host {
  readonly url: string;
  /** Sends about so many messages. */
  send(messages: number): void;
}

const TICK_MS = 5;

async function open(venue: string): Promise<Host> {
  switch (venue) {
    case 'kraken': {
      const server = await KrakenServer.listen({
        pairs: [{ symbol: 'BTC/USD', priceDecimals: 1, qtyDecimals: 8, start: 600_000 }],
      });
      return { url: server.url, send: (messages) => void server.run(messages) };
    }
    case 'binance': {
      const server = await BinanceServer.open(['BTCUSDT']);
      return {
        url: server.url,
        send: (messages) => {
          for (let message = 0; message < messages; message++) server.update('BTCUSDT');
        },
      };
    }
    case 'coinbase': {
      const server = await CoinbaseServer.open(['BTC-USD']);
      return {
        url: server.url,
        send: (messages) => {
          for (let message = 0; message < messages; message++) server.update('BTC-USD');
        },
      };
    }
    case 'ig': {
      const server = await IgServer.start();
      const epic = 'CS.D.EURUSD.CFD.IP';
      let at = 0;
      return {
        url: server.url,
        send: (messages) => {
          for (let message = 0; message < messages; message++) {
            at++;
            const bid = 1.08 + (at % 500) / 100_000;
            server.quote(epic, {
              BIDPRICE1: bid.toFixed(5),
              ASKPRICE1: (bid + 0.00006).toFixed(5),
              BIDSIZE1: '10',
              ASKSIZE1: String(5 + (at % 9)),
              TIMESTAMP: String(1_795_000_000_000 + at),
              DLG_FLAG: 'DEAL',
            });
          }
        },
      };
    }
    case 'databento': {
      const market = new DatabentoMarket('6EZ6', 42, 50_000, 22_000, Date.UTC(2026, 10, 18, 13) * 1000);
      const resolve = () => [{ rawSymbol: '6EZ6', instrumentId: 42 }];
      const gateway = await DatabentoGateway.listen({ key: DATABENTO_KEY, resolve });
      return {
        url: gateway.url,
        send: (messages) => {
          gateway.publish(market.next(messages));
          gateway.log.length = 0;
        },
      };
    }
    default:
      throw new Error(`no stand-in is called ${venue}`);
  }
}

if (import.meta.main) {
  const [venue = '', rate = '0'] = process.argv.slice(2);
  const host = await open(venue);
  process.stdout.write(`${host.url}\n`);
  const each = Math.max(1, Math.round((Number(rate) * TICK_MS) / 1000));
  setInterval(() => host.send(each), TICK_MS);
  process.on('disconnect', () => process.exit());
}
