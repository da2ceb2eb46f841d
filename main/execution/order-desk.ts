import type { DealRow, Proposal } from '../../shared/trading.ts';
import type { Engine } from '../core/engine.ts';
import type { Broker, BrokerReport, Journal, OrderIntent, TradeSink } from '../core/trading-ports.ts';
import type { AccountBook } from './account-book.ts';
import { coveringDeals, dealsAgainst } from './closing.ts';

/** An entry that the journal took longer than this to make durable is not sent: its price belongs to another moment. */
const MOST_WAIT_US = 2_000_000;

/** The opening half of a reversal, sent only when every close before it has been filled. */
interface Reversal {
  readonly closing: Set<string>;
  readonly open: OrderIntent;
}

/**
 * Sends orders and takes reports. An intent is in the account book and durable in the journal before the broker hears of
 * it. A reversal is two steps: the closes first, the opening order only after they have been filled. An entry that was not
 * handed to the broker yet can be withdrawn at any moment.
 */
export class OrderDesk {
  readonly #engine: Engine;
  readonly #book: AccountBook;
  readonly #journal: Journal;
  readonly #sink: TradeSink;
  #reversals: Reversal[] = [];
  /** Intents that wait to be durable, by order id. */
  readonly #unsent = new Map<string, OrderIntent>();
  #broker: Broker | undefined;
  #nextId = 1;

  constructor(engine: Engine, book: AccountBook, journal: Journal, sink: TradeSink) {
    this.#engine = engine;
    this.#book = book;
    this.#journal = journal;
    this.#sink = sink;
  }

  /** The broker, which reports to this desk and therefore comes after it. */
  connect(broker: Broker): void {
    this.#broker = broker;
    this.#nextId = this.#book.highestId + 1;
  }

