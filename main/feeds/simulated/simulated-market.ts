import type { DbnRecordWriter } from '../../codec/dbn/write-record.ts';
import { SessionCalendar } from '../../core/calendar/session-calendar.ts';
import { Arrival, type ArrivalSnapshot } from './arrival.ts';
import { type FlowSnapshot, FutureFlow } from './future-flow.ts';
import { MARKET_SPECS, type MarketSpec, SIMULATED_FUTURES_PUBLISHER, SIMULATED_SPOT_PUBLISHER } from './market-spec.ts';
import { MarketWeather, WEATHER_STEP_US, type WeatherSnapshot } from './market-weather.ts';
import { writeDefinitions, writeMetadata, writeStatus } from './prologue.ts';
import { SpotQuotes, type SpotSnapshot } from './spot-quotes.ts';
import type { TruthRecord } from './truth.ts';

/** Where files start unless told otherwise: a Wednesday at 13:00 UTC, London and New York both at work. */
export const DEFAULT_SIMULATION_START_US = Date.UTC(2026, 10, 18, 13) * 1000;

export interface SimulatedMarketOptions {
  /** Integer; the same seed and options give the same bytes. */
  readonly seed: number;
  /** Integer microseconds since the epoch. */
  readonly startUs: number;
  /** How long spot quotes follow their future. */
  readonly lagUs: number;
  /** Depth events per second and future in the normal regime at busy hours. */
  readonly eventsPerSecond: number;
  /** Which futures, with their spot pairs; all three when left out. */
  readonly products?: readonly MarketSpec['root'][];
  /** Spot minus implied mid in pips by future root, where it should differ from the usual. */
  readonly basisPips?: Readonly<Partial<Record<MarketSpec['root'], number>>>;
  /** Demo hours: trade through breaks and weekends at the activity of a busy day. */
  readonly alwaysOpen: boolean;
}

export interface SimulatedMarketSnapshot {
  readonly arrival: ArrivalSnapshot;
  readonly weather: WeatherSnapshot;
  readonly flows: readonly FlowSnapshot[];
  readonly spots: readonly SpotSnapshot[];
  readonly truth: readonly TruthRecord[];
  readonly nextWeatherUs: number;
  readonly open: boolean;
}

/**
 * A market made up from a seed: depth of 6E, 6B and 6J, and the spot quotes that follow them, as DBN version 3 records in
 * the order of their arrival. A discrete-event simulation: whichever source has the earliest next event goes first, and
 * an event's time and latency are drawn when it is scheduled, so that the bytes do not depend on how far one call of
 * `advanceTo` goes. Not a model to trade by: its order flow does predict its prices, by construction.
 */
export class SimulatedMarket {
  readonly #startUs: number;
  readonly #alwaysOpen: boolean;
  readonly #specs: readonly MarketSpec[];
  readonly #arrival: Arrival;
  readonly #weather: MarketWeather;
  readonly #flows: readonly FutureFlow[];
  readonly #spots: readonly SpotQuotes[];
  readonly #calendar = new SessionCalendar('cme-globex-fx');
  readonly #truth: TruthRecord[] = [];
  #nextWeatherUs: number;
  #open: boolean;

