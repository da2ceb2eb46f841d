import { Engine } from '../../../main/core/engine.ts';
import type { FeedFrame, FrameKind, Resync } from '../../../main/core/feed-port.ts';
import type { Market } from '../../../main/core/market.ts';
import type { Aggressor } from '../../../main/core/ports.ts';
import { KrakenMapper } from '../../../main/feeds/kraken/kraken-mapper.ts';

/** A mapper on an engine, with a record of what the engine's stages saw. */
export class MapperRig {
  readonly engine = new Engine({ continuity: 'live' });
  readonly asked: (readonly [symbol: string, why: string])[] = [];
  readonly mapper: KrakenMapper;
  /** One line for each call of a stage, books with their ten levels. */
  readonly seen: string[] = [];
  #localUs = 1_800_000_000_000_000;

  constructor(resync: Resync = () => undefined) {
    this.mapper = new KrakenMapper(this.engine, (symbol, why) => {
      this.asked.push([symbol, why]);
      resync(symbol, why);
    });
    this.engine.addStage({
      name: 'record',
      onTrade: (market: Market, ticks: number, lots: number, side: Aggressor) =>
        this.seen.push(`trade ${market.instrument.label} ${ticks} ${lots} ${side}`),
      onBook: (market: Market) => {
        const { bidPrice, bidSize, askPrice, askSize } = market.depth;
        this.seen.push(
          `book ${market.instrument.label} ${market.tsEventUs} ${market.fresh} ${[bidPrice, bidSize, askPrice, askSize].join(';')}`,
        );
      },
      onGap: (market: Market, reason: string) => this.seen.push(`gap ${market.instrument.label} ${reason}`),
      snapshot: () => [...this.seen],
      restore: (seen: unknown) => {
        this.seen.splice(0, Number.POSITIVE_INFINITY, ...(seen as string[]));
      },
    });
  }

  /** Applies a message of the public connection. */
  message(text: string | Uint8Array, name = 'public'): void {
    this.frame('message', name, typeof text === 'string' ? Buffer.from(text) : text);
  }

  frame(kind: FrameKind, name: string, bytes: Uint8Array = new Uint8Array(0)): void {
    const frame: FeedFrame = { kind, name, bytes, localUs: this.#localUs };
    this.#localUs += 1000;
    this.take(frame);
  }

  take(frame: FeedFrame): void {
    this.engine.arrive(frame.localUs);
    this.mapper.apply(frame);
  }

  /** A new engine and mapper that continue from this one's snapshots. */
  reborn(): MapperRig {
    const next = new MapperRig();
    next.engine.restore(structuredClone(this.engine.snapshot()));
    next.mapper.restore(structuredClone(this.mapper.snapshot()));
    next.#localUs = this.#localUs;
    return next;
  }

  market(symbol: string): Market {
    const market = this.engine.markets.find(({ instrument }) => instrument.label === symbol);
    if (market === undefined) throw new Error(`no market of ${symbol}`);
    return market;
  }
}
