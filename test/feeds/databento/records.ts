import { DbnDecoder } from '../../../main/codec/dbn/decoder.ts';
import { FLAG } from '../../../main/codec/dbn/layout.ts';
import { DbnRecordWriter } from '../../../main/codec/dbn/write-record.ts';
import { Engine, type EngineOptions } from '../../../main/core/engine.ts';
import type { Market } from '../../../main/core/market.ts';
import type { MarketStage } from '../../../main/core/ports.ts';
import { RecordMapper } from '../../../main/feeds/databento/record-mapper.ts';

/** Counts what reaches the stages. */
export class Tally implements MarketStage {
  readonly name = 'tally';
  trades: string[] = [];
  gaps: string[] = [];
  books = 0;

  onTrade(market: Market, ticks: number, lots: number, aggressor: number): void {
    this.trades.push(`${market.index}:${ticks}x${lots}${aggressor > 0 ? '+' : aggressor < 0 ? '-' : '?'}`);
  }
  onBook(): void {
    this.books++;
  }
  onGap(market: Market, reason: string): void {
    this.gaps.push(`${market.index}:${reason}`);
  }
  snapshot(): undefined {
    return undefined;
  }
  restore(): void {}
}

/** Records written one by one and played into an engine at once. */
export class Stream {
  readonly engine: Engine;
  readonly tally = new Tally();
  readonly mapper: RecordMapper;
  readonly out = new DbnRecordWriter();
  readonly #decoder = new DbnDecoder({ fragment: true });
  us = Date.UTC(2026, 10, 18, 14) * 1000;

  constructor(continuity: EngineOptions['continuity'] = 'live') {
    this.engine = new Engine({ continuity });
    this.engine.addStage(this.tally);
    this.mapper = new RecordMapper(this.engine);
    this.of(1, 10);
  }

  /** The records that follow are of this instrument. */
  of(publisherId: number, instrumentId: number): this {
    this.out.instrument(publisherId, instrumentId);
    return this;
  }

  /** Plays what `write` writes, a microsecond after the last. */
  play(write: (out: DbnRecordWriter) => void): this {
    this.us++;
    this.out.time(this.us, 0, this.us, 0);
    write(this.out);
    this.#decoder.push(this.out.written().slice());
    this.out.clear();
    while (this.#decoder.next()) {
      this.engine.arrive(this.mapper.arrivalUs(this.#decoder));
      this.mapper.apply(this.#decoder);
    }
    return this;
  }

  market(publisherId = 1, instrumentId = 10): Market {
    const market = this.engine.marketOf(publisherId, instrumentId);
    if (market === undefined) throw new Error(`no market ${publisherId}/${instrumentId}`);
    return market;
  }
}

export const LAST = FLAG.LAST;
