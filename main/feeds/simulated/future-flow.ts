import type { DbnRecordWriter } from '../../codec/dbn/write-record.ts';
import { Random, type RandomSnapshot } from '../../core/clock/random.ts';
import type { Arrival } from './arrival.ts';
import { FutureBook, type FutureBookSnapshot } from './future-book.ts';
import type { MarketSpec } from './market-spec.ts';
import type { MarketWeather } from './market-weather.ts';
import { PlantedIcebergs, type PlantedIcebergsSnapshot } from './planted-icebergs.ts';
import type { TruthRecord } from './truth.ts';

/** Lots of an order, all entries equally likely: mostly ones and twos, now and then a large one. */
const ORDER_LOTS = repeated([
  [1, 12],
  [2, 7],
  [3, 4],
  [4, 2],
  [5, 3],
  [8, 1],
  [10, 1],
  [15, 1],
  [25, 1],
]);
/** Depth of an order event: a draw of 0..63 from a table that decays with depth. */
const EVENT_DEPTH = repeated([19, 13, 9, 6, 5, 4, 3, 2, 2, 1].map((times, depth) => [depth, times]));

/** Shares of events. */
const MARKET_SHARE = 0.042;
const MODIFY_SHARE = 0.05;
/** Chance that an event in a wide book is a better price. */
const IMPROVE_CHANCE = 0.72;
const IMPROVE_CHANCE_THIN = 0.25;
/** A best level of so few lots is sometimes taken whole; a level that refills is sometimes taken beyond its display. */
const CLEARED_LOTS = 12;
const CLEAR_CHANCE = 0.12;
const PROBE_CHANCE = 0.35;
/** How much more is traded while an iceberg stands at the best price: someone knows that there is size. */
const ICEBERG_TRADING = 4;
/** Distance of what is known of the efficient price from the mid, in ticks, at which everyone leans fully to one side. */
const FULL_LEAN_TICKS = 0.9;
/** From this distance on whole levels are pulled. */
const PULL_TICKS = 2.5;
/** Permanent impact of a lot on the efficient price, in ticks, at the event rate below; it shrinks with its root. */
const IMPACT_PER_LOT = 0.018;
const IMPACT_EVENTS_PER_SECOND = 60;
/** Mean seconds from one planted sweep to the next in normal busy hours. */
const SWEEP_MEAN_S = 300;

interface FlowState {
  nextUs: number;
  latencyUs: number;
  sweepAtUs: number;
}

export interface FlowSnapshot {
  readonly state: FlowState;
  readonly book: FutureBookSnapshot;
  readonly icebergs: PlantedIcebergsSnapshot;
  readonly random: RandomSnapshot;
}

/**
 * Order flow of one future: adds, cancels, changes and market orders come as a Poisson stream. Levels are pulled back to
 * their usual sizes (zero intelligence, after Smith, Farmer, Gillemot and Krishnamurthy 2003); on top of that everyone
 * leans a little towards the hidden efficient price: buyers lift more offers when it lies above the mid, bids thicken,
 * offers thin out. The book therefore tilts before the price goes, as in real ones. Times are microseconds of the run.
 */
export class FutureFlow {
  readonly book: FutureBook;
  readonly #icebergs: PlantedIcebergs;
  readonly #market: number;
  readonly #spec: MarketSpec;
  readonly #weather: MarketWeather;
  readonly #arrival: Arrival;
  readonly #truth: TruthRecord[];
  readonly #random: Random;
  readonly #eventsPerUs: number;
  readonly #impactPerLot: number;
  readonly #startUs: number;
  #state: FlowState;

  constructor(
    market: number,
    spec: MarketSpec,
    seed: number,
    startUs: number,
    eventsPerSecond: number,
    weather: MarketWeather,
    arrival: Arrival,
    truth: TruthRecord[],
  ) {
    this.#market = market;
    this.#spec = spec;
    this.#weather = weather;
    this.#arrival = arrival;
    this.#truth = truth;
    this.#startUs = startUs;
    this.#eventsPerUs = eventsPerSecond / 1_000_000;
    this.#impactPerLot = IMPACT_PER_LOT * Math.min(1, Math.sqrt(IMPACT_EVENTS_PER_SECOND / eventsPerSecond));
    this.#random = new Random(seed, spec.instrumentId);
    this.book = new FutureBook(spec, this.#random.nextUint32() | 0);
    this.#icebergs = new PlantedIcebergs(this.book, spec.root, startUs, this.#random, truth);
    this.#state = {
      nextUs: 0,
      latencyUs: 0,
      sweepAtUs: this.#random.exponential(1 / SWEEP_MEAN_S) * 1e6,
    };
    this.schedule(0);
  }

