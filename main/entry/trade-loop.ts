import { DEFAULT_LINKS } from '../../shared/links.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Engine } from '../core/engine.ts';
import type { JournalEntry } from '../core/journal/journal-entry.ts';
import type { LagEvent } from '../core/lag-port.ts';
import type { Journal, TradeSink } from '../core/trading-ports.ts';
import { AccountBook } from '../execution/account-book.ts';
import { type Recovered, recoverAccount } from '../execution/account-recovery.ts';
import { Flatten } from '../execution/flatten.ts';
import { OrderDesk } from '../execution/order-desk.ts';
import { PaperBroker } from '../execution/paper-broker.ts';
import { ProposalBuilder } from '../execution/proposal-builder.ts';
import { Ticket } from '../execution/ticket.ts';
import { TradingDesk } from '../execution/trading-desk.ts';
import { type LagCalculator, LagStage } from '../features/lag-stage.ts';
import { CurrencyRates } from '../risk/currency-rates.ts';
import { PreTradeDesk } from '../risk/pre-trade-desk.ts';
import { LeadSignal } from '../signals/lead-signal.ts';

/** The parts of the trade loop that others talk to. */
export interface TradeLoop {
  readonly desk: TradingDesk;
  readonly book: AccountBook;
  readonly ticket: Ticket;
  readonly risk: PreTradeDesk;
  readonly signals: LeadSignal;
  readonly broker: PaperBroker;
  /** Takes up what an earlier run left: account, deals, working entries, all from its journal. Starts disarmed. */
  recover(entries: readonly JournalEntry[]): Recovered;
}

/** How the lags of the links are measured, and who else is told of them. */
export interface LagParts {
  readonly calculator: LagCalculator;
  readonly told?: (event: LagEvent) => void;
}

/** Wires links, signal, risk, ticket, orders and paper broker onto an engine; adds the stages that they need to it. */
export function createTradeLoop(
  engine: Engine,
  settings: Settings,
  journal: Journal,
  sink: TradeSink,
  lags: LagParts,
): TradeLoop {
  const { account, risk: limits, paper, proposal } = settings;
  const rates = new CurrencyRates(engine, account.currency, limits.staleAfterMs * 1000);
  const risk = new PreTradeDesk(settings, rates);
  const book = new AccountBook({
    name: 'Paper',
    currency: account.currency,
    startingBalanceMinor: account.startingBalanceMinor,
  });
  const ticket = new Ticket({ deafUs: proposal.confirmDeafMs * 1000 });
  const orders = new OrderDesk(engine, book, journal, sink);
  const desk = new TradingDesk({
    engine,
    settings,
    ticket,
    book,
    orders,
    flatten: new Flatten(engine, book, orders, sink),
    proposals: new ProposalBuilder(engine, settings, risk, book),
    journal,
    sink,
    executionOf: (linkId) => signals.trackers().find((tracker) => tracker.link.id === linkId)?.execution,
  });
  const signals = new LeadSignal(DEFAULT_LINKS, settings, (signal) => desk.onSignal(signal));
  const broker = new PaperBroker(
    engine,
    {
      latencyUs: paper.latencyMs * 1000,
      slippageTicks: paper.slippageTicks,
      staleAfterUs: limits.staleAfterMs * 1000,
      accountCurrency: account.currency,
      rate: (currency) => rates.rate(currency),
    },
    (report) => desk.onReport(report),
  );
  const lagStage = new LagStage(DEFAULT_LINKS, engine.scheduler, lags.calculator, (event) => {
    // A replay measures again what was measured; what came too late it can't know.
    if (event.estimate === null) journal.append('lag-missing', { linkId: event.linkId, askedUs: event.askedUs });
    signals.onLag(event);
    lags.told?.(event);
  });
  engine.addStage(broker);
  engine.addStage(lagStage);
  engine.addStage(signals);
  orders.connect(broker);
  return {
    desk,
    book,
    ticket,
    risk,
    signals,
    broker,
    recover: (entries) => {
      const recovered = recoverAccount(entries, book);
      broker.restore({
        working: recovered.working,
        deals: book.openDeals().map(({ id, market, side, lots, openTicks, stopTicks, targetTicks }) => {
          return { id, market, side, lots, openTicks, stopTicks, targetTicks };
        }),
        nextId: book.highestId + 1,
      });
      broker.passOver(entries.at(-1)?.atUs ?? 0);
      orders.connect(broker);
      for (const order of recovered.inFlight) {
        const reason = 'the engine stopped before the paper broker acted';
        desk.onReport({ type: 'rejected', orderId: order.id, reason, atUs: engine.nowUs });
      }
      return recovered;
    },
  };
}
