import { type Currency, toMinor } from '../../shared/money.ts';
import type { FillRow, Side } from '../../shared/trading.ts';
import type { Engine } from '../core/engine.ts';
import type { Market } from '../core/market.ts';
import type { MarketStage } from '../core/ports.ts';
import type { TimerId } from '../core/scheduler.ts';
import type { Broker, BrokerReport, OrderIntent } from '../core/trading-ports.ts';
import { levelRefusal, marketable, takerTicks } from './paper-fills.ts';

export interface PaperBrokerOptions {
  /** From sending to acting at the broker, µs. */
  readonly latencyUs: number;
  /** Adverse slippage of market orders and stops, ticks. */
  readonly slippageTicks: number;
  /** Age beyond which a quote fills nothing, µs. */
  readonly staleAfterUs: number;
  readonly accountCurrency: Currency;
  /** Quote currency to account currency now, or null when the rate is not to be had or stale. */
  readonly rate: (currency: string) => number | null;
}

/** A deal as the paper broker holds it, with the protective levels that live at the broker. */
interface PaperDeal {
  readonly id: string;
  readonly market: number;
  readonly side: Side;
  readonly lots: number;
  readonly openTicks: number;
  stopTicks: number | null;
  targetTicks: number | null;
}

/** Something on its way to the broker. */
type Request =
  | { readonly kind: 'submit'; readonly intent: OrderIntent }
  | { readonly kind: 'cancel'; readonly orderId: string }
  | {
      readonly kind: 'amend';
      readonly dealId: string;
      readonly stopTicks: number | null;
      readonly targetTicks: number | null;
    };

interface InFlight {
  readonly request: Request;
  readonly dueUs: number;
}

/**
 * The paper broker: acts on an order after a latency, fills a dealer's quote whole at its price and a visible book by
 * walking its levels, holds deals with their stops and targets as IG does, and closes a deal only by its id. Stops fill at
 * the quote that triggers them (so gaps cost what they cost), targets at their own price. It reports; it decides nothing.
 * Fills ignore the market impact of the order: keep sizes small against the shown depth.
 */
export class PaperBroker implements Broker, MarketStage {
  readonly name = 'paper-broker';
  readonly #engine: Engine;
  readonly #options: PaperBrokerOptions;
  readonly #report: (report: BrokerReport) => void;
  readonly #working: OrderIntent[] = [];
  readonly #deals: PaperDeal[] = [];
  readonly #inFlight = new Map<TimerId, InFlight>();
  /** Open deals and working orders by market index: the hot path looks at nothing else. */
  readonly #busy: number[] = [];
  #playedUntilUs = 0;
  #nextId = 1;

  constructor(engine: Engine, options: PaperBrokerOptions, report: (report: BrokerReport) => void) {
    this.#engine = engine;
    this.#options = options;
    this.#report = report;
  }

  submit(intent: OrderIntent): void {
    this.#later({ kind: 'submit', intent });
  }

  cancel(orderId: string): void {
    this.#later({ kind: 'cancel', orderId });
  }

  amend(dealId: string, stopTicks: number | null, targetTicks: number | null): void {
    this.#later({ kind: 'amend', dealId, stopTicks, targetTicks });
  }

  onMarket(market: Market): void {
    this.#busy[market.index] = 0;
  }