  /** Carries out a confirmed proposal: closes what it closes, then opens what it opens. */
  execute(proposal: Proposal): void {
    const open = proposal.opensLots > 0 ? this.#opening(proposal) : undefined;
    const against = dealsAgainst(this.#book, proposal.market, proposal.side);
    const closes = coveringDeals(against, proposal.closesLots);
    if (open === undefined || closes.length === 0) {
      for (const deal of closes) this.close(deal);
      if (open !== undefined) this.#send(open);
      return;
    }
    const closing = new Set(closes.map((deal) => this.close(deal)));
    this.#reversals.push({ closing, open });
  }

  /** Closes one deal at market; its stop and target go with it at the broker. Returns the order id. */
  close(deal: DealRow): string {
    const intent: OrderIntent = {
      orderId: this.#id(),
      market: deal.market,
      side: deal.side === 'buy' ? 'sell' : 'buy',
      type: 'market',
      lots: deal.lots,
      limitTicks: null,
      stopTicks: null,
      targetTicks: null,
      dealId: deal.id,
      riskMinor: 0,
    };
    this.#send(intent);
    const closing = this.#book.deal(deal.id);
    if (closing !== undefined) this.#sink.deal(closing);
    return intent.orderId;
  }

  /**
   * Cancels entries, of one market or of all: asks the broker where he has them, withdraws what he has not. Protective
   * stops and targets stay. Returns how many.
   */
  cancelEntries(market?: number): number {
    const withdrawn = this.withdraw('cancelled before it was sent', market);
    const entries = this.#book.workingEntries(market);
    for (const order of entries) {
      this.#journal.append('cancel-intent', { orderId: order.id });
      const row = this.#book.mark(order.id, 'cancel-sent', this.#engine.nowUs);
      if (row !== undefined) this.#sink.order(row);
      this.#broker?.cancel(order.id);
    }
    return withdrawn + entries.length;
  }

  /** Takes back every entry that the broker has not heard of, opening halves of reversals included. Returns how many. */
  withdraw(reason: string, market?: number): number {
    const dropped = this.#reversals.filter(({ open }) => market === undefined || open.market === market);
    this.#reversals = this.#reversals.filter((reversal) => !dropped.includes(reversal));
    const unsent = [...this.#unsent.values()].filter(
      (intent) => intent.dealId === null && (market === undefined || intent.market === market),
    );
    for (const { orderId } of unsent) this.#settle('cancelled', orderId, reason);
    return dropped.length + unsent.length;
  }

  /** Asks for other protective levels of a deal. */
  amend(deal: DealRow, stopTicks: number | null, targetTicks: number | null): void {
    this.#journal.append('amend-intent', { dealId: deal.id, stopTicks, targetTicks });
    this.#broker?.amend(deal.id, stopTicks, targetTicks);
  }

  /**
   * Starts again after the engine was put to another time: what had not reached the broker is rejected, ids go on after
   * those of the account book.
   */
  reset(): void {
    this.#reversals = [];
    this.#unsent.clear();
    this.#nextId = this.#book.highestId + 1;
    for (const order of this.#book.unsentOrders()) {
      this.#settle('rejected', order.id, 'the engine went to another time before it was sent');
    }
  }

  /** Takes a broker report into journal, book and screen. `advance` follows once its consequences are drawn. */
  report(report: BrokerReport): void {
    this.#journal.append('broker-report', report);
    const changes = this.#book.apply(report);
    if (changes.order !== undefined) this.#sink.order(changes.order);
    if (changes.deal !== undefined) this.#sink.deal(changes.deal);
    if (changes.fill !== undefined) this.#sink.fill(changes.fill);
    const market = this.#engine.markets[(changes.deal ?? changes.order)?.market ?? -1];
    const where = market === undefined ? '' : `${market.instrument.label}: `;
    if (changes.words !== '')
      this.#sink.announce(report.type === 'rejected' ? 'fault' : 'order', where + changes.words);
    this.#sink.accountChanged();
  }

  /** Goes on with the reversals that waited for a report; sends nothing that was withdrawn meanwhile. */
  advance(report: BrokerReport): void {
    const orderId = report.type === 'deal-closed' ? report.orderId : report.type === 'rejected' ? report.orderId : null;
    if (orderId === null) return;
    for (let i = this.#reversals.length - 1; i >= 0; i--) {
      const reversal = this.#reversals[i]!;
      if (!reversal.closing.delete(orderId)) continue;
      if (report.type === 'rejected') {
        this.#reversals.splice(i, 1);
        this.#sink.announce('caution', 'The reversal stopped: a close was rejected, so nothing new was opened.');
      } else if (reversal.closing.size === 0) {
        this.#reversals.splice(i, 1);
        this.#send(reversal.open);
      }
    }
  }

  #send(intent: OrderIntent): void {
    this.#sink.order(this.#book.intend(intent, this.#engine.nowUs));
    this.#journal.append('order-intent', intent);
    this.#unsent.set(intent.orderId, intent);
    const sinceUs = this.#engine.nowUs;
    this.#journal.whenDurable(() => {
      if (this.#unsent.get(intent.orderId) !== intent) return;
      const waitedUs = this.#engine.nowUs - sinceUs;
      if (intent.dealId === null && waitedUs > MOST_WAIT_US) {
        this.#settle('rejected', intent.orderId, `the journal took ${Math.round(waitedUs / 1000)} ms; it was not sent`);
        return;
      }
      this.#unsent.delete(intent.orderId);
      const row = this.#book.mark(intent.orderId, 'sent', this.#engine.nowUs);
      if (row === undefined) return;
      this.#sink.order(row);
      this.#broker?.submit(intent);
    });
  }

  #opening(proposal: Proposal): OrderIntent {
    return {
      orderId: this.#id(),
      market: proposal.market,
      side: proposal.side,
      type: proposal.type,
      lots: proposal.opensLots,
      limitTicks: proposal.type === 'limit' ? proposal.entryTicks : null,
      stopTicks: proposal.stopTicks,
      targetTicks: proposal.targetTicks,
      dealId: null,
      riskMinor: proposal.riskMinor,
    };
  }

  /** Ends an order that never reached the broker. */
  #settle(type: 'cancelled' | 'rejected', orderId: string, reason: string): void {
    this.#unsent.delete(orderId);
    this.report({ type, orderId, reason, atUs: this.#engine.nowUs });
  }

  #id(): string {
    return `O${this.#nextId++}`;
  }
}
