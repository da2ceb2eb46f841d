import { impliedMid, type Link } from '../../shared/links.ts';
import { SECOND_US } from '../../shared/units.ts';
import { FrontContract, type FrontContractSnapshot } from '../core/front-contract.ts';
import type { LagEstimate, LagEvent } from '../core/lag-port.ts';
import type { Market } from '../core/market.ts';
import type { GapReason, MarketStage } from '../core/ports.ts';
import type { Scheduler } from '../core/scheduler.ts';
import type { MidSeries } from './hayashi-yoshida.ts';
import { MidRing, type MidRingSnapshot } from './mid-ring.ts';

const EVERY_US = 10 * SECOND_US;
/** What one measurement looks at. */
const LAG_WINDOW_US = 120 * SECOND_US;
/** Engine time after a question at which its answer counts: ample for the work, and the same live and in a replay. */
const ANSWER_US = 2 * SECOND_US;

/** Measures lags, here or elsewhere. */
export interface LagCalculator {
  /** Begins a measurement; what it returns gives the answer, undefined while it is not there. The series are not changed. */
  ask(signal: MidSeries, execution: MidSeries): () => LagEstimate | undefined;
}

interface LinkState {
  readonly link: Link;
  readonly front: FrontContract;
  /** Market by number; −1 while there is none. */
  execution: number;
  readonly implied: MidRing;
  readonly spot: MidRing;
}

interface Question {
  readonly link: number;
  readonly signal: MidSeries;
  readonly execution: MidSeries;
  readonly answer: () => LagEstimate | undefined;
}

/**
 * Measures how long each link's execution market follows its signal market. Keeps the changes of both mids; every ten
 * seconds of engine time it asks for the lag of the last two minutes, and two seconds later takes what has come back: at
 * a time fixed by the question, so that a replay decides the same. An answer that is not there by then is told as missing.
 * A market that stands still is not asked about. Mids before a gap are forgotten, for what moved meanwhile was not seen.
 */
export class LagStage implements MarketStage {
  readonly name = 'lags';
  readonly #scheduler: Scheduler;
  readonly #calculator: LagCalculator;
  readonly #sink: (event: LagEvent) => void;
  readonly #links: LinkState[];
  /** When the next question falls due; 0 = at the ten seconds after the next book. */
  #dueUs = 0;
  #askedUs = 0;
  #questions: readonly Question[] = [];

  constructor(
    links: readonly Link[],
    scheduler: Scheduler,
    calculator: LagCalculator,
    sink: (event: LagEvent) => void,
  ) {
    this.#scheduler = scheduler;
    this.#calculator = calculator;
    this.#sink = sink;
    this.#links = links.map((link) => ({
      link,
      front: new FrontContract(link.signalRoot),
      execution: -1,
      implied: new MidRing(),
      spot: new MidRing(),
    }));
  }

  /** Takes a market that may be one of a link's two; of several expiries the front contract is the link's. */
  onMarket(market: Market): void {
    for (const state of this.#links) {
      if (state.front.meet(market)) state.implied.clear();
      if (market.instrument.root === state.link.executionRoot) {
        state.execution = market.index;
        state.spot.clear();
      }
    }
  }

  onTrade(market: Market, _ticks: number, lots: number): void {
    for (let i = 0; i < this.#links.length; i++) {
      const { front, implied } = this.#links[i]!;
      if (front.trade(market, lots)) implied.clear();
    }
  }

  onTradeDate(market: Market): void {
    for (const { front } of this.#links) front.turn(market);
  }

  onBook(market: Market): void {
    const { depth, index } = market;
    if (!depth.twoSided || depth.crossed || market.gapped) return;
    for (let i = 0; i < this.#links.length; i++) {
      const state = this.#links[i]!;
      const signal = market === state.front.market;
      if (!signal && index !== state.execution) continue;
      const bid = market.price(depth.bidPrice[0]!);
      const ask = market.price(depth.askPrice[0]!);
      if (signal) state.implied.add(market.engineUs, impliedMid(state.link, bid, ask));
      else state.spot.add(market.engineUs, (bid + ask) / 2);
      if (this.#dueUs === 0) this.#askAt(market.engineUs - (market.engineUs % EVERY_US) + EVERY_US);
    }
  }

  onGap(market: Market, reason: GapReason): void {
    for (const state of this.#links) {
      if (market === state.front.market || market.index === state.execution) {
        state.implied.clear();
        state.spot.clear();
      }
      if (reason === 'roll') state.front.leave(market);
    }
  }

  snapshot(): LagStageSnapshot {
    return {
      dueUs: this.#dueUs,
      askedUs: this.#askedUs,
      questions: this.#questions.map(({ link, signal, execution }) => ({ link, signal, execution })),
      links: this.#links.map(({ front, execution, implied, spot }) => ({
        front: front.snapshot(),
        execution,
        implied: implied.snapshot(LAG_WINDOW_US),
        spot: spot.snapshot(LAG_WINDOW_US),
      })),
    };
  }

  restore(snapshot: LagStageSnapshot): void {
    for (const [index, saved] of snapshot.links.entries()) {
      const state = this.#links[index]!;
      state.front.restore(saved.front);
      state.execution = saved.execution;
      state.implied.restore(saved.implied);
      state.spot.restore(saved.spot);
    }
    this.#askedUs = snapshot.askedUs;
    this.#questions = snapshot.questions.map((question) => this.#question(question));
    if (this.#questions.length > 0) this.#answerAt(snapshot.askedUs);
    if (snapshot.dueUs === 0) this.#dueUs = 0;
    else this.#askAt(snapshot.dueUs);
  }

  #askAt(us: number): void {
    this.#dueUs = us;
    this.#scheduler.at(us, () => this.#ask(us));
  }

  #ask(us: number): void {
    this.#dueUs = 0;
    this.#askedUs = us;
    const questions: Question[] = [];
    for (const [link, { implied, spot }] of this.#links.entries()) {
      const signal = implied.since(us - LAG_WINDOW_US);
      const execution = spot.since(us - LAG_WINDOW_US);
      if (signal.timesUs.length === 0 || execution.timesUs.length === 0) continue;
      questions.push(this.#question({ link, signal, execution }));
    }
    this.#questions = questions;
    if (questions.length > 0) this.#answerAt(us);
  }

  #question(asked: Omit<Question, 'answer'>): Question {
    return { ...asked, answer: this.#calculator.ask(asked.signal, asked.execution) };
  }

  #answerAt(askedUs: number): void {
    this.#scheduler.at(askedUs + ANSWER_US, (atUs) => {
      const questions = this.#questions;
      this.#questions = [];
      for (const { link, answer } of questions) {
        this.#sink({ linkId: this.#links[link]!.link.id, askedUs, atUs, estimate: answer() ?? null });
      }
    });
  }
}

export interface LagStageSnapshot {
  readonly dueUs: number;
  readonly askedUs: number;
  readonly questions: readonly Omit<Question, 'answer'>[];
  readonly links: readonly {
    readonly front: FrontContractSnapshot;
    readonly execution: number;
    readonly implied: MidRingSnapshot;
    readonly spot: MidRingSnapshot;
  }[];
}