  constructor(options: SimulatedMarketOptions) {
    const { seed, startUs, lagUs, eventsPerSecond, alwaysOpen } = options;
    this.#startUs = startUs;
    this.#alwaysOpen = alwaysOpen;
    this.#specs = chosenSpecs(options);
    this.#arrival = new Arrival(startUs, seed);
    this.#weather = new MarketWeather(this.#specs, seed, startUs, alwaysOpen, this.#truth);
    this.#flows = this.#specs.map(
      (spec, market) =>
        new FutureFlow(market, spec, seed, startUs, eventsPerSecond, this.#weather, this.#arrival, this.#truth),
    );
    this.#spots = this.#specs.map((spec) => new SpotQuotes(spec, seed, lagUs, this.#arrival));
    for (const spec of this.#specs) {
      this.#truth.push({ kind: 'lag', root: spec.root, startUs, lagUs, basisPips: spec.spot.basisPips });
    }
    this.#nextWeatherUs = Math.ceil((startUs + 1) / WEATHER_STEP_US) * WEATHER_STEP_US - startUs;
    this.#open = this.#tradesAt(startUs);
    if (!this.#open) this.#pause(startUs);
  }

  /** Metadata, definitions, symbol mappings, statuses and the first books as snapshot images: the start of a stream. */
  prologue(out: DbnRecordWriter): number {
    let records = 0;
    writeMetadata(out, this.#specs, this.#startUs);
    this.#arrival.stamp(out, 0, 0);
    for (const spec of this.#specs) records += writeDefinitions(out, spec, this.#startUs);
    for (const spec of this.#specs) records += writeStatus(out, spec, this.#open);
    for (let market = 0; market < this.#specs.length; market++) records += this.#firstBook(out, market);
    return records;
  }

  /** Writes every record that has arrived by `us` (microseconds since the epoch) and not been written. Returns how many. */
  advanceTo(us: number, out: DbnRecordWriter): number {
    const untilUs = us - this.#startUs;
    const markets = this.#specs.length;
    let records = 0;
    for (;;) {
      let source = -1;
      let nextUs = this.#nextWeatherUs;
      for (let market = 0; market < markets; market++) {
        const flowUs = this.#flows[market]!.nextUs;
        if (flowUs < nextUs) {
          nextUs = flowUs;
          source = market;
        }
        const spotUs = this.#spots[market]!.nextUs;
        if (spotUs < nextUs) {
          nextUs = spotUs;
          source = markets + market;
        }
      }
      if (source < 0) {
        if (nextUs > untilUs) return records;
        records += this.#stepWeather(out);
      } else if (source < markets) {
        if (this.#flows[source]!.arrivalUs > untilUs) return records;
        records += this.#stepFuture(source, out);
      } else {
        const spot = source - markets;
        if (this.#spots[spot]!.arrivalUs > untilUs) return records;
        out.instrument(SIMULATED_SPOT_PUBLISHER, this.#specs[spot]!.spot.instrumentId);
        records += this.#spots[spot]!.step(out);
      }
    }
  }

  /** What was planted so far, in order of its start. */
  truth(): readonly TruthRecord[] {
    return this.#truth;
  }

  snapshot(): SimulatedMarketSnapshot {
    return {
      arrival: this.#arrival.snapshot(),
      weather: this.#weather.snapshot(),
      flows: this.#flows.map((flow) => flow.snapshot()),
      spots: this.#spots.map((spot) => spot.snapshot()),
      truth: structuredClone(this.#truth),
      nextWeatherUs: this.#nextWeatherUs,
      open: this.#open,
    };
  }

  /** Continues where a snapshot of a market with the same options was taken. */
  restore(snapshot: SimulatedMarketSnapshot): void {
    this.#arrival.restore(snapshot.arrival);
    this.#weather.restore(snapshot.weather);
    for (const [market, flow] of this.#flows.entries()) flow.restore(snapshot.flows[market]!);
    for (const [market, spot] of this.#spots.entries()) spot.restore(snapshot.spots[market]!);
    this.#truth.length = 0;
    for (const record of structuredClone(snapshot.truth)) this.#truth.push(record);
    this.#nextWeatherUs = snapshot.nextWeatherUs;
    this.#open = snapshot.open;
  }

  #firstBook(out: DbnRecordWriter, market: number): number {
    const spec = this.#specs[market]!;
    const { book } = this.#flows[market]!;
    out.instrument(SIMULATED_FUTURES_PUBLISHER, spec.instrumentId);
    book.image(out, this.#arrival.stamp(out, 0, 0), 0);
    out.instrument(SIMULATED_SPOT_PUBLISHER, spec.spot.instrumentId);
    const { bid, ask } = book.ladder;
    return 1 + this.#spots[market]!.image(out, bid, ask, this.#weather.basisPips(market));
  }

  #stepFuture(market: number, out: DbnRecordWriter): number {
    const flow = this.#flows[market]!;
    const { book } = flow;
    const { bid, ask } = book.ladder;
    const before = book.records;
    const us = flow.nextUs;
    out.instrument(SIMULATED_FUTURES_PUBLISHER, this.#specs[market]!.instrumentId);
    flow.step(out);
    if (book.ladder.bid !== bid || book.ladder.ask !== ask) {
      const widening = 2 - Math.min(1, this.#weather.depth(market));
      const basis = this.#weather.basisPips(market);
      this.#spots[market]!.follow(us, book.ladder.bid, book.ladder.ask, basis, widening);
    }
    return book.records - before;
  }

  #stepWeather(out: DbnRecordWriter): number {
    const at = this.#nextWeatherUs;
    const us = this.#startUs + at;
    this.#nextWeatherUs = at + WEATHER_STEP_US;
    const trades = this.#tradesAt(us);
    if (trades) this.#weather.step(us);
    if (trades === this.#open) return 0;
    this.#open = trades;
    this.#arrival.stamp(out, at, 0);
    if (trades) for (const flow of this.#flows) flow.schedule(at);
    else this.#pause(us);
    let records = 0;
    for (const spec of this.#specs) records += writeStatus(out, spec, trades);
    return records;
  }

  /** Nothing happens until the calendar opens again. */
  #pause(us: number): void {
    for (const flow of this.#flows) flow.pause();
    for (const spot of this.#spots) spot.clear();
    this.#nextWeatherUs = this.#opensUs(us) - this.#startUs;
  }

  #tradesAt(us: number): boolean {
    if (this.#alwaysOpen) return true;
    const { phase } = this.#calendar.sessionAt(us);
    return phase === 'open' || phase === 'unknown';
  }

  #opensUs(us: number): number {
    let at = us;
    while (!this.#tradesAt(at)) at = this.#calendar.sessionAt(at).changesUs;
    return at;
  }
}

function chosenSpecs(options: SimulatedMarketOptions): MarketSpec[] {
  const { products, basisPips } = options;
  return MARKET_SPECS.filter((spec) => products === undefined || products.includes(spec.root)).map((spec) => ({
    ...spec,
    spot: { ...spec.spot, basisPips: basisPips?.[spec.root] ?? spec.spot.basisPips },
  }));
}
