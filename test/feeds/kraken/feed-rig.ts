import { LiveClock } from '../../../main/core/clock/live-clock.ts';
import { Random } from '../../../main/core/clock/random.ts';
import type { FeedFrame, FeedState } from '../../../main/core/feed-port.ts';
import { KrakenFeed, type KrakenFeedOptions } from '../../../main/feeds/kraken/kraken-feed.ts';
import { KrakenServer, type KrakenServerOptions } from '../../venues/kraken-server.ts';
import type { VenuePair } from '../../venues/kraken-venue-book.ts';
import { MapperRig } from './mapper-rig.ts';

export const BTC: VenuePair = { symbol: 'BTC/USD', priceDecimals: 1, qtyDecimals: 8, start: 630_000 };
const XRP: VenuePair = { symbol: 'XRP/USD', priceDecimals: 5, qtyDecimals: 8, start: 108_100 };

/** A made-up account, as Kraken's own examples have them. */
export const ACCOUNT = { key: 'key-of-the-test', secret: Buffer.from('secret of the test').toString('base64') };

/** Stand-in, feed, mapper and engine in one line. */
export class FeedRig {
  readonly server: KrakenServer;
  readonly feed: KrakenFeed;
  readonly mapped = new MapperRig((symbol, why) => this.feed.resync(symbol, why));
  readonly states: FeedState[] = [];
  readonly faults: string[] = [];
  readonly frames: FeedFrame[] = [];

  constructor(server: KrakenServer, options: Partial<KrakenFeedOptions> = {}) {
    this.server = server;
    this.feed = new KrakenFeed({
      clock: new LiveClock(),
      random: new Random(1),
      outlet: {
        frame: (frame) => {
          this.frames.push(frame);
          try {
            this.mapped.take(frame);
          } catch (error) {
            this.faults.push((error as Error).message);
          }
        },
        state: (state) => this.states.push(state),
      },
      symbols: [...server.books.keys()],
      depth: 25,
      url: server.url,
      leastGapMs: 20,
      baseMs: 20,
      mostMs: 60,
      ...options,
    });
  }

  get condition(): string | undefined {
    return this.states.at(-1)?.condition;
  }

  /** Whether every book of the engine is the server's, text for text. */
  same(depth = 25): boolean {
    return [...this.server.books.keys()].every((symbol) => {
      const ours = this.mapped.mapper.bookText(symbol, depth);
      return JSON.stringify(ours) === JSON.stringify(this.server.rows(symbol, depth));
    });
  }

  /** No market has an open gap. */
  get whole(): boolean {
    const { markets } = this.mapped.engine;
    return markets.length > 0 && markets.every((market) => !market.gapped);
  }

  async close(): Promise<void> {
    await this.feed.stop();
    await this.server.close();
  }
}

/** A rig with everything running; stopped by `close`. */
export async function startRig(
  serverOptions: Partial<KrakenServerOptions> = {},
  feedOptions: (server: KrakenServer) => Partial<KrakenFeedOptions> = () => ({}),
): Promise<FeedRig> {
  const server = await KrakenServer.listen({ pairs: [BTC, XRP], heartbeatMs: 50, ...serverOptions });
  const rig = new FeedRig(server, feedOptions(server));
  rig.feed.start();
  return rig;
}
