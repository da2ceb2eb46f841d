import { FEATURE } from '../../shared/features.ts';
import { quotesOnly } from '../../shared/instruments.ts';
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
/** Sums of a dealer's quotes: mid × time and time, of the bar; from KEPT on what outlives a bar. */
const AREA = 16;
const TIME = 17;
const KEPT = 18;
const LAST_BID = 18;
const LAST_ASK = 19;
const LAST_MID = 20;
const LAST_US = 21;
const SESSION_AREA = 22;
const SESSION_TIME = 23;
/** Id of the open bar's timer; bars that close at the same time do so in the order of these. 0 while no bar is open. */
const TIMER = 24;
const NUMBERS = 25;
/** A quote that nothing follows is taken to stand for no longer. */
const MOST_STANDING_US = MINUTE_US;

/**
 * One-minute bars: open, high, low and close of the mid after each judged event, real traded volume, delta and VWAP. A bar
 * belongs to a minute of `tsEvent` and closes at the first event of a later minute, or by a timer half a second past its
 * end; a minute without an event has no bar. An event that comes for a minute whose bar has closed by the timer opens it
 * again, and it is told once more as a whole. Runs behind the feature stage, whose mid and session VWAP it reads.
 *
 * Where only quotes are told (`quotesOnly`), nobody sees the trades: volume is the number of times that bid or ask
 * changed, and the averages are weighed by the time that each mid stood, which is a TWAP and is called so.
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
    this.#numbers[market.index] ??= new Float64Array(NUMBERS).fill(Number.NaN, LAST_BID, LAST_US);
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
    if (quotesOnly(market.instrument)) quote(bar, market, mid);
    else bar[SESSION_VWAP] = market.features[VWAP]!;
    if (Number.isNaN(mid)) return;
    if (Number.isNaN(bar[OPEN]!)) {
      bar[OPEN] = mid;
      bar[HIGH] = mid;
      bar[LOW] = mid;
    } else if (mid > bar[HIGH]!) bar[HIGH] = mid;
    else if (mid < bar[LOW]!) bar[LOW] = mid;
    bar[CLOSE] = mid;
  }

  /** What a dealer quoted before a gap does not stand any longer. */
  onGap(market: Market): void {
    this.#numbers[market.index]![LAST_MID] = Number.NaN;
  }

  onTradeDate(market: Market): void {
    const bar = this.#numbers[market.index]!;
    bar[LAST_MID] = Number.NaN;
    bar[SESSION_AREA] = 0;
    bar[SESSION_TIME] = 0;
  }

  /** The bar that is being made of a market; undefined while there is none, or while it has no price. */
  openBar(market: Market): Bar | undefined {
    const bar = this.#numbers[market.index];
    return bar !== undefined && bar[IS_OPEN] === 1
      ? barOf(bar, quotesOnly(market.instrument), bar[LAST_US]!)
      : undefined;
  }

  /** Timers are told by their rank, which is the same however an engine came to its state. */
  snapshot(): readonly Float64Array[] {
    const ranks = this.#openByTimer();
    return this.#numbers.map((numbers, index) => {
      const saved = numbers.slice();
      saved[TIMER] = ranks.indexOf(index) + 1;
      return saved;
    });
  }

  restore(snapshot: readonly Float64Array[]): void {
    this.#numbers.length = snapshot.length;
    for (const [index, numbers] of snapshot.entries()) this.#numbers[index] = numbers.slice();
    for (const index of this.#openByTimer()) this.#setTimer(index, this.#numbers[index]![DUE]!);
  }

  /** Markets with an open bar, in the order in which their timers were set. */
  #openByTimer(): readonly number[] {
    const open = [...this.#numbers.keys()].filter((index) => this.#numbers[index]![IS_OPEN] === 1);
    return open.sort((a, b) => this.#numbers[a]![TIMER]! - this.#numbers[b]![TIMER]!);
  }

  /** The numbers of the bar that the market's event belongs to, opened where it is not. */
  #at(market: Market): Float64Array {
    const bar = this.#numbers[market.index]!;
    if (market.tsEventUs < bar[START]! + MINUTE_US && bar[IS_OPEN] === 1) return bar;
    const startUs = market.tsEventUs - (market.tsEventUs % MINUTE_US);
    if (startUs !== bar[START]) {
      if (bar[IS_OPEN] === 1) this.#close(market.index);
      bar.fill(Number.NaN, 0, KEPT);
      bar[START] = startUs;
      bar[VOLUME] = 0;
      bar[DELTA] = 0;
      bar[TURNOVER] = 0;
      bar[AREA] = 0;
      bar[TIME] = 0;
      bar[TICK] = market.instrument.tickNano;
    }
    bar[IS_OPEN] = 1;
    bar[DUE] = Math.max(startUs + MINUTE_US, market.engineUs) + GRACE_US;
    this.#setTimer(market.index, bar[DUE]);
    return bar;
  }

  #setTimer(index: number, dueUs: number): void {
    this.#numbers[index]![TIMER] = this.#scheduler.at(dueUs, () => {
      const bar = this.#numbers[index]!;
      if (bar[IS_OPEN] === 1 && bar[DUE] === dueUs) this.#close(index);
    });
  }

  #close(index: number): void {
    const numbers = this.#numbers[index]!;
    numbers[IS_OPEN] = 0;
    const market = this.#markets[index]!;
    const bar = barOf(numbers, quotesOnly(market.instrument), numbers[START]! + MINUTE_US);
    if (bar !== undefined) this.#sink.onBar(market, bar, true);
  }
}

