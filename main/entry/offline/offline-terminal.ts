import type { Settings } from '../../../shared/settings.ts';
import { Engine } from '../../core/engine.ts';
import { OutputHash } from '../../core/output-hash.ts';
import type { MarketStage } from '../../core/ports.ts';
import type { TradeSink } from '../../core/trading-ports.ts';
import { FeatureStage } from '../../features/feature-stage.ts';
import { LAG_AT_ONCE } from '../../features/lag-thread.ts';
import { MinuteBars } from '../../features/minute-bars.ts';
import { createTradeLoop } from '../trade-loop.ts';

/** The engine with everything that a terminal has but a screen, a disk and a trader: what a replay runs. */
export class OfflineTerminal {
  readonly engine = new Engine({ continuity: 'live' });
  readonly hash = new OutputHash();
  #bars = 0;
  #signals = 0;
  #proposals = 0;
  #finished = false;

  constructor(settings: Settings) {
    const bars = new MinuteBars(this.engine.scheduler, {
      onBar: (market, bar, closed) => {
        this.#bars++;
        this.hash.onBar(market, bar, closed);
      },
    });
    this.engine.addStage(new FeatureStage());
    this.engine.addStage(bars);
    // Without a disk, what is said is durable at once; the answer is an input of its own, as it is with one.
    const journal = {
      append: () => undefined,
      whenDurable: (then: () => void) => {
        this.engine.scheduler.at(this.engine.nowUs, then);
      },
    };
    const loop = createTradeLoop(this.engine, settings, journal, this.#sink(), {
      calculator: LAG_AT_ONCE,
      told: (event) => this.hash.entry('lag', event),
    });
    this.engine.addStage(tradeDates(this.engine, (tradeDate) => loop.desk.onTradeDate(tradeDate)));
    this.engine.addStage(this.hash);
    loop.desk.open();
  }

  /** The input has ended: what its last minutes hold is put out. */
  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.engine.advanceTo(this.engine.nowUs + LAST_TIMERS_US);
  }

  /** What was taken in and put out, without times of this machine. */
  summary(): object {
    const { engine } = this;
    return {
      records: engine.inputSequence,
      gaps: engine.gaps,
      bars: this.#bars,
      signals: this.#signals,
      proposals: this.#proposals,
      markets: engine.markets.map(({ instrument, depthSchema, events, trades }) => ({
        id: instrument.venueId,
        rawSymbol: instrument.rawSymbol,
        depthSchema,
        events,
        trades,
      })),
      hash: this.hash.hex(),
    };
  }

  #sink(): TradeSink {
    const { hash } = this;
    return {
      ticket: (state) => hash.entry('ticket', state),
      signal: (row) => {
        this.#signals++;
        hash.entry('signal', row);
      },
      proposal: (proposal, event) => {
        if (event === 'proposed') this.#proposals++;
        hash.entry(`proposal ${event}`, proposal);
      },
      order: (row) => hash.entry('order', row),
      deal: (row) => hash.entry('deal', row),
      fill: (row) => hash.entry('fill', row),
      accountChanged: () => undefined,
      announce: (kind, words) => hash.entry('announcement', { kind, words }),
    };
  }
}

/** Time after the last record in which every bar that is open closes. */
const LAST_TIMERS_US = 61_000_000;

/** Tells the trade loop when a trade date turns, as the terminal does. */
function tradeDates(engine: Engine, turn: (tradeDate: string) => void): MarketStage {
  return {
    name: 'trade-dates',
    onTradeDate: (market) => turn(engine.session(market, market.tsEventUs).tradeDate),
    snapshot: () => undefined,
    restore: () => undefined,
  };
}
