import { BinanceServer } from '../test/venues/binance-server.ts';
import { DatabentoGateway } from '../test/venues/databento-gateway.ts';
import { DatabentoMarket } from '../test/venues/databento-market.ts';
import { KrakenServer } from '../test/venues/kraken-server.ts';

/** Key that the stand-in of Databento's gateway takes. */
export const HOST_KEY = 'db-unittestapikey1234567890FFFFF';

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
    case 'databento': {
      const market = new DatabentoMarket('6EZ6', 42, 50_000, 22_000, Date.UTC(2026, 10, 18, 13) * 1000);
      const resolve = () => [{ rawSymbol: '6EZ6', instrumentId: 42 }];
      const gateway = await DatabentoGateway.listen({ key: HOST_KEY, resolve });
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
