import type { CalendarId, Instrument } from '../../shared/instruments.ts';
import type { TradingSession } from '../../shared/sessions.ts';
import { SessionCalendar, type SessionStretch } from './calendar/session-calendar.ts';
import { Market, type MarketSnapshot, type VenueStatus } from './market.ts';
import type { Aggressor, GapReason, MarketStage, Stateful } from './ports.ts';
import { Scheduler } from './scheduler.ts';

export interface EngineOptions {
  /**
   * `live`: the first book after a gap, clear, roll or halt contributes nothing to flow features. `file`: only the very
   * first book of a market does not, and trade dates do not turn; running sums then depend on nothing but the records.
   */
  readonly continuity: 'live' | 'file';
}

/**
 * The one synchronous dispatch loop. Sources call it record by record in arrival order; it moves engine time, fires the
 * timers that are due, and runs the stages. What it does is a function of the calls made on it: it reads no clock, and all
 * it knows is in `snapshot()`.
 */
export class Engine implements Stateful<EngineSnapshot> {
  readonly scheduler = new Scheduler();
  readonly markets: Market[] = [];
  readonly #continuity: 'live' | 'file';
  readonly #stages: MarketStage[] = [];
  /** Those that take in depth record by record. */
  readonly #recordStages: MarketStage[] = [];
  readonly #calendars: Readonly<Record<CalendarId, SessionCalendar>> = {
    'cme-globex-fx': new SessionCalendar('cme-globex-fx'),
    'fx-spot': new SessionCalendar('fx-spot'),
    crypto: new SessionCalendar('crypto'),
  };
  /** Of each market by its index: the session of its last event, and the stretch in which that is still the answer. */
  readonly #sessions: (TradingSession | undefined)[] = [];
  readonly #stretches: (SessionStretch | undefined)[] = [];
  readonly #byVenueId = new Map<number, Market>();
  /** When the input arrives that `arrived()` takes in, µs since the epoch. */
  arrivalUs = Number.NaN;
  #nowUs = 0;
  #inputs = 0;
  #gaps = 0;

  constructor(options: EngineOptions) {
    this.#continuity = options.continuity;
  }

  /** Engine time: the greatest arrival time so far, µs since the epoch; 0 before the first input. */
  get nowUs(): number {
    return this.#nowUs;
  }

  /** Inputs taken in: the position that journal entries refer to. */
  get inputSequence(): number {
    return this.#inputs;
  }

  /** Holes in markets since the start; what is reported of a hole that is still open counts once. */
  get gaps(): number {
    return this.#gaps;
  }

  /** Adds a stage behind the others. All stages are added before the first input. */
  addStage(stage: MarketStage): void {
    if (this.#inputs > 0) throw new Error(`stage ${stage.name} comes after the first input`);
    this.#stages.push(stage);
    if (stage.onDepthRecord !== undefined) this.#recordStages.push(stage);
  }

  /** Market of a venue's id, or undefined. The publisher tells venues apart that use the same numbers. */
  marketOf(publisherId: number, venueId: number): Market | undefined {
    return this.#byVenueId.get(publisherId * 4_294_967_296 + venueId);
  }

  /** Creates the market of an instrument, or gives the one that is there its newer description. */
  addMarket(instrument: Instrument): Market {
    const key = instrument.publisherId * 4_294_967_296 + instrument.venueId;
    const known = this.#byVenueId.get(key);
    if (known !== undefined) {
      known.instrument = instrument;
      this.#stretches[known.index] = undefined;
      return known;
    }
    const market = new Market(this.markets.length, instrument);
    this.markets.push(market);
    this.#byVenueId.set(key, market);
    this.#sessions.push(undefined);
    this.#stretches.push(undefined);
    for (const stage of this.#stages) stage.onMarket?.(market);
    return market;
  }

  /** Where a market stands in its trading day at a time, by its calendar and the venue's own word. */
  session(market: Market, us: number): TradingSession {
    const calendar = this.#calendars[market.instrument.calendar];
    return market.venueStatus === 'unknown'
      ? calendar.sessionAt(us)
      : calendar.sessionAt(us, { status: market.venueStatus, sinceUs: market.statusSinceUs });
  }

  /**
   * One input arrives: counts it and moves engine time to max(now, arrival), firing every timer that falls due on the way,
   * at its own due time, and every timer that was set for a time already reached.
   */
  arrive(localUs: number): void {
    this.arrivalUs = localUs;
    this.arrived();
  }

  /** The same for the input of `arrivalUs`, for callers who compute a time for every record and so would have it boxed. */
  arrived(): void {
    this.#inputs++;
    const us = this.arrivalUs > this.#nowUs ? this.arrivalUs : this.#nowUs;
    if (this.scheduler.nextDueUs <= us) this.#fireUntil(us);
    if (us > this.#nowUs) this.#nowUs = us;
  }

  /** Moves engine time forward without an input; live, a wall timer calls it so that timers fire on a quiet market. */
  advanceTo(us: number): void {
    if (this.scheduler.nextDueUs <= us) this.#fireUntil(us);
    if (us > this.#nowUs) this.#nowUs = us;
  }

  /** A record of ten-level depth, before it changes the book. @param at word of the record in `words` */
  depthRecord(market: Market, words: Int32Array, at: number): void {
    const stages = this.#recordStages;
    for (let i = 0; i < stages.length; i++) stages[i]!.onDepthRecord!(market, words, at);
  }

  /** A trade print. @param lots > 0 */
  trade(market: Market, tsEventUs: number, tsRecvUs: number, ticks: number, lots: number, aggressor: Aggressor): void {
    stamp(market, tsEventUs, tsRecvUs);
    this.#trade(market, ticks, lots, aggressor);
  }

  #trade(market: Market, ticks: number, lots: number, aggressor: Aggressor): void {
    this.#follow(market);
    market.trades++;
    market.lastTradeTicks = ticks;
    market.lastTradeLots = lots;
    market.lastTradeSide = aggressor;
    const stages = this.#stages;
    for (let i = 0; i < stages.length; i++) stages[i]!.onTrade?.(market, ticks, lots, aggressor);
  }

  /**
   * An event of the market is complete (Databento's LAST): the book is judged.
   * @param clean false when the venue itself doubts the book: it is judged, but the gap stays open
   */
  endEvent(market: Market, tsEventUs: number, tsRecvUs: number, clean: boolean): void {
    stamp(market, tsEventUs, tsRecvUs);
    this.#judge(market, clean);
  }

  #judge(market: Market, clean: boolean): void {
    this.#follow(market);
    market.events++;
    if (clean) market.gapped = false;
    const stages = this.#stages;
    for (let i = 0; i < stages.length; i++) stages[i]!.onBook?.(market);
    market.fresh = false;
    market.depth.settle();
  }

  /** The book of the market is lost or void; it is trusted again after the next complete event. */
  gap(market: Market, reason: GapReason): void {
    if (reason !== 'clear') {
      if (!market.gapped) this.#gaps++;
      market.gapped = true;
    }
    if (this.#continuity === 'file') return;
    market.fresh = true;
    for (const stage of this.#stages) stage.onGap?.(market, reason);
  }

  /**
   * The venue's word on trading, which wins over the calendar until the calendar's next change. When trading starts again,
   * be it straight from a halt or through a pre-open, the book may have moved without trades: that is a gap.
   */
  status(market: Market, status: VenueStatus, sinceUs: number): void {
    const resumed = status === 'trading' && market.venueStatus !== 'trading' && market.venueStatus !== 'unknown';
    market.venueStatus = status;
    market.statusSinceUs = sinceUs;
    if (resumed) this.gap(market, 'halt');
  }

  snapshot(): EngineSnapshot {
    return {
      nowUs: this.#nowUs,
      inputs: this.#inputs,
      gaps: this.#gaps,
      markets: this.markets.map((market) => market.snapshot()),
      sessions: [...this.#sessions],
      stages: this.#stages.map((stage) => ({ name: stage.name, state: stage.snapshot() })),
    };
  }

  /**
   * Continues from a snapshot taken of an engine with the same stages, whatever this engine has been through: timers of
   * its former future are forgotten, and so are markets that the snapshot does not have.
   */
  restore(snapshot: EngineSnapshot): void {
    this.#nowUs = snapshot.nowUs;
    this.scheduler.clear();
    this.#forgetMarkets(snapshot.markets.length);
    for (const [index, state] of snapshot.markets.entries()) {
      this.addMarket(state.instrument).restore(state);
      this.#sessions[index] = snapshot.sessions[index];
      this.#stretches[index] = undefined;
    }
    for (const [index, { name, state }] of snapshot.stages.entries()) {
      const stage = this.#stages[index];
      if (stage?.name !== name)
        throw new Error(`snapshot has stage ${name} where the engine has ${stage?.name ?? 'none'}`);
      stage.restore(state);
    }
    this.#inputs = snapshot.inputs;
    this.#gaps = snapshot.gaps;
  }

  /** Takes out the markets from an index on; each is made anew when it appears again. */
  #forgetMarkets(from: number): void {
    for (const { instrument } of this.markets.slice(from)) {
      this.#byVenueId.delete(instrument.publisherId * 4_294_967_296 + instrument.venueId);
    }
    if (this.markets.length <= from) return;
    this.markets.length = from;
    this.#sessions.length = from;
    this.#stretches.length = from;
  }

  /** Brings engine time and trading session of a market up to its stamped event. */
  #follow(market: Market): void {
    market.engineUs = this.#nowUs;
    // Compared here, not asked of the calendar: a time handed on as an argument may be boxed on the heap, event for event.
    const stretch = this.#stretches[market.index];
    if (stretch !== undefined && market.tsEventUs >= stretch.fromUs && market.tsEventUs < stretch.toUs) return;
    this.#enterSession(market);
  }

  #enterSession(market: Market): void {
    const stretch = this.#calendars[market.instrument.calendar].stretchAt(market.tsEventUs);
    this.#stretches[market.index] = stretch;
    const { session } = stretch;
    const before = this.#sessions[market.index];
    this.#sessions[market.index] = session;
    if (this.#continuity === 'live' && before !== undefined && before.tradeDate !== session.tradeDate) {
      for (const stage of this.#stages) stage.onTradeDate?.(market);
    }
  }

  #fireUntil(us: number): void {
    const moveTo = (dueUs: number) => {
      if (dueUs > this.#nowUs) this.#nowUs = dueUs;
    };
    while (this.scheduler.fireNext(us, moveTo));
  }
}

/**
 * Times go into the market's fields here, in functions small enough to be compiled into their callers: a time handed on as
 * an argument would be boxed on the heap for every event.
 */
function stamp(market: Market, tsEventUs: number, tsRecvUs: number): void {
  if (tsEventUs > market.tsEventUs) market.tsEventUs = tsEventUs;
  market.venueUs = tsEventUs;
  market.tsRecvUs = tsRecvUs;
}

export interface EngineSnapshot {
  readonly nowUs: number;
  readonly inputs: number;
  readonly gaps: number;
  readonly markets: readonly MarketSnapshot[];
  readonly sessions: readonly (TradingSession | undefined)[];
  readonly stages: readonly { readonly name: string; readonly state: unknown }[];
}
