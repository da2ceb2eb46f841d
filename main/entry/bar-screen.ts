import { vwapKindOf } from '../../shared/bars.ts';
import type { BarRow } from '../../shared/contract/topics.ts';
import { dataSourceOf } from '../../shared/instruments.ts';
import type { Market } from '../core/market.ts';
import type { Bar, BarSink } from '../core/ports.ts';
import type { TopicBoard } from '../core/publisher/topic-board.ts';

const MINUTE_US = 60_000_000;

type BarTopic = `bars:${number}`;

/** Reads the bar that is open now. */
export interface OpenBars {
  openBar(market: Market): Bar | undefined;
}

/** Bars on their way to the topics `bars:N`: closed ones at once, the open one when the screen is refreshed. */
export class BarScreen implements BarSink {
  readonly #board: TopicBoard;
  readonly #keep: number;
  /** Closed bars of a time that a replay has been in and has left backwards. */
  readonly #withheld = new Map<BarTopic, Map<string, BarRow>>();
  #publishedUs = Number.NEGATIVE_INFINITY;

  constructor(board: TopicBoard, keep: number) {
    this.#board = board;
    this.#keep = keep;
  }

  onBar(market: Market, bar: Bar, closed: boolean): void {
    const topic = `bars:${market.index}` as const;
    if (!this.#board.hasTable(topic)) this.#board.defineTable(topic, this.#keep);
    this.#board.upsert(topic, rowOf(market, bar, closed));
  }

  /** Puts bars of an earlier run before those that are known already, as far as there is room for them. */
  recall(market: Market, bars: readonly Bar[]): void {
    const topic = `bars:${market.index}` as const;
    const known = this.#board.hasTable(topic) ? this.#board.rows(topic) : [];
    const first = Math.min(...known.map((bar) => bar.startUs));
    const earlier = bars.filter((bar) => bar.startUs < first);
    for (const bar of earlier.slice(Math.max(0, earlier.length + known.length - this.#keep))) {
      this.onBar(market, bar, true);
    }
  }

  /**
   * Puts bars of minutes that were not whole into their place. Where a bar is known, its session average stays: the
   * session's sums have not changed.
   * @returns the bars as they are now
   */
  fill<B extends Bar>(market: Market, bars: readonly B[]): readonly B[] {
    const topic = `bars:${market.index}` as const;
    const known = new Map((this.#board.hasTable(topic) ? this.#board.rows(topic) : []).map((row) => [row.id, row]));
    const filled = bars.map((bar) => ({
      ...bar,
      sessionVwap: known.get(String(bar.startUs))?.vwap ?? Number.NaN,
    }));
    for (const bar of filled) this.onBar(market, bar, true);
    return filled;
  }

  /**
   * Puts the open bars out. Where time went back, bars that were not known yet at that time leave, and come again when
   * their minute is over.
   */
  publishOpen(markets: readonly Market[], bars: OpenBars, nowUs: number): void {
    const wentBack = nowUs < this.#publishedUs;
    this.#publishedUs = nowUs;
    for (const market of markets) {
      const topic = `bars:${market.index}` as const;
      if (!this.#board.hasTable(topic)) this.#board.defineTable(topic, this.#keep);
      if (wentBack) this.#withhold(topic, nowUs);
      this.#release(topic, nowUs);
      const bar = bars.openBar(market);
      if (bar !== undefined) this.onBar(market, bar, false);
    }
  }

  #withhold(topic: BarTopic, nowUs: number): void {
    const held = this.#withheld.get(topic) ?? new Map<string, BarRow>();
    this.#withheld.set(topic, held);
    for (const bar of this.#board.rows(topic)) {
      if (bar.startUs + MINUTE_US <= nowUs) continue;
      this.#board.remove(topic, bar.id);
      if (bar.closed) held.set(bar.id, bar);
    }
  }

  #release(topic: BarTopic, nowUs: number): void {
    const held = this.#withheld.get(topic);
    for (const bar of held?.values() ?? []) {
      if (bar.startUs + MINUTE_US > nowUs) continue;
      this.#board.upsert(topic, bar);
      held?.delete(bar.id);
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
    vwapKind: vwapKindOf(bar.volumeType),
    source: dataSourceOf(market.instrument),
    volumeType: bar.volumeType,
    closed,
  };
}