  onBook(market: Market): void {
    if (this.#engine.nowUs <= this.#playedUntilUs) return;
    if (this.#busy[market.index] === 0 || market.gapped || !market.depth.twoSided || market.depth.crossed) return;
    this.#triggerDeals(market);
    this.#matchWorking(market);
  }

  snapshot(): PaperBrokerSnapshot {
    return {
      working: [...this.#working],
      deals: this.#deals.map((deal) => ({ ...deal })),
      inFlight: [...this.#inFlight.values()],
      nextId: this.#nextId,
    };
  }

  /** Holds what a snapshot, or a journal that was folded after a restart, says that it holds, and nothing else. */
  restore(snapshot: PaperBrokerSnapshot): void {
    for (const timer of this.#inFlight.keys()) this.#engine.scheduler.cancel(timer);
    this.#inFlight.clear();
    this.#working.length = 0;
    this.#deals.length = 0;
    this.#busy.fill(0);
    for (const deal of snapshot.deals) {
      this.#deals.push({ ...deal });
      this.#count(deal.market, 1);
    }
    for (const intent of snapshot.working) {
      this.#working.push(intent);
      this.#count(intent.market, 1);
    }
    this.#nextId = snapshot.nextId;
    for (const { request, dueUs } of snapshot.inFlight ?? []) this.#expect(request, dueUs);
  }

  /**
   * Market time up to here was traded on by an earlier run, and is played again only to bring the engine's state up to
   * date: nothing triggers or fills in it a second time, least of all at prices from before a deal was opened.
   */
  passOver(untilUs: number): void {
    this.#playedUntilUs = untilUs;
  }

  #later(request: Request): void {
    this.#expect(request, this.#engine.nowUs + this.#options.latencyUs);
  }

  #expect(request: Request, dueUs: number): void {
    const timer = this.#engine.scheduler.at(dueUs, () => {
      this.#inFlight.delete(timer);
      this.#carryOut(request);
    });
    this.#inFlight.set(timer, { request, dueUs });
  }

  #carryOut(request: Request): void {
    const atUs = this.#engine.nowUs;
    switch (request.kind) {
      case 'submit':
        this.#act(request.intent);
        return;
      case 'cancel': {
        const { orderId } = request;
        const index = this.#working.findIndex((intent) => intent.orderId === orderId);
        if (index < 0) return;
        const [intent] = this.#working.splice(index, 1);
        this.#count(intent!.market, -1);
        this.#report({ type: 'cancelled', orderId, reason: 'cancelled by the trader', atUs });
        return;
      }
      case 'amend': {
        const { dealId, stopTicks, targetTicks } = request;
        const deal = this.#deals.find((candidate) => candidate.id === dealId);
        if (deal === undefined) return;
        deal.stopTicks = stopTicks;
        deal.targetTicks = targetTicks;
        this.#report({ type: 'deal-amended', dealId, stopTicks, targetTicks, atUs });
      }
    }
  }

  #act(intent: OrderIntent): void {
    const atUs = this.#engine.nowUs;
    const market = this.#engine.markets[intent.market];
    if (market === undefined)
      throw new Error(`order ${intent.orderId} names market ${intent.market}, which does not exist`);
    const refusal = this.#refusal(market, intent);
    if (refusal !== undefined) {
      this.#report({ type: 'rejected', orderId: intent.orderId, reason: refusal, atUs });
      return;
    }
    if (intent.type === 'limit' && !marketable(market, intent)) {
      this.#working.push(intent);
      this.#count(intent.market, 1);
      this.#report({ type: 'accepted', orderId: intent.orderId, atUs });
      return;
    }
    const ticks = takerTicks(market, intent.side, intent.lots, intent.limitTicks, this.#options.slippageTicks);
    this.#execute(market, intent, ticks, 'taker');
  }

  #refusal(market: Market, intent: OrderIntent): string | undefined {
    if (market.gapped || market.depth.crossed || !market.depth.twoSided) return 'no tradable quote';
    const ageUs = this.#engine.nowUs - market.engineUs;
    if (ageUs > this.#options.staleAfterUs) return `quote is ${Math.round(ageUs / 1000)} ms old`;
    if (intent.dealId !== null && intent.type !== 'market') return 'a deal is closed at market only';
    if (intent.dealId !== null && !this.#deals.some((deal) => deal.id === intent.dealId)) {
      return `deal ${intent.dealId} is not open`;
    }
    if (this.#options.rate(market.instrument.quoteCurrency) === null) {
      return `no current ${market.instrument.quoteCurrency} rate to book the result with`;
    }
    return intent.dealId === null ? levelRefusal(market, intent) : undefined;
  }

