import { expect } from 'vitest';
import { SessionCalendar } from '../../../main/core/calendar/session-calendar.ts';
import { LiveClock } from '../../../main/core/clock/live-clock.ts';
import { Random } from '../../../main/core/clock/random.ts';
import { Engine } from '../../../main/core/engine.ts';
import type { FeedFrame, FeedState, Resync } from '../../../main/core/feed-port.ts';
import type { Market } from '../../../main/core/market.ts';
import { playFrame } from '../../../main/core/play-frame.ts';
import type { MarketStage } from '../../../main/core/ports.ts';
import type { Roll } from '../../../main/feeds/databento/contract-table.ts';
import { LiveDatabentoFeed } from '../../../main/feeds/databento/live-feed.ts';
import { LiveDatabentoMapper } from '../../../main/feeds/databento/live-mapper.ts';
import type { LiveDatabentoFeedOptions } from '../../../main/feeds/databento/live-options.ts';
import type { DatabentoMarket } from '../../venues/databento-market.ts';

export const KEY = 'db-unittestapikey1234567890FFFFF';

/** An expectation that may take a while on a busy machine. */
export function eventually<T>(value: () => T): ReturnType<typeof expect.poll<T>> {
  return expect.poll(value, { timeout: 20_000, interval: 5 });
}

/** A feed with short times, and all that it handed out. */
export class Listener {
  readonly frames: FeedFrame[] = [];
  readonly states: FeedState[] = [];
  readonly feed: LiveDatabentoFeed;

  constructor(url: string, options: Partial<LiveDatabentoFeedOptions> = {}) {
    const { outlet } = options;
    this.feed = new LiveDatabentoFeed({
      clock: new LiveClock(),
      random: new Random(1),
      key: KEY,
      url,
      symbols: ['6E.v.0'],
      schemas: ['mbp-10', 'trades'],
      tickMs: 10,
      baseMs: 20,
      mostMs: 40,
      leastMs: 5,
      silenceMs: 2_000,
      calendar: new SessionCalendar('crypto'),
      ...options,
      outlet: {
        frame: (frame) => {
          if (outlet === undefined) this.frames.push(frame);
          else outlet.frame(frame);
        },
        state: (state) => {
          this.states.push(state);
          outlet?.state(state);
        },
      },
    });
  }

  get state(): FeedState | undefined {
    return this.states.at(-1);
  }

  /** All messages as one stream. */
  stream(): Uint8Array {
    return Buffer.concat(this.frames.filter(({ kind }) => kind === 'message').map(({ bytes }) => bytes));
  }
}

/** Lots that reached the stages, by market. */
class VolumeStage implements MarketStage {
  readonly name = 'volume';
  readonly lots: number[] = [];
  readonly gaps: string[] = [];

  onMarket(market: Market): void {
    this.lots[market.index] = 0;
  }
  onTrade(market: Market, _ticks: number, lots: number): void {
    this.lots[market.index]! += lots;
  }
  onGap(market: Market, reason: string): void {
    this.gaps.push(`${market.instrument.rawSymbol} ${reason}`);
  }
  snapshot(): readonly number[] {
    return [...this.lots];
  }
  restore(snapshot: readonly number[]): void {
    this.lots.splice(0, this.lots.length, ...snapshot);
  }
}

/** Mapper and engine behind a feed, or behind its frames once more. */
export class Desk {
  readonly engine = new Engine({ continuity: 'live' });
  readonly volume = new VolumeStage();
  readonly rolls: Roll[] = [];
  readonly faults: Error[] = [];
  resync: Resync = () => undefined;
  readonly mapper: LiveDatabentoMapper;

  constructor() {
    this.engine.addStage(this.volume);
    this.mapper = new LiveDatabentoMapper(this.engine, {
      onRoll: (roll) => this.rolls.push(roll),
      resync: (symbol, why) => this.resync(symbol, why),
    });
  }

  take(frame: FeedFrame): void {
    const fault = playFrame(this.engine, this.mapper, frame);
    if (fault !== undefined) this.faults.push(fault);
  }

  market(rawSymbol: string): Market | undefined {
    return this.engine.markets.find(({ instrument }) => instrument.rawSymbol === rawSymbol);
  }

  /** Everything that is told of a market here, to be compared with what its server knows. */
  account(rawSymbol: string): unknown {
    const market = this.market(rawSymbol);
    if (market === undefined) return undefined;
    const { depth } = market;
    const side = (prices: Float64Array, sizes: Float64Array) =>
      [...prices].map((ticks, level) => [ticks, sizes[level]!]);
    return {
      bids: side(depth.bidPrice, depth.bidSize),
      asks: side(depth.askPrice, depth.askSize),
      volume: this.volume.lots[market.index],
      trades: market.trades,
    };
  }
}

/** The same as the market's own server has it. */
export function serverAccount(market: DatabentoMarket): unknown {
  return {
    bids: market.side('bid'),
    asks: market.side('ask'),
    volume: market.volume,
    trades: market.trades,
  };
}
