import { type Currency, formatMoney } from '../../shared/money.ts';
import type { AccountState, DealRow, FillRow, OrderRow, Side } from '../../shared/trading.ts';
import type { BrokerReport, OrderIntent } from '../core/trading-ports.ts';

/** What a report changed, for screen and store. */
export interface BookChanges {
  readonly order?: OrderRow;
  readonly deal?: DealRow;
  readonly fill?: FillRow;
  readonly words: string;
}

export interface AccountBookOptions {
  readonly name: string;
  readonly currency: Currency;
  readonly startingBalanceMinor: number;
}

/**
 * Orders, deals and money, folded from intents and broker reports. Nothing else changes them, so that folding the journal
 * again after a crash gives the same deals, orders and balance.
 */
export class AccountBook {
  readonly #options: AccountBookOptions;
  readonly #orders = new Map<string, OrderRow>();
  readonly #deals = new Map<string, DealRow>();
  #balanceMinor: number;
  #realisedTodayMinor = 0;
  #rToday = 0;
  #dealsToday = 0;
  #tradeDate = '';
  #locked = false;
  #lockReason = '';
  #highestId = 0;

  constructor(options: AccountBookOptions) {
    this.#options = options;
    this.#balanceMinor = options.startingBalanceMinor;
  }

  /** Greatest number in an id so far; ids continue after it. */
  get highestId(): number {
    return this.#highestId;
  }

  get balanceMinor(): number {
    return this.#balanceMinor;
  }

  get realisedTodayMinor(): number {
    return this.#realisedTodayMinor;
  }

  get locked(): boolean {
    return this.#locked;
  }

  get lockReason(): string {
    return this.#lockReason;
  }

  /** Account as published. @param openMinor result of the open deals at current quotes */
  state(openMinor: number): AccountState {
    return {
      id: 'account',
      name: this.#options.name,
      currency: this.#options.currency,
      balanceMinor: this.#balanceMinor,
      realisedTodayMinor: this.#realisedTodayMinor,
      openMinor,
      rToday: this.#rToday,
      dealsToday: this.#dealsToday,
      locked: this.#locked,
      lockReason: this.#lockReason,
    };
  }

  order(id: string): OrderRow | undefined {
    return this.#orders.get(id);
  }

  deal(id: string): DealRow | undefined {
    return this.#deals.get(id);
  }

  /** Deals that are open or being closed, oldest first; of one market or of all. */
  openDeals(market?: number): readonly DealRow[] {
    return [...this.#deals.values()].filter(
      (deal) => deal.state !== 'closed' && (market === undefined || deal.market === market),
    );
  }

  /** Opening orders that may still fill; of one market or of all. */
  workingEntries(market?: number): readonly OrderRow[] {
    return [...this.#orders.values()].filter(
      (order) => order.purpose === 'open' && isLive(order) && (market === undefined || order.market === market),
    );
  }

  /** Signed open lots of a market, long positive. */
  netLots(market: number): number {
    return this.openDeals(market).reduce((net, deal) => net + (deal.side === 'buy' ? deal.lots : -deal.lots), 0);
  }

