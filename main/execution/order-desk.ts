import type { DealRow, Proposal } from '../../shared/trading.ts';
import type { Engine } from '../core/engine.ts';
import type { Broker, BrokerReport, Journal, OrderIntent, TradeSink } from '../core/trading-ports.ts';
import type { AccountBook } from './account-book.ts';

/** The opening half of a reversal, sent only when every close before it has been filled. */
interface Reversal {
  readonly closing: Set<string>;
  readonly open: OrderIntent;
}

/**
 * Sends orders and takes reports. An intent is in the account book and durable in the journal before the broker hears of
 * it. A reversal is two steps: the closes first, the opening order only after they have been filled.
 */
export class OrderDesk {
  readonly #engine: Engine;
  readonly #book: AccountBook;
  readonly #journal: Journal;
  readonly #sink: TradeSink;
  readonly #reversals: Reversal[] = [];
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
    const closes = this.#closes(proposal.market, proposal.side, proposal.closesLots);
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

  /** Asks for the cancellation of working entries; protective stops and targets stay. Returns how many. */
  cancelEntries(market?: number): number {
    const entries = this.#book.workingEntries(market);
    this.#reversals.splice(
      0,
      this.#reversals.length,
      ...this.#reversals.filter((reversal) => market !== undefined && reversal.open.market !== market),
    );
    for (const order of entries) {
      this.#journal.append('cancel-intent', { orderId: order.id });
      const row = this.#book.mark(order.id, 'cancel-sent', this.#engine.nowUs);
      if (row !== undefined) this.#sink.order(row);
      this.#broker?.cancel(order.id);
    }
    return entries.length;
  }

  /** Asks for other protective levels of a deal. */
  amend(deal: DealRow, stopTicks: number | null, targetTicks: number | null): void {
    this.#journal.append('amend-intent', { dealId: deal.id, stopTicks, targetTicks });
    this.#broker?.amend(deal.id, stopTicks, targetTicks);
  }

  /** Takes a broker report into journal, book and screen. */
  report(report: BrokerReport): void {
    this.#journal.append('broker-report', report);
    const changes = this.#book.apply(report);
    if (changes.order !== undefined) this.#sink.order(changes.order);
    if (changes.deal !== undefined) this.#sink.deal(changes.deal);
    if (changes.fill !== undefined) this.#sink.fill(changes.fill);
    if (changes.words !== '') this.#sink.announce(report.type === 'rejected' ? 'fault' : 'order', changes.words);
    this.#sink.accountChanged();
    this.#advanceReversals(report);
  }

  #advanceReversals(report: BrokerReport): void {
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
    this.#journal.whenDurable(() => {
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

  /** Oldest deals against the side until the lots are covered; deals are closed whole. */
  #closes(market: number, side: 'buy' | 'sell', lots: number): readonly DealRow[] {
    const chosen: DealRow[] = [];
    let left = lots;
    for (const deal of this.#book.openDeals(market)) {
      if (left <= 0) break;
      if (deal.side === side || deal.state !== 'open') continue;
      chosen.push(deal);
      left -= deal.lots;
    }
    return chosen;
  }

  #id(): string {
    return `O${this.#nextId++}`;
  }
}
