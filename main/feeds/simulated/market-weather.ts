import { Random, type RandomSnapshot } from '../../core/clock/random.ts';
import { activityAt, releaseTimeWithin } from './day-rhythm.ts';
import type { MarketSpec } from './market-spec.ts';
import { REGIMES, type TruthRecord } from './truth.ts';

/** How often the weather moves on. */
export const WEATHER_STEP_US = 50_000;
const STEP_S = WEATHER_STEP_US / 1_000_000;
const SQRT_STEP = Math.sqrt(STEP_S);

/** By regime: volatility, event rate and depth relative to normal; mean stay beyond the least, in seconds; where it goes from there. */
const VOLATILITY = [0.45, 1, 2.3] as const;
const RATE = [0.6, 1, 1.9] as const;
const DEPTH = [1.3, 1, 0.55] as const;
const MEAN_STAY_S = [480, 660, 200] as const;
const LEAST_STAY_S = 60;
const NEXT = [
  [0, 0.85, 0.15],
  [0.5, 0, 0.5],
  [0.2, 0.8, 0],
] as const;

/** Seconds in which the market learns most of what moved the efficient price: what makes its flow predictive. */
const LEARNING_TAU_S = 2.8;
/** Trends: the drift of an efficient price reverts to zero with this time constant; its kick per square root second. */
const DRIFT_TAU_S = 120;
const DRIFT_KICK = 0.07;
const NEWS_TAU_S = 60;
const NEWS_BOOST = 6;
const RELEASE_CHANCE = 0.4;
/** In demo hours news comes by chance, about once in so many seconds. */
const DEMO_NEWS_MEAN_S = 1_500;
const THIN_MEAN_S = 1_200;
const THIN_LEAST_S = 20;
const THIN_MOST_S = 80;

interface WeatherState {
  regime: number;
  regimeEndsUs: number;
  regimeTruth: number;
  newsBoost: number;
  activity: number;
  readonly efficient: Float64Array;
  readonly known: Float64Array;
  readonly drift: Float64Array;
  readonly basisPips: Float64Array;
  readonly thinUntilUs: Float64Array;
  readonly thinTruth: Int32Array;
}

export interface WeatherSnapshot {
  readonly state: WeatherState;
  readonly random: RandomSnapshot;
}

/**
 * What all markets have in common and no book shows: the volatility regime, the day's rhythm, news, thin spells, the
 * wandering basis, and each market's hidden efficient price, a random walk with a slow drift, which its market makers learn of
 * with a delay and follow; part of every step is the dollar's and moves all three markets at once.
 */
export class MarketWeather {
  readonly #specs: readonly MarketSpec[];
  readonly #truth: TruthRecord[];
  readonly #demoHours: boolean;
  readonly #random: Random;
  #state: WeatherState;

