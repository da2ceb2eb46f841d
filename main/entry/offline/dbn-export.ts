import { ACTION, FLAG, SIDE } from '../../codec/dbn/layout.ts';
import { encodeMetadata, MIXED_STREAM } from '../../codec/dbn/metadata.ts';
import { DbnRecordWriter } from '../../codec/dbn/write-record.ts';
import { TOP_LEVELS } from '../../core/book/depth.ts';
import type { Market } from '../../core/market.ts';
import type { Aggressor, MarketStage } from '../../core/ports.ts';

/** Numbers of a level: both prices, both sizes, both counts of orders. */
const LEVEL_NUMBERS = 6;
const MOST_SIZE = 0xffff_ffff;
/** Digits after the point that sizes keep when nothing else is asked for: DBN holds them in 32 bits. */
const SIZE_DECIMALS = 4;

/** What an export could not keep. */
export interface ExportLoss {
  /** Sizes that were rounded to the unit of the export, or to its smallest size. */
  readonly roundedSizes: number;
  /** Sizes beyond 32 bits, written as the greatest there is. */
  readonly cappedSizes: number;
  /** Book events whose market holds more than the ten levels that are written. */
  readonly events: number;
  readonly trades: number;
}

/**
 * Markets of any venue as a DBN stream: definitions, MBP-10 images after each event, trades as its trade records, a clear
 * at each gap. Lossy: ten levels, sizes in units of at most four decimals, one record for each event whatever it changed.
 */
export class DbnExport implements MarketStage {
  readonly name = 'dbn-export';
  readonly #out = new DbnRecordWriter(1 << 20);
  readonly #levels = new Float64Array(TOP_LEVELS * LEVEL_NUMBERS);
  readonly #described = new Map<number, number>();
  #sequence = 0;
  #rounded = 0;
  #capped = 0;
  #events = 0;
  #trades = 0;

  /** @param source name of where the data comes from; it becomes the dataset's */
  begin(source: string): void {
    this.#out.append(
      encodeMetadata({
        dataset: `${source.toUpperCase().slice(0, 8)}.FATHOM`,
        ...MIXED_STREAM,
      }),
    );
  }

  /** What has been written since the last time; the caller's to keep. */
  take(): Uint8Array {
    const bytes = this.#out.written().slice();
    this.#out.clear();
    return bytes;
  }

  get loss(): ExportLoss {
    return {
      roundedSizes: this.#rounded,
      cappedSizes: this.#capped,
      events: this.#events,
      trades: this.#trades,
    };
  }

  onTrade(market: Market, ticks: number, lots: number, aggressor: Aggressor): void {
    this.#trades++;
    this.#record(market, ACTION.TRADE, aggressor, ticks, lots);
  }

  onBook(market: Market): void {
    this.#events++;
    this.#record(market, ACTION.MODIFY, 0, Number.NaN, 0);
  }

  onGap(market: Market): void {
    if (!this.#described.has(market.index)) return;
    this.#place(market);
    this.#levels.fill(0);
    for (let at = 0; at < this.#levels.length; at += LEVEL_NUMBERS) this.#levels.fill(Number.NaN, at, at + 2);
    this.#out.mbp10(ACTION.CLEAR, SIDE.NONE, FLAG.LAST, 0, Number.NaN, 0, 0, this.#sequence++, this.#levels);
  }

  snapshot(): undefined {
    return undefined;
  }

  restore(): void {
    throw new Error('an export goes through its recording once');
  }

  #record(market: Market, action: number, aggressor: Aggressor, ticks: number, lots: number): void {
    this.#describe(market);
    this.#place(market);
    this.#image(market);
    const side = aggressor === 1 ? SIDE.BID : aggressor === -1 ? SIDE.ASK : SIDE.NONE;
    const size = lots === 0 ? 0 : this.#size(market, lots);
    const priceNano = ticks * market.instrument.tickNano;
    this.#out.mbp10(action, side, FLAG.LAST, 0, priceNano, size, 0, this.#sequence++, this.#levels);
  }

  #place(market: Market): void {
    this.#out.instrument(market.instrument.publisherId, market.instrument.venueId);
    this.#out.time(market.tsEventUs, 0, market.engineUs, 0);
  }

  /** The definition, before the first record in a tick and again when the tick changes. */
  #describe(market: Market): void {
    const { instrument } = market;
    if (this.#described.get(market.index) === instrument.tickNano) return;
    this.#described.set(market.index, instrument.tickNano);
    this.#place(market);
    this.#out.definition({
      raw_symbol: instrument.rawSymbol,
      security_update_action: 'A',
      instrument_class: 'X',
      min_price_increment: instrument.tickNano,
      display_factor: 1_000_000_000,
      unit_of_measure_qty: BigInt(Math.round(1e9 / 10 ** decimalsOf(market))),
      market_depth: TOP_LEVELS,
      min_trade_vol: 1,
      exchange: instrument.venue.slice(0, 4),
      security_type: 'SPOT',
    });
  }

  #image(market: Market): void {
    const { depth, instrument } = market;
    for (let level = 0; level < TOP_LEVELS; level++) {
      const at = level * LEVEL_NUMBERS;
      const bid = depth.bidSize[level]!;
      const ask = depth.askSize[level]!;
      this.#levels[at] = bid > 0 ? depth.bidPrice[level]! * instrument.tickNano : Number.NaN;
      this.#levels[at + 1] = ask > 0 ? depth.askPrice[level]! * instrument.tickNano : Number.NaN;
      this.#levels[at + 2] = bid > 0 ? this.#size(market, bid) : 0;
      this.#levels[at + 3] = ask > 0 ? this.#size(market, ask) : 0;
      this.#levels[at + 4] = depth.bidOrders[level]!;
      this.#levels[at + 5] = depth.askOrders[level]!;
    }
  }

  #size(market: Market, lots: number): number {
    const exact = lots / 10 ** (market.instrument.lotDecimals - decimalsOf(market));
    const size = Math.max(1, Math.round(exact));
    if (size !== exact) this.#rounded++;
    if (size <= MOST_SIZE) return size;
    this.#capped++;
    return MOST_SIZE;
  }
}

function decimalsOf(market: Market): number {
  return Math.min(market.instrument.lotDecimals, SIZE_DECIMALS);
}
