import { Engine } from '../../main/core/engine.ts';
import type { JournalEntry } from '../../main/core/journal/journal-entry.ts';
import type { Market } from '../../main/core/market.ts';
import type { MarketStage } from '../../main/core/ports.ts';
import type { BrokerReport, Journal, OrderIntent, TradeSink } from '../../main/core/trading-ports.ts';
import { AccountBook } from '../../main/execution/account-book.ts';
import { Flatten } from '../../main/execution/flatten.ts';
import { OrderDesk } from '../../main/execution/order-desk.ts';
import { PaperBroker } from '../../main/execution/paper-broker.ts';
import { ProposalBuilder } from '../../main/execution/proposal-builder.ts';
import { Ticket } from '../../main/execution/ticket.ts';
import { TradingDesk } from '../../main/execution/trading-desk.ts';
import { CurrencyRates } from '../../main/risk/currency-rates.ts';
import { PreTradeDesk } from '../../main/risk/pre-trade-desk.ts';
import { FEATURE } from '../../shared/features.ts';
import { instrumentOf } from '../../shared/instruments.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../shared/settings.ts';
import type { Proposal, TicketState } from '../../shared/trading.ts';

/** 18 November 2026, 14:00 UTC: all three calendars are open. */
const START_US = Date.UTC(2026, 10, 18, 14) * 1000;
const SIMULATED_SPOT = 65_002;
const ROOTS = ['EURUSD', 'GBPUSD', 'USDJPY'] as const;
export type Root = (typeof ROOTS)[number];
/** Half a pip of spread around these bids, in ticks of a tenth of a pip. */
export const BIDS: Readonly<Record<Root, number>> = { EURUSD: 108_420, GBPUSD: 131_000, USDJPY: 152_000 };
const SPREAD_TICKS = 6;

/** The defaults, with the bound on the age of a quote that these tests count with. */
export const SETTINGS: Settings = { ...DEFAULT_SETTINGS, risk: { ...DEFAULT_SETTINGS.risk, staleAfterMs: 2_000 } };

/** Puts the features that the risk desk reads into the vector: mid, and a volatility that the test chooses. */
class GivenFeatures implements MarketStage {
  readonly name = 'given-features';
  /** One-minute volatility in ticks; NaN while warming up. */
  volatilityTicks = 19.9;

  onBook(market: Market): void {
    const { depth, features } = market;
    const mid = depth.twoSided ? (depth.bidPrice[0]! + depth.askPrice[0]!) / 2 : Number.NaN;
    features[FEATURE.mid] = market.price(mid);
    features[FEATURE.volatility1m] = this.volatilityTicks / mid;
  }

  snapshot(): undefined {
    return undefined;
  }

  restore(): void {}
}

/** A journal in memory; while `held`, nothing becomes durable. */
export class MemoryJournal implements Journal {
  readonly entries: JournalEntry[] = [];
  held = false;
  #waiting: (() => void)[] = [];
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  append(type: string, data: object): void {
    this.entries.push({
      v: 1,
      n: this.entries.length + 1,
      input: this.#engine.inputSequence,
      atUs: this.#engine.nowUs,
      type,
      data: structuredClone(data),
    });
  }

  whenDurable(then: () => void): void {
    if (this.held) this.#waiting.push(then);
    else then();
  }

  release(): void {
    this.held = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const then of waiting) then();
  }
}

/** A trade loop on a simulated clock with spot quotes that the test moves. */
export class TradeRig {
  readonly engine = new Engine({ continuity: 'live' });
  readonly features = new GivenFeatures();
  readonly journal: MemoryJournal;
  readonly book: AccountBook;
  readonly ticket: Ticket;
  readonly orders: OrderDesk;
  readonly flatten: Flatten;
  readonly risk: PreTradeDesk;
  readonly proposals: ProposalBuilder;
  readonly desk: TradingDesk;
  readonly broker: PaperBroker;
  readonly settings: Settings;
  readonly reports: BrokerReport[] = [];
  readonly submitted: OrderIntent[] = [];
  readonly told: { kind: string; words: string }[] = [];
  readonly proposalEvents: { id: string; event: string }[] = [];
  ticketState: TicketState | undefined;
  /** Answers a submission in the broker's place: true = it was dealt with. */
  intercept: ((intent: OrderIntent) => boolean) | undefined;