  /** Orders that were intended and not handed to the broker yet. */
  unsentOrders(): readonly OrderRow[] {
    return [...this.#orders.values()].filter((order) => order.state === 'intended');
  }

  /** Lots of the opening orders of a market and side that may still fill. */
  pendingLots(market: number, side: Side): number {
    return this.workingEntries(market).reduce((lots, order) => lots + (order.side === side ? order.lots : 0), 0);
  }

  /**
   * A new trade date (ISO): the day's results start again and a day lock ends. Dates only go forward: markets that turn at
   * different hours cannot take a lock back. Returns whether it turned.
   */
  turnTradeDate(tradeDate: string): boolean {
    if (tradeDate <= this.#tradeDate) return false;
    this.#tradeDate = tradeDate;
    this.#realisedTodayMinor = 0;
    this.#rToday = 0;
    this.#dealsToday = 0;
    this.#locked = false;
    this.#lockReason = '';
    return true;
  }

  lock(reason: string): void {
    this.#locked = true;
    this.#lockReason = reason;
  }

  /** An order of ours exists from its intent on, before anything was sent. */
  intend(intent: OrderIntent, atUs: number): OrderRow {
    this.#number(intent.orderId);
    const deal = intent.dealId === null ? undefined : this.#deals.get(intent.dealId);
    if (deal?.state === 'open') this.#setDeal(deal, { state: 'closing' });
    const row: OrderRow = {
      id: intent.orderId,
      market: intent.market,
      side: intent.side,
      type: intent.type,
      purpose: intent.dealId === null ? 'open' : 'close',
      dealId: intent.dealId,
      lots: intent.lots,
      filledLots: 0,
      limitTicks: intent.limitTicks,
      averageTicks: null,
      stopTicks: intent.stopTicks,
      targetTicks: intent.targetTicks,
      state: 'intended',
      reason: '',
      createdUs: atUs,
      updatedUs: atUs,
    };
    this.#orders.set(row.id, row);
    return row;
  }

  /** Marks an order that is on its way to the broker, or whose cancellation is. */
  mark(orderId: string, state: 'sent' | 'cancel-sent' | 'unknown', atUs: number): OrderRow | undefined {
    const order = this.#orders.get(orderId);
    if (order === undefined || !isLive(order) || (state === 'sent' && order.state !== 'intended')) return undefined;
    return this.#setOrder(order, { state, updatedUs: atUs });
  }

  /**
   * Folds one broker report. What is said of an order or deal that has ended already changes nothing: a fill is a fact that
   * no later word takes back, and money is booked once.
   */
  apply(report: BrokerReport): BookChanges {
    switch (report.type) {
      case 'accepted': {
        const order = this.#must(report.orderId);
        if (!isLive(order)) return NOTHING;
        const state = order.state === 'cancel-sent' ? order.state : 'working';
        return { order: this.#setOrder(order, { state, updatedUs: report.atUs }), words: '' };
      }
      case 'rejected':
      case 'cancelled': {
        const order = this.#must(report.orderId);
        if (!isLive(order)) return NOTHING;
        const row = this.#setOrder(order, { state: report.type, reason: report.reason, updatedUs: report.atUs });
        const deal = order.dealId === null ? undefined : this.#deals.get(order.dealId);
        const reopens = deal?.state === 'closing' && !this.#isBeingClosed(deal.id);
        const reopened = reopens ? this.#setDeal(deal, { state: 'open' }) : undefined;
        const what = `${order.purpose === 'open' ? 'Entry' : 'Close'} ${order.id} ${report.type}: ${report.reason}`;
        return { order: row, ...(reopened && { deal: reopened }), words: what };
      }
      case 'deal-opened':
        return this.#opened(report);
      case 'deal-closed':
        return this.#closed(report);
      case 'deal-amended': {
        const deal = this.#deals.get(report.dealId);
        if (deal === undefined) throw new Error(`report amends deal ${report.dealId}, which is not in the book`);
        if (deal.state === 'closed') return NOTHING;
        const row = this.#setDeal(deal, { stopTicks: report.stopTicks, targetTicks: report.targetTicks });
        return { deal: row, words: `Deal ${deal.id}: protection changed` };
      }
    }
  }

  snapshot(): AccountBookSnapshot {
    return {
      orders: [...this.#orders.values()].filter(isLive),
      deals: this.openDeals(),
      balanceMinor: this.#balanceMinor,
      realisedTodayMinor: this.#realisedTodayMinor,
      rToday: this.#rToday,
      dealsToday: this.#dealsToday,
      tradeDate: this.#tradeDate,
      locked: this.#locked,
      lockReason: this.#lockReason,
      highestId: this.#highestId,
    };
  }

  restore(snapshot: AccountBookSnapshot): void {
    this.#orders.clear();
    this.#deals.clear();
    for (const order of snapshot.orders) this.#orders.set(order.id, order);
    for (const deal of snapshot.deals) this.#deals.set(deal.id, deal);
    this.#balanceMinor = snapshot.balanceMinor;
    this.#realisedTodayMinor = snapshot.realisedTodayMinor;
    this.#rToday = snapshot.rToday;
    this.#dealsToday = snapshot.dealsToday;
    this.#tradeDate = snapshot.tradeDate;
    this.#locked = snapshot.locked;
    this.#lockReason = snapshot.lockReason;
    this.#highestId = snapshot.highestId;
  }

  #opened(report: Extract<BrokerReport, { type: 'deal-opened' }>): BookChanges {
    const order = this.#must(report.orderId);
    if (this.#deals.has(report.dealId)) return NOTHING;
    this.#number(report.dealId);
    this.#number(report.fill.id);
    const row = this.#setOrder(order, {
      state: 'filled',
      filledLots: report.fill.lots,
      averageTicks: report.fill.ticks,
      updatedUs: report.atUs,
    });
    const deal: DealRow = {
      id: report.dealId,
      orderId: order.id,
      market: order.market,
      side: order.side,
      lots: report.fill.lots,
      openTicks: report.fill.ticks,
      stopTicks: report.stopTicks,
      targetTicks: report.targetTicks,
      state: 'open',
      openedUs: report.atUs,
      closedUs: null,
      closeTicks: null,
      closeReason: null,
      realisedMinor: null,
      riskMinor: report.riskMinor,
    };
    this.#deals.set(deal.id, deal);
    this.#dealsToday++;
    return {
      order: row,
      deal,
      fill: report.fill,
      words: `${verb(order.side)} ${report.fill.lots} filled · deal ${deal.id} open`,
    };
  }

  #closed(report: Extract<BrokerReport, { type: 'deal-closed' }>): BookChanges {
    const deal = this.#deals.get(report.dealId);
    if (deal === undefined) throw new Error(`report closes deal ${report.dealId}, which is not in the book`);
    if (deal.state === 'closed') return NOTHING;
    this.#number(report.fill.id);
    const order = report.orderId === null ? undefined : this.#orders.get(report.orderId);
    const orderRow =
      order &&
      this.#setOrder(order, {
        state: 'filled',
        filledLots: report.fill.lots,
        averageTicks: report.fill.ticks,
        updatedUs: report.atUs,
      });
    this.#balanceMinor += report.realisedMinor;
    this.#realisedTodayMinor += report.realisedMinor;
    if (deal.riskMinor > 0) this.#rToday += report.realisedMinor / deal.riskMinor;
    const row = this.#setDeal(deal, {
      state: 'closed',
      closedUs: report.atUs,
      closeTicks: report.fill.ticks,
      closeReason: report.reason,
      realisedMinor: report.realisedMinor,
    });
    const money = formatMoney({ minor: report.realisedMinor, currency: this.#options.currency });
    const words = `Deal ${deal.id} closed by ${report.reason} · ${report.realisedMinor > 0 ? '+' : ''}${money} ${this.#options.currency}`;
    return { ...(orderRow && { order: orderRow }), deal: row, fill: report.fill, words };
  }

  #isBeingClosed(dealId: string): boolean {
    for (const order of this.#orders.values()) if (order.dealId === dealId && isLive(order)) return true;
    return false;
  }

  #must(orderId: string): OrderRow {
    const order = this.#orders.get(orderId);
    if (order === undefined) throw new Error(`report names order ${orderId}, which is not in the book`);
    return order;
  }

  #setOrder(order: OrderRow, changes: Partial<OrderRow>): OrderRow {
    const row = { ...order, ...changes };
    this.#orders.set(row.id, row);
    return row;
  }

  #setDeal(deal: DealRow, changes: Partial<DealRow>): DealRow {
    const row = { ...deal, ...changes };
    this.#deals.set(row.id, row);
    return row;
  }

  #number(id: string): void {
    const number = Number(/\d+$/.exec(id)?.[0] ?? 0);
    if (number > this.#highestId) this.#highestId = number;
  }
}

export interface AccountBookSnapshot {
  readonly orders: readonly OrderRow[];
  readonly deals: readonly DealRow[];
  readonly balanceMinor: number;
  readonly realisedTodayMinor: number;
  readonly rToday: number;
  readonly dealsToday: number;
  readonly tradeDate: string;
  readonly locked: boolean;
  readonly lockReason: string;
  readonly highestId: number;
}

const NOTHING: BookChanges = { words: '' };

function isLive(order: OrderRow): boolean {
  return order.state !== 'filled' && order.state !== 'cancelled' && order.state !== 'rejected';
}

function verb(value: Side): string {
  return value === 'buy' ? 'Buy' : 'Sell';
}
