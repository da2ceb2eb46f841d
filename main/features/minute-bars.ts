import { FEATURE } from '../../shared/features.ts';
import { MINUTE_US, MS_US } from '../../shared/units.ts';
import type { Market } from '../core/market.ts';
import type { Aggressor, Bar, BarSink, MarketStage } from '../core/ports.ts';
import type { Scheduler } from '../core/scheduler.ts';

/** How long past its minute's end a bar waits for events that are still on their way. */
const GRACE_US = 500 * MS_US;
const MID = FEATURE.mid;
const VWAP = FEATURE.vwap;

/** Places of a market's numbers: the minute, what it holds, and when its timer falls due. */
const START = 0;
const OPEN = 1;
const HIGH = 2;
const LOW = 3;
const CLOSE = 4;
const TRADE_OPEN = 5;
const TRADE_HIGH = 6;
const TRADE_LOW = 7;
const TRADE_CLOSE = 8;
const VOLUME = 9;
const DELTA = 10;
const TURNOVER = 11;
const TICK = 12;
const SESSION_VWAP = 13;
const IS_OPEN = 14;
const DUE = 15;
const NUMBERS = 16;

/**
 * One-minute bars: open, high, low and close of the mid after each judged event, real traded volume, delta and VWAP. A bar
 * belongs to a minute of `tsEvent` and closes at the first event of a later minute, or by a timer half a second past its
 * end; a minute without an event has no bar. An event that comes for a minute whose bar has closed by the timer opens it
 * again, and it is told once more as a whole. Runs behind the feature stage, whose mid and session VWAP it reads.
 */
export class MinuteBars implements MarketStage {
  readonly name = 'minute-bars';
  readonly #scheduler: Scheduler;
  readonly #sink: BarSink;
  readonly #markets: Market[] = [];
  readonly #numbers: Float64Array[] = [];

  constructor(scheduler: Scheduler, sink: BarSink) {
    this.#scheduler = scheduler;
    this.#sink = sink;
  }

  onMarket(market: Market): void {
    this.#markets[market.index] = market;
    this.#numbers[market.index] ??= new Float64Array(NUMBERS);
  }

  onTrade(market: Market, ticks: number, lots: number, aggressor: Aggressor): void {
    const bar = this.#at(market);
    const price = market.price(ticks);
    if (Number.isNaN(bar[TRADE_OPEN]!)) {
      bar[TRADE_OPEN] = price;
      bar[TRADE_HIGH] = price;
      bar[TRADE_LOW] = price;
    } else if (price > bar[TRADE_HIGH]!) bar[TRADE_HIGH] = price;
    else if (price < bar[TRADE_LOW]!) bar[TRADE_LOW] = price;
    bar[TRADE_CLOSE] = price;
    const tickNano = market.instrument.tickNano;
    if (bar[TICK] !== tickNano) {
      bar[TURNOVER] = (bar[TURNOVER]! * bar[TICK]!) / tickNano;
      bar[TICK] = tickNano;
    }
    bar[VOLUME] = bar[VOLUME]! + lots;
    bar[DELTA] = bar[DELTA]! + aggressor * lots;
    bar[TURNOVER] = bar[TURNOVER]! + ticks * lots;
  }

  onBook(market: Market): void {
    const bar = this.#at(market);
    const mid = market.features[MID]!;
    bar[SESSION_VWAP] = market.features[VWAP]!;
    if (Number.isNaN(mid)) return;
    if (Number.isNaN(bar[OPEN]!)) {
      bar[OPEN] = mid;
      bar[HIGH] = mid;
      bar[LOW] = mid;
    } else if (mid > bar[HIGH]!) bar[HIGH] = mid;
    else if (mid < bar[LOW]!) bar[LOW] = mid;
    bar[CLOSE] = mid;
  }

  /** The bar that is being made of a market; undefined while there is none, or while it has no price. */
  openBar(market: Market): Bar | undefined {
    const bar = this.#numbers[market.index];
    return bar !== undefined && bar[IS_OPEN] === 1 ? barOf(bar) : undefined;
  }

  snapshot(): readonly Float64Array[] {
    return this.#numbers.map((numbers) => numbers.slice());
  }

  restore(snapshot: readonly Float64Array[]): void {
    this.#numbers.length = snapshot.length;
    for (const [index, numbers] of snapshot.entries()) {
      this.#numbers[index] = numbers.slice();
      if (numbers[IS_OPEN] === 1) this.#setTimer(index, numbers[DUE]!);
    }
  }

  /** The numbers of the bar that the market's event belongs to, opened where it is not. */
  #at(market: Market): Float64Array {
    const bar = this.#numbers[market.index]!;
    if (market.tsEventUs < bar[START]! + MINUTE_US && bar[IS_OPEN] === 1) return bar;
    const startUs = market.tsEventUs - (market.tsEventUs % MINUTE_US);
    if (startUs !== bar[START]) {
      if (bar[IS_OPEN] === 1) this.#close(market.index);
      bar.fill(Number.NaN);
      bar[START] = startUs;
      bar[VOLUME] = 0;
      bar[DELTA] = 0;
      bar[TURNOVER] = 0;
      bar[TICK] = market.instrument.tickNano;
    }
    bar[IS_OPEN] = 1;
    bar[DUE] = Math.max(startUs + MINUTE_US, market.engineUs) + GRACE_US;
    this.#setTimer(market.index, bar[DUE]);
    return bar;
  }

  #setTimer(index: number, dueUs: number): void {
    this.#scheduler.at(dueUs, () => {
      const bar = this.#numbers[index]!;
      if (bar[IS_OPEN] === 1 && bar[DUE] === dueUs) this.#close(index);
    });
  }

  #close(index: number): void {
    const numbers = this.#numbers[index]!;
    numbers[IS_OPEN] = 0;
    const bar = barOf(numbers);
    if (bar !== undefined) this.#sink.onBar(this.#markets[index]!, bar, true);
  }
}

function barOf(numbers: Float64Array): Bar | undefined {
  const fromMids = !Number.isNaN(numbers[OPEN]!);
  const at = fromMids ? OPEN : TRADE_OPEN;
  if (Number.isNaN(numbers[at]!)) return undefined;
  const volume = numbers[VOLUME]!;
  return {
    startUs: numbers[START]!,
    open: numbers[at]!,
    high: numbers[at + 1]!,
    low: numbers[at + 2]!,
    close: numbers[at + 3]!,
    priceSource: fromMids ? 'mid' : 'trade',
    volume,
    delta: numbers[DELTA]!,
    vwap: volume > 0 ? (numbers[TURNOVER]! * numbers[TICK]!) / (volume * 1e9) : Number.NaN,
    sessionVwap: numbers[SESSION_VWAP]!,
  };
}