  #execute(market: Market, intent: OrderIntent, ticks: number, liquidity: FillRow['liquidity']): void {
    if (intent.dealId !== null) {
      const deal = this.#deals.find((candidate) => candidate.id === intent.dealId)!;
      this.#close(market, deal, ticks, intent.orderId, 'trader', liquidity);
      return;
    }
    const atUs = this.#engine.nowUs;
    const dealId = `D${this.#nextId++}`;
    const fill = this.#fill(market, intent.orderId, dealId, intent.side, intent.lots, ticks, liquidity);
    this.#deals.push({
      id: dealId,
      market: market.index,
      side: intent.side,
      lots: intent.lots,
      openTicks: ticks,
      stopTicks: intent.stopTicks,
      targetTicks: intent.targetTicks,
    });
    this.#count(market.index, 1);
    this.#report({
      type: 'deal-opened',
      orderId: intent.orderId,
      dealId,
      fill,
      stopTicks: intent.stopTicks,
      targetTicks: intent.targetTicks,
      riskMinor: intent.riskMinor,
      atUs,
    });
  }

  #triggerDeals(market: Market): void {
    const bid = market.depth.bidPrice[0]!;
    const ask = market.depth.askPrice[0]!;
    for (let i = this.#deals.length - 1; i >= 0; i--) {
      const deal = this.#deals[i]!;
      if (deal.market !== market.index) continue;
      const exit = deal.side === 'buy' ? bid : ask;
      const sign = deal.side === 'buy' ? 1 : -1;
      if (deal.stopTicks !== null && (exit - deal.stopTicks) * sign <= 0) {
        const ticks = takerTicks(market, opposite(deal.side), deal.lots, null, this.#options.slippageTicks);
        this.#close(market, deal, ticks, null, 'stop', 'taker');
      } else if (deal.targetTicks !== null && (exit - deal.targetTicks) * sign >= 0) {
        this.#close(market, deal, deal.targetTicks, null, 'target', 'maker');
      }
    }
  }

  #matchWorking(market: Market): void {
    for (let i = this.#working.length - 1; i >= 0; i--) {
      const intent = this.#working[i]!;
      if (intent.market !== market.index || !marketable(market, intent)) continue;
      this.#working.splice(i, 1);
      this.#count(market.index, -1);
      this.#execute(market, intent, intent.limitTicks!, 'maker');
    }
  }

  #close(
    market: Market,
    deal: PaperDeal,
    ticks: number,
    orderId: string | null,
    reason: 'trader' | 'stop' | 'target',
    liquidity: FillRow['liquidity'],
  ): void {
    const currency = market.instrument.quoteCurrency;
    const rate = this.#options.rate(currency);
    if (rate === null) return;
    this.#deals.splice(this.#deals.indexOf(deal), 1);
    this.#count(market.index, -1);
    const sign = deal.side === 'buy' ? 1 : -1;
    const price = ((ticks - deal.openTicks) * sign * market.instrument.tickNano) / 1e9;
    const result = price * market.instrument.multiplier * deal.lots * rate;
    const side = opposite(deal.side);
    this.#report({
      type: 'deal-closed',
      orderId,
      dealId: deal.id,
      fill: this.#fill(market, orderId ?? deal.id, deal.id, side, deal.lots, ticks, liquidity),
      reason,
      realisedMinor: toMinor(result, this.#options.accountCurrency),
      rate,
      atUs: this.#engine.nowUs,
    });
  }

  #fill(
    market: Market,
    orderId: string,
    dealId: string,
    side: Side,
    lots: number,
    ticks: number,
    liquidity: FillRow['liquidity'],
  ): FillRow {
    const id = `F${this.#nextId++}`;
    return { id, orderId, dealId, market: market.index, side, lots, ticks, atUs: this.#engine.nowUs, liquidity };
  }

  #count(market: number, change: 1 | -1): void {
    this.#busy[market] = (this.#busy[market] ?? 0) + change;
  }
}

export interface PaperBrokerSnapshot {
  readonly working: readonly OrderIntent[];
  readonly deals: readonly PaperDeal[];
  /** Requests on their way, in the order in which they were sent; a journal knows of none. */
  readonly inFlight?: readonly InFlight[];
  readonly nextId: number;
}

function opposite(side: Side): Side {
  return side === 'buy' ? 'sell' : 'buy';
}
