import { expect } from 'vitest';
import { LiveClock } from '../../../main/core/clock/live-clock.ts';
import { Random } from '../../../main/core/clock/random.ts';
import { Engine } from '../../../main/core/engine.ts';
import type { FeedFrame, FeedState } from '../../../main/core/feed-port.ts';
import type { Market } from '../../../main/core/market.ts';
import { Decays, FeatureSet } from '../../../main/features/feature-set.ts';
import { IgFeed, type IgFeedOptions, type IgTimings } from '../../../main/feeds/ig/ig-feed.ts';
import { IgMapper } from '../../../main/feeds/ig/ig-mapper.ts';
import { IG_ACCOUNT, IG_LOGIN, type IgServer } from '../../venues/ig-server.ts';

/** Everything that must be seen nowhere but in a request. */
export const SECRETS = /key-c0ffee|trader\.jane|pa55-word|secret-\d/;

/** Waits short enough for a test. */
export const QUICK: IgTimings = { baseMs: 20, mostMs: 100, stalledMs: 300, reconnectMs: 300, recoveryMs: 1_000 };

/** A feed, its mapper and an engine, as the program has them, with all that came by. */
export class IgRig {
  readonly engine = new Engine({ continuity: 'live' });
  readonly mapper: IgMapper;
  readonly frames: FeedFrame[] = [];
  readonly states: FeedState[] = [];
  readonly feed: IgFeed;
  /** Frames are kept; off for long runs. */
  keeps = true;
  messages = 0;

  constructor(server: IgServer, options: Partial<IgFeedOptions> = {}) {
    const features = new Map<Market, FeatureSet>();
    const decays = new Decays();
    const setOf = (market: Market) => {
      const known = features.get(market) ?? new FeatureSet(decays);
      features.set(market, known);
      return known;
    };
    this.engine.addStage({
      name: 'features',
      onBook: (market) => setOf(market).onBook(market),
      snapshot: () => undefined,
      restore: () => undefined,
    });
    this.mapper = new IgMapper(this.engine);
    this.feed = new IgFeed({
      ...IG_LOGIN,
      baseUrl: server.url,
      clock: new LiveClock(),
      random: new Random(7),
      timings: QUICK,
      symbols: ['CS.D.EURUSD.CFD.IP', 'CS.D.GBPUSD.CFD.IP', 'CS.D.USDJPY.CFD.IP'],
      outlet: {
        frame: (frame) => {
          if (this.keeps) this.frames.push(frame);
          if (frame.kind === 'message') this.messages++;
          this.engine.arrive(frame.localUs);
          this.mapper.apply(frame);
        },
        state: (state) => this.states.push(state),
      },
      ...options,
    });
  }

  get state(): FeedState | undefined {
    return this.states.at(-1);
  }

  market(symbol: string): Market | undefined {
    return this.engine.markets.find(({ instrument }) => instrument.rawSymbol === symbol);
  }

  /** Waits until the feed says so. */
  async becomes(condition: FeedState['condition'], words: RegExp = /./, timeout = 15_000): Promise<void> {
    await expect
      .poll(() => this.states.some((state) => state.condition === condition && words.test(state.words)), {
        timeout,
        interval: 5,
        message: `${condition} ${words} in ${JSON.stringify(this.states)}`,
      })
      .toBe(true);
    this.states.splice(0, this.states.length - 1);
  }

  /** Waits until bid and ask of a market are the server's. */
  async agrees(server: IgServer, epic: string, symbol: string, timeout = 15_000): Promise<void> {
    const values = () => server.stream.valuesOf(`PRICE:${IG_ACCOUNT}:${epic}`);
    const side = (price: string | null | undefined, size: string | null | undefined) =>
      price ? [[price, size ? size : '0']] : [];
    await expect
      .poll(() => this.mapper.bookText(symbol, 10), { timeout, interval: 5 })
      .toEqual({
        bids: side(values()['BIDPRICE1'], values()['BIDSIZE1']),
        asks: side(values()['ASKPRICE1'], values()['ASKSIZE1']),
      });
  }
}

/** All that left the feed, as text. */
export function everythingOf(rig: IgRig): string {
  const frames = rig.frames.map(({ kind, name, bytes }) => `${kind} ${name} ${new TextDecoder().decode(bytes)}`);
  return [...rig.states.map(({ words }) => words), ...frames].join('\n');
}