  /** When the next event happens. */
  get nextUs(): number {
    return this.#state.nextUs;
  }

  /** When the next event arrives if nothing comes between. */
  get arrivalUs(): number {
    return this.#arrival.arrivalUs(this.#state.nextUs, this.#state.latencyUs);
  }

  /** Draws the time of the next event after `us`; also how trading resumes. */
  schedule(us: number): void {
    const { bid, ask } = this.book.ladder;
    const hurry = ask - bid > 1 ? 2.5 : 1;
    const rate = this.#eventsPerUs * this.#weather.rate(this.#market) * hurry;
    this.#state.nextUs = us + this.#random.exponential(rate);
    this.#state.latencyUs = this.#arrival.latencyUs();
  }

  /** Nothing happens any more until `schedule`. */
  pause(): void {
    this.#state.nextUs = Number.POSITIVE_INFINITY;
  }

  /** Lets the next event happen and schedules the one after it. */
  step(out: DbnRecordWriter): void {
    const state = this.#state;
    const us = state.nextUs;
    const sequence = this.#arrival.stamp(out, us, state.latencyUs);
    this.#happen(out, us, sequence);
    this.schedule(us);
  }

  snapshot(): FlowSnapshot {
    return {
      state: { ...this.#state },
      book: this.book.snapshot(),
      icebergs: this.#icebergs.snapshot(),
      random: this.#random.snapshot(),
    };
  }

  restore(snapshot: FlowSnapshot): void {
    this.#state = { ...snapshot.state };
    this.book.restore(snapshot.book);
    this.#icebergs.restore(snapshot.icebergs);
    this.#random.restore(snapshot.random);
  }

  #happen(out: DbnRecordWriter, us: number, sequence: number): void {
    const state = this.#state;
    const { bid, ask } = this.book.ladder;
    const distance = this.#weather.known(this.#market) - (bid + ask) / 2;
    const lean = distance > FULL_LEAN_TICKS ? 1 : distance < -FULL_LEAN_TICKS ? -1 : distance / FULL_LEAN_TICKS;
    this.#icebergs.settle(us, this.#weather.eagerness());
    if (us >= state.sweepAtUs) this.#sweep(out, us, sequence, lean);
    else if (this.#icebergs.isDue(us)) this.#icebergs.plant(out, us, sequence, this.#arrival.tsInDeltaNs);
    else if (ask - bid > 1 && this.#random.chance(this.#improveChance())) this.#improve(out, sequence, lean);
    else if (this.#random.chance(this.#marketChance(lean))) this.#marketOrder(out, us, sequence, lean);
    else this.#levelEvent(out, sequence, lean, distance);
  }

  #improveChance(): number {
    return this.#weather.isThin(this.#market) ? IMPROVE_CHANCE_THIN : IMPROVE_CHANCE;
  }

  #marketChance(lean: number): number {
    const tempted = this.#icebergs.isBest();
    return MARKET_SHARE * (1 + 0.6 * Math.abs(lean)) * (tempted ? ICEBERG_TRADING : 1);
  }

  #improve(out: DbnRecordWriter, sequence: number, lean: number): void {
    const { bid, ask } = this.book.ladder;
    const isBid = this.#random.chance(0.5 + 0.46 * lean);
    const lots = this.#orderLots() + 1 + this.#random.nextInt(3);
    this.book.add(out, sequence, this.#arrival.tsInDeltaNs, isBid, isBid ? bid + 1 : ask - 1, lots);
  }

  #marketOrder(out: DbnRecordWriter, us: number, sequence: number, lean: number): void {
    const { ladder, iceberg } = this.book;
    const isBuy = this.#random.chance(0.5 + 0.43 * lean);
    const price = isBuy ? ladder.ask : ladder.bid;
    const available = ladder.size(price);
    const patience = this.#random.nextFraction();
    let lots = this.#orderLots();
    if (iceberg?.price === price && iceberg.isBid !== isBuy && patience < PROBE_CHANCE) {
      lots += available;
    } else if (available <= CLEARED_LOTS && patience < CLEAR_CHANCE) {
      lots = available;
    }
    this.#execute(out, us, sequence, isBuy, lots, lots > CLEARED_LOTS ? 2 : 1);
  }