  constructor(settings: Settings = SETTINGS) {
    this.settings = settings;
    const { engine } = this;
    this.journal = new MemoryJournal(engine);
    const rates = new CurrencyRates(engine, 'USD', settings.risk.staleAfterMs * 1000);
    this.risk = new PreTradeDesk(settings, rates);
    this.book = new AccountBook({
      name: 'Paper',
      currency: 'USD',
      startingBalanceMinor: settings.account.startingBalanceMinor,
    });
    this.ticket = new Ticket({ deafUs: settings.proposal.confirmDeafMs * 1000 });
    const sink = this.#sink();
    this.orders = new OrderDesk(engine, this.book, this.journal, sink);
    this.flatten = new Flatten(engine, this.book, this.orders, sink);
    this.proposals = new ProposalBuilder(engine, settings, this.risk, this.book);
    this.desk = new TradingDesk({
      engine,
      settings,
      ticket: this.ticket,
      book: this.book,
      orders: this.orders,
      flatten: this.flatten,
      proposals: this.proposals,
      journal: this.journal,
      sink,
      executionOf: (linkId) => engine.markets.find((market) => linkId.endsWith(market.instrument.root ?? '?')),
    });
    this.broker = new PaperBroker(
      engine,
      {
        latencyUs: settings.paper.latencyMs * 1000,
        slippageTicks: settings.paper.slippageTicks,
        staleAfterUs: settings.risk.staleAfterMs * 1000,
        accountCurrency: 'USD',
        rate: (currency) => rates.rate(currency),
      },
      (report) => {
        this.reports.push(report);
        this.desk.onReport(report);
      },
    );
    engine.addStage(this.features);
    engine.addStage(this.broker);
    this.orders.connect({
      submit: (intent) => {
        this.submitted.push(intent);
        if (this.intercept?.(intent) !== true) this.broker.submit(intent);
      },
      cancel: (orderId) => this.broker.cancel(orderId),
      amend: (dealId, stop, target) => this.broker.amend(dealId, stop, target),
    });
    engine.arrive(START_US);
    for (const [id, root] of ROOTS.entries()) {
      const market = engine.addMarket(instrumentOf(root, SIMULATED_SPOT, id, undefined));
      market.depthSchema = 'mbp-1';
      this.quote(root, BIDS[root]);
    }
    this.desk.open();
  }

  market(root: Root = 'EURUSD'): Market {
    return this.engine.markets[ROOTS.indexOf(root)]!;
  }

  /** A quote of one pair now. */
  quote(root: Root, bidTicks: number, askTicks = bidTicks + SPREAD_TICKS): void {
    const market = this.market(root);
    this.engine.arrive(this.engine.nowUs);
    market.depth.setBid(0, bidTicks, 1_000, 1);
    market.depth.setAsk(0, askTicks, 1_000, 1);
    this.engine.endEvent(market, this.engine.nowUs, this.engine.nowUs, true);
  }

  /** Lets time pass with every pair quoted again each 100 ms where it stands. */
  wait(ms: number): void {
    const untilUs = this.engine.nowUs + ms * 1000;
    while (this.engine.nowUs < untilUs) {
      this.engine.arrive(Math.min(untilUs, this.engine.nowUs + 100_000));
      for (const market of this.engine.markets) {
        market.engineUs = this.engine.nowUs;
        this.engine.endEvent(market, this.engine.nowUs, this.engine.nowUs, true);
      }
    }
  }

  command: TradingDesk['command'] = (name, params) => {
    this.engine.arrive(this.engine.nowUs);
    return this.desk.command(name, params);
  };

  arm(): void {
    this.command('arm', { armed: true });
  }

  stage(side: 'buy' | 'sell', extra: { type?: 'market' | 'limit'; reverse?: boolean; root?: Root } = {}): string {
    const { type = 'market', reverse, root = 'EURUSD' } = extra;
    const answer = this.command('stage', { linkId: `x-${root}`, side, type, ...(reverse && { reverse }) });
    return 'refused' in answer ? answer.refused : answer.words;
  }

  /** Confirms what is on the ticket, as drawn. */
  confirm(): string {
    const active = this.ticket.active;
    const answer = this.command('confirm', {
      ticketId: active?.id ?? 'none',
      revision: active?.revision ?? 0,
      heldKey: false,
    });
    return 'refused' in answer ? answer.refused : answer.words;
  }

  /** Stages, waits out the deaf time, confirms and waits for the broker. */
  trade(side: 'buy' | 'sell', extra: Parameters<TradeRig['stage']>[1] = {}): string {
    this.stage(side, extra);
    this.wait(400);
    const words = this.confirm();
    this.wait(100);
    return words;
  }

  lots(preset: 1 | 2 | 3 | 4 | 5): void {
    this.command('sizePreset', { preset });
  }

  /** A proposal of the signal kind, built from the book as it is. */
  signalled(side: 'buy' | 'sell', root: Root = 'EURUSD'): void {
    this.desk.onSignal({
      id: `S${this.engine.nowUs}`,
      linkId: `x-${root}`,
      name: 'Lead',
      execution: this.market(root),
      side,
      strength: 1,
      remainingPips: 3,
      reasons: [],
      atUs: this.engine.nowUs,
    });
  }

  get active(): Proposal {
    const active = this.ticket.active;
    if (active === null) throw new Error(`no ticket; told: ${JSON.stringify(this.told.slice(-3))}`);
    return active;
  }

  #sink(): TradeSink {
    return {
      ticket: (state) => {
        this.ticketState = state;
      },
      signal: () => undefined,
      proposal: ({ id }, event) => this.proposalEvents.push({ id, event }),
      order: () => undefined,
      deal: () => undefined,
      fill: () => undefined,
      accountChanged: () => undefined,
      announce: (kind, words) => this.told.push({ kind, words }),
    };
  }
}
