import type { BarRow } from '../../shared/contract/topics.ts';
import type { Market } from '../core/market.ts';
import type { Bar, BarSink } from '../core/ports.ts';
import type { TopicBoard } from '../core/publisher/topic-board.ts';

/** Reads the bar that is open now. */
export interface OpenBars {
  openBar(market: Market): Bar | undefined;
}

/** Bars on their way to the topics `bars:N`: closed ones at once, the open one when the screen is refreshed. */
export class BarScreen implements BarSink {
  readonly #board: TopicBoard;
  readonly #keep: number;

  constructor(board: TopicBoard, keep: number) {
    this.#board = board;
    this.#keep = keep;
  }

  onBar(market: Market, bar: Bar, closed: boolean): void {
    const topic = `bars:${market.index}` as const;
    if (!this.#board.hasTable(topic)) this.#board.defineTable(topic, this.#keep);
    this.#board.upsert(topic, rowOf(market, bar, closed));
  }

  publishOpen(markets: readonly Market[], bars: OpenBars): void {
    for (const market of markets) {
      const bar = bars.openBar(market);
      if (bar !== undefined) this.onBar(market, bar, false);
      else if (!this.#board.hasTable(`bars:${market.index}`))
        this.#board.defineTable(`bars:${market.index}`, this.#keep);
    }
  }
}

function rowOf(market: Market, bar: Bar, closed: boolean): BarRow {
  return {
    id: String(bar.startUs),
    startUs: bar.startUs,
    open: bar.open,
    high: bar.high,
    low: bar.low,
    close: bar.close,
    volume: bar.volume,
    delta: bar.delta,
    vwap: Number.isNaN(bar.sessionVwap) ? null : bar.sessionVwap,
    source: market.instrument.publisherId >= 65_000 ? 'SIMULATED' : market.instrument.venue,
    volumeType: 'real',
    closed,
  };
}