  #sweep(out: DbnRecordWriter, us: number, sequence: number, lean: number): void {
    const random = this.#random;
    const { ladder } = this.book;
    this.#state.sweepAtUs = us + random.exponential(this.#weather.eagerness() / SWEEP_MEAN_S) * 1e6;
    const isBuy = random.chance(0.5 + 0.43 * lean);
    const levels = 3 + random.nextInt(3);
    let lots = 0;
    for (let depth = 0; depth < levels; depth++) lots += ladder.size(ladder.priceAt(!isBuy, depth));
    this.#execute(out, us, sequence, isBuy, lots, levels);
    const { execution } = this.book;
    const startUs = this.#startUs + Math.floor(us);
    const direction = isBuy ? 1 : -1;
    this.#weather.impact(this.#market, direction * levels * 0.5 * random.nextFraction());
    if (execution.levels < 3) return;
    const { root } = this.#spec;
    this.#truth.push({
      kind: 'sweep',
      root,
      startUs,
      endUs: startUs,
      direction,
      levels: execution.levels,
      lots: execution.lots,
    });
  }

  #execute(out: DbnRecordWriter, us: number, sequence: number, isBuy: boolean, lots: number, levels: number): void {
    const { book } = this;
    const depthFactor = this.#weather.depth(this.#market);
    book.execute(out, sequence, this.#arrival.tsInDeltaNs, isBuy, lots, levels, depthFactor);
    const told = Math.min(book.execution.lots, 20) * this.#impactPerLot;
    this.#weather.impact(this.#market, isBuy ? told : -told);
    if (book.execution.atIceberg > 0) this.#icebergs.traded(book.execution.atIceberg, us);
  }

  #levelEvent(out: DbnRecordWriter, sequence: number, lean: number, distance: number): void {
    const random = this.#random;
    const { book } = this;
    const { ladder } = book;
    const word = random.nextUint32();
    const isBid = (word & 1) === 0;
    const depth = EVENT_DEPTH[(word >>> 1) & 63]!;
    const price = ladder.priceAt(isBid, depth);
    const size = ladder.size(price);
    const depthFactor = this.#weather.depth(this.#market);
    const target = book.target(price, depth, depthFactor);
    const favour = isBid ? lean : -lean;
    const nearness = depth === 0 ? 0.28 : depth < 3 ? 0.1 : 0.02;
    const adding = 0.5 + (0.55 * (target - size)) / (target + size) + nearness * favour;
    const tsInDelta = this.#arrival.tsInDeltaNs;
    const threatened = depth === 0 && (isBid ? distance < -PULL_TICKS : distance > PULL_TICKS);
    const draw = random.nextFraction();
    const kept = book.restingIceberg(isBid, price);
    const most = depth === 0 ? size - kept : size - Math.max(1, kept);
    const usual = Math.max(1, Math.round(size / ladder.count(price)));
    if (threatened && most > 0) {
      book.cancel(out, sequence, tsInDelta, isBid, price, most, depthFactor);
    } else if (draw < adding || most < 1) {
      book.add(out, sequence, tsInDelta, isBid, price, this.#orderLots());
    } else if (draw > 1 - MODIFY_SHARE && size > 2) {
      const delta = usual > 1 && (word & 0x10000) !== 0 ? -1 : 1;
      book.modify(out, sequence, tsInDelta, isBid, price, usual + delta, delta);
    } else {
      const wanted = Math.max(1, Math.floor(usual * (0.5 + random.nextFraction())));
      book.cancel(out, sequence, tsInDelta, isBid, price, Math.min(wanted, most), depthFactor);
    }
  }

  #orderLots(): number {
    return ORDER_LOTS[this.#random.nextUint32() & 31]!;
  }
}

/** A table to draw from: each value as often as it is said. */
function repeated(parts: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap(([value, times]) => new Array<number>(times!).fill(value!)));
}