/** Takes in a dealer's quote, up to which the last one stood. */
function quote(bar: Float64Array, market: Market, mid: number): void {
  const us = market.tsEventUs;
  const fromUs = bar[LAST_US]!;
  const last = bar[LAST_MID]!;
  if (!Number.isNaN(last) && us - fromUs <= MOST_STANDING_US) {
    const inBar = us - Math.max(fromUs, bar[START]!);
    bar[AREA] = bar[AREA]! + last * inBar;
    bar[TIME] = bar[TIME]! + inBar;
    bar[SESSION_AREA] = bar[SESSION_AREA]! + last * (us - fromUs);
    bar[SESSION_TIME] = bar[SESSION_TIME]! + (us - fromUs);
  }
  const { bidPrice, askPrice } = market.depth;
  if (bidPrice[0] !== bar[LAST_BID] || askPrice[0] !== bar[LAST_ASK]) bar[VOLUME] = bar[VOLUME]! + 1;
  bar[LAST_BID] = bidPrice[0]!;
  bar[LAST_ASK] = askPrice[0]!;
  bar[LAST_MID] = mid;
  bar[LAST_US] = us;
  bar[SESSION_VWAP] = bar[SESSION_TIME]! > 0 ? bar[SESSION_AREA]! / bar[SESSION_TIME]! : mid;
}

/** Average of the mids of a bar over the time that each stood, the last one until a time. */
function timeWeighted(bar: Float64Array, untilUs: number): number {
  const last = bar[LAST_MID]!;
  if (Number.isNaN(last)) return bar[AREA]! / bar[TIME]!;
  const rest = untilUs - bar[LAST_US]!;
  return bar[TIME]! + rest > 0 ? (bar[AREA]! + last * rest) / (bar[TIME]! + rest) : last;
}

/** @param untilUs time up to which the bar reaches now */
function barOf(numbers: Float64Array, quoted: boolean, untilUs: number): Bar | undefined {
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
    volumeType: quoted ? 'tick' : 'real',
    delta: numbers[DELTA]!,
    vwap: quoted
      ? timeWeighted(numbers, untilUs)
      : volume > 0
        ? (numbers[TURNOVER]! * numbers[TICK]!) / (volume * 1e9)
        : Number.NaN,
    sessionVwap: numbers[SESSION_VWAP]!,
  };
}