  constructor(specs: readonly MarketSpec[], seed: number, startUs: number, demoHours: boolean, truth: TruthRecord[]) {
    this.#specs = specs;
    this.#truth = truth;
    this.#demoHours = demoHours;
    this.#random = new Random(seed, 1);
    this.#state = {
      regime: 1,
      regimeEndsUs: startUs + this.#stayUs(1),
      regimeTruth: truth.length,
      newsBoost: 0,
      activity: activityAt(startUs, demoHours),
      efficient: Float64Array.from(specs, (spec) => spec.startTicks + 0.5),
      known: Float64Array.from(specs, (spec) => spec.startTicks + 0.5),
      drift: new Float64Array(specs.length),
      basisPips: Float64Array.from(specs, (spec) => spec.spot.basisPips),
      thinUntilUs: new Float64Array(specs.length),
      thinTruth: new Int32Array(specs.length),
    };
    truth.push({ kind: 'regime', startUs, endUs: 0, regime: REGIMES[1] });
  }

  /** What the market makers know of the hidden efficient price, in ticks. */
  known(market: number): number {
    return this.#state.known[market]!;
  }

  /** Spot mid minus implied mid at present, in pips. */
  basisPips(market: number): number {
    return this.#state.basisPips[market]!;
  }

  /** Trading tells: an aggressor moves the efficient price for good, and the market learns of it. */
  impact(market: number, ticks: number): void {
    this.#state.efficient[market]! += ticks;
  }

  /** Event rate relative to normal busy hours. */
  rate(market: number): number {
    const { regime, activity, newsBoost } = this.#state;
    return RATE[regime]! * activity * (1 + newsBoost) * (this.isThin(market) ? 0.5 : 1);
  }

  /** Resting size relative to normal. */
  depth(market: number): number {
    const { regime, newsBoost } = this.#state;
    return (DEPTH[regime]! * (this.isThin(market) ? 0.3 : 1)) / (1 + 0.25 * newsBoost);
  }

  isThin(market: number): boolean {
    return this.#state.thinUntilUs[market]! > 0;
  }

  /** How eager people are for rare things (sweeps), relative to normal. */
  eagerness(): number {
    return VOLATILITY[this.#state.regime]! * this.#state.activity;
  }

  /** Moves on by one step to `us`. */
  step(us: number): void {
    const state = this.#state;
    state.activity = activityAt(us, this.#demoHours);
    state.newsBoost *= 1 - STEP_S / NEWS_TAU_S;
    if (us >= state.regimeEndsUs) this.#changeRegime(us);
    this.#maybeNews(us);
    const scale = VOLATILITY[state.regime]! * Math.sqrt(state.activity) * (1 + 0.3 * state.newsBoost) * SQRT_STEP;
    const dollar = this.#random.normal();
    for (let market = 0; market < this.#specs.length; market++) this.#moveMarket(market, us, scale, dollar);
  }

  snapshot(): WeatherSnapshot {
    return { state: structuredClone(this.#state), random: this.#random.snapshot() };
  }

  restore(snapshot: WeatherSnapshot): void {
    this.#state = structuredClone(snapshot.state);
    this.#random.restore(snapshot.random);
  }

  #moveMarket(market: number, us: number, scale: number, dollar: number): void {
    const state = this.#state;
    const spec = this.#specs[market]!;
    const share = spec.dollarShare;
    const own = this.#random.normal();
    const shock = share * dollar + Math.sqrt(1 - share * share) * own;
    const drift =
      state.drift[market]! * (1 - STEP_S / DRIFT_TAU_S) + DRIFT_KICK * STEP_S * spec.sigmaTicks * shock * 0.2;
    state.drift[market] = drift;
    state.efficient[market]! += spec.sigmaTicks * scale * shock + drift * STEP_S;
    state.known[market]! += (state.efficient[market]! - state.known[market]!) * (STEP_S / LEARNING_TAU_S);
    const away = spec.spot.basisPips - state.basisPips[market]!;
    state.basisPips[market]! += away * STEP_S * 0.005 + (this.#random.nextFraction() - 0.5) * 0.02;
    this.#thinSpell(market, us);
  }

  #thinSpell(market: number, us: number): void {
    const state = this.#state;
    const until = state.thinUntilUs[market]!;
    if (until > 0) {
      if (us < until) return;
      state.thinUntilUs[market] = 0;
      const record = this.#truth[state.thinTruth[market]!]!;
      if (record.kind === 'thin-spell') record.endUs = us;
      return;
    }
    if (!this.#random.chance(STEP_S / THIN_MEAN_S)) return;
    const seconds = THIN_LEAST_S + this.#random.nextFraction() * (THIN_MOST_S - THIN_LEAST_S);
    state.thinUntilUs[market] = us + Math.floor(seconds * 1e6);
    state.thinTruth[market] = this.#truth.length;
    this.#truth.push({ kind: 'thin-spell', root: this.#specs[market]!.root, startUs: us, endUs: 0 });
  }

  #changeRegime(us: number): void {
    const state = this.#state;
    const ended = this.#truth[state.regimeTruth]!;
    if (ended.kind === 'regime') ended.endUs = us;
    const draw = this.#random.nextFraction();
    const odds = NEXT[state.regime]!;
    state.regime = draw < odds[0] ? 0 : draw < odds[0] + odds[1] ? 1 : 2;
    state.regimeEndsUs = us + this.#stayUs(state.regime);
    state.regimeTruth = this.#truth.length;
    this.#truth.push({ kind: 'regime', startUs: us, endUs: 0, regime: REGIMES[state.regime]! });
  }

  #stayUs(regime: number): number {
    const seconds = LEAST_STAY_S + this.#random.exponential(1 / MEAN_STAY_S[regime]!);
    return Math.floor(seconds * 1e6);
  }

  #maybeNews(us: number): void {
    const random = this.#random;
    const scheduled = releaseTimeWithin(us - WEATHER_STEP_US, us) && random.chance(RELEASE_CHANCE);
    const surprise = this.#demoHours && random.chance(STEP_S / DEMO_NEWS_MEAN_S);
    if (!scheduled && !surprise) return;
    const dollarTicks = (random.chance(0.5) ? 1 : -1) * (scheduled ? 10 + random.nextInt(14) : 5 + random.nextInt(7));
    this.#state.newsBoost = scheduled ? NEWS_BOOST : NEWS_BOOST / 2;
    for (let market = 0; market < this.#specs.length; market++) {
      const { sigmaTicks, dollarShare } = this.#specs[market]!;
      this.#state.efficient[market]! += (dollarTicks * sigmaTicks * dollarShare) / 0.3;
    }
    this.#truth.push({ kind: 'news', startUs: us, endUs: us + NEWS_TAU_S * 1_000_000, dollarTicks });
  }
}
