import type { Settings } from '../../shared/settings.ts';
import type { OrderType, Origin, Proposal, Side } from '../../shared/trading.ts';
import type { Engine } from '../core/engine.ts';
import type { Market } from '../core/market.ts';
import type { RiskDesk, Signal } from '../core/trading-ports.ts';
import type { AccountBook } from './account-book.ts';
import { coveringDeals, dealsAgainst, lotsOf } from './closing.ts';

/** What somebody wants to do, before prices and size. */
export interface Wish {
  readonly linkId: string;
  readonly market: Market;
  readonly origin: Origin;
  readonly side: Side;
  readonly type: OrderType;
  /** Lots to open; null lets the risk budget decide. */
  readonly lots: number | null;
  /** A reversal was asked for: close what is open against the side, then open. */
  readonly reverse: boolean;
  readonly remainingPips: number | null;
  readonly reasons: readonly string[];
}

/** Turns wishes into proposals with every number on them: entry, stop, target, size, risk, gates. */
export class ProposalBuilder {
  readonly #engine: Engine;
  readonly #settings: Settings;
  readonly #risk: RiskDesk;
  readonly #book: AccountBook;
  #nextId = 1;

  constructor(engine: Engine, settings: Settings, risk: RiskDesk, book: AccountBook) {
    this.#engine = engine;
    this.#settings = settings;
    this.#risk = risk;
    this.#book = book;
  }

  /** The wish that a signal stands for. */
  wishOf(signal: Signal): Wish {
    return {
      linkId: signal.linkId,
      market: signal.execution,
      origin: 'signal',
      side: signal.side,
      type: 'market',
      lots: null,
      reverse: false,
      remainingPips: signal.remainingPips,
      reasons: signal.reasons,
    };
  }

  /**
   * Builds a proposal, or says what is missing for one. A wish against an open position closes deals of that position,
   * whole ones, and opens nothing unless a reversal was asked for.
   */
  build(wish: Wish, armed: boolean): Proposal | { readonly missing: string } {
    const { market, side } = wish;
    const distance = this.#risk.stopDistance(market);
    if ('missing' in distance) return distance;
    const sign = side === 'buy' ? 1 : -1;
    const entryTicks = entryOf(market, side, wish.type);
    const against = dealsAgainst(this.#book, market.index, side);
    if (against.length === 0 && sign * this.#book.netLots(market.index) < 0) {
      return { missing: `${market.instrument.label} is being closed already` };
    }
    if (against.length > 0 && wish.type === 'limit') {
      return { missing: 'it would close an open position, and closing goes at market; stage it at market or flatten' };
    }
    const wanted = wish.lots ?? this.#risk.size(market, distance.ticks, this.#book.balanceMinor);
    const closesLots = lotsOf(wish.reverse ? against : coveringDeals(against, wanted));
    const opensLots = wish.reverse || against.length === 0 ? wanted : 0;
    const targetTicks = Math.round(distance.ticks * this.#settings.proposal.rewardToRisk);
    const spread = market.depth.askPrice[0]! - market.depth.bidPrice[0]!;
    const nowUs = this.#engine.nowUs;
    const draft: Proposal = {
      id: `P${this.#nextId++}`,
      revision: 1,
      linkId: wish.linkId,
      market: market.index,
      origin: wish.origin,
      side,
      type: wish.type,
      lots: closesLots + opensLots,
      closesLots,
      opensLots,
      entryTicks,
      stopTicks: entryTicks - sign * distance.ticks,
      targetTicks: entryTicks + sign * targetTicks,
      riskMinor: 0,
      rewardMinor: 0,
      currency: this.#settings.account.currency,
      rewardToRisk: 0,
      netEdgePips: wish.remainingPips === null ? null : wish.remainingPips - pips(market, spread),
      words: '',
      reasons: closesLots > wanted && !wish.reverse ? [...wish.reasons, 'deals are closed whole'] : wish.reasons,
      gates: [],
      createdUs: nowUs,
      expiresUs: nowUs + this.#settings.proposal.expiryMs * 1000,
    };
    return this.complete(draft, armed);
  }

  /** Whether the deals that a proposal says it closes are still the ones that it would close. */
  stillFits(proposal: Proposal): boolean {
    const against = dealsAgainst(this.#book, proposal.market, proposal.side);
    const closes = lotsOf(coveringDeals(against, proposal.closesLots));
    if (closes !== proposal.closesLots) return false;
    return proposal.closesLots === 0 || proposal.opensLots === 0 || closes === lotsOf(against);
  }

  /** Computes what follows from a proposal's prices and size: money, ratio, words, gates. */
  complete(draft: Proposal, armed: boolean): Proposal {
    const market = this.#engine.markets[draft.market]!;
    const riskTicks = Math.abs(draft.entryTicks - draft.stopTicks);
    const rewardTicks = Math.abs(draft.targetTicks - draft.entryTicks);
    const session = this.#engine.session(market, this.#engine.nowUs);
    const riskMinor = this.#risk.money(market, riskTicks, draft.opensLots);
    return {
      ...draft,
      lots: draft.closesLots + draft.opensLots,
      riskMinor: riskMinor ?? 0,
      rewardMinor: this.#risk.money(market, rewardTicks, draft.opensLots) ?? 0,
      rewardToRisk: riskTicks > 0 ? rewardTicks / riskTicks : 0,
      words: wordsOf(draft, market),
      gates: this.#risk.check({
        market,
        side: draft.side,
        type: draft.type,
        closesLots: draft.closesLots,
        opensLots: draft.opensLots,
        entryTicks: draft.entryTicks,
        stopTicks: draft.stopTicks,
        targetTicks: draft.targetTicks,
        riskMinor,
        armed,
        locked: this.#book.locked,
        lockReason: this.#book.lockReason,
        netLots: this.#book.netLots(draft.market),
        pendingLots: this.#book.pendingLots(draft.market, draft.side),
        opposingLots: this.#book.pendingLots(draft.market, draft.side === 'buy' ? 'sell' : 'buy'),
        realisedTodayMinor: this.#book.realisedTodayMinor,
        balanceAtStartMinor: this.#book.balanceMinor - this.#book.realisedTodayMinor,
        nowUs: this.#engine.nowUs,
        open: session.phase === 'open' || simulated(market),
        sessionWords: simulated(market) ? 'simulated market, always open' : session.words,
      }),
    };
  }
}

/** Market orders enter at the opposite best; a limit joins the best of its own side. */
function entryOf(market: Market, side: Side, type: OrderType): number {
  const bid = market.depth.bidPrice[0]!;
  const ask = market.depth.askPrice[0]!;
  if (type === 'market') return side === 'buy' ? ask : bid;
  return side === 'buy' ? bid : ask;
}

function pips(market: Market, ticks: number): number {
  return (ticks * market.instrument.tickNano) / market.instrument.pipNano;
}

/** Publishers of 65,000 and more are the house's own simulators, which keep no trading hours. */
function simulated(market: Market): boolean {
  return market.instrument.publisherId >= 65_000;
}

/** Text that names the effect, as the confirm button carries it. */
function wordsOf(proposal: Proposal, market: Market): string {
  const verb = proposal.side === 'buy' ? 'Buy' : 'Sell';
  const head = `${verb} ${proposal.closesLots + proposal.opensLots}`;
  if (proposal.closesLots === 0) return `${head} ${market.instrument.label}`;
  if (proposal.opensLots === 0) return `${head} ${market.instrument.label} · closes ${proposal.closesLots}`;
  const direction = proposal.side === 'buy' ? 'long' : 'short';
  return `${head} · closes ${proposal.closesLots}, opens ${proposal.opensLots} ${direction}`;
}
