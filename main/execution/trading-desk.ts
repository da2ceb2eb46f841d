import type { CommandName, CommandParams } from '../../shared/contract/messages.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Gate, Proposal, SignalRow } from '../../shared/trading.ts';
import type { Engine } from '../core/engine.ts';
import type { Market } from '../core/market.ts';
import type { BrokerReport, Journal, Signal, TradeSink } from '../core/trading-ports.ts';
import type { AccountBook } from './account-book.ts';
import type { Flatten } from './flatten.ts';
import type { OrderDesk } from './order-desk.ts';
import type { ProposalBuilder } from './proposal-builder.ts';
import type { Refusal, Ticket } from './ticket.ts';

/** Commands that the trade loop carries out; the rest is the terminal's. */
export type TradeCommand = Exclude<
  CommandName,
  | `${'select' | 'replay' | 'settings' | 'key'}${string}`
  | 'loadWorkspace'
  | 'saveWorkspace'
  | 'testConnection'
  | 'confirmBackfill'
>;

export interface TradingDeskParts {
  readonly engine: Engine;
  readonly settings: Settings;
  readonly ticket: Ticket;
  readonly book: AccountBook;
  readonly orders: OrderDesk;
  readonly flatten: Flatten;
  readonly proposals: ProposalBuilder;
  readonly journal: Journal;
  readonly sink: TradeSink;
  /** Execution market of a link, or undefined while it has not appeared. */
  readonly executionOf: (linkId: string) => Market | undefined;
}

/**
 * The trade loop: signals and keys become proposals, one of them lies on the ticket, one confirmation sends it through the
 * risk checks to the broker. Answers are values for the trader to read; nothing here waits.
 */
export class TradingDesk {
  readonly #parts: TradingDeskParts;
  #expiryTimerUs = Number.POSITIVE_INFINITY;
  /** Gates of the active proposal as the screen has them. */
  #shownGates: readonly Gate[] = [];

  constructor(parts: TradingDeskParts) {
    this.#parts = parts;
  }

  /**
   * Puts the first state on the screen: at the start, and again after the engine was put to another time, which ends
   * whatever was under way.
   */
  open(): void {
    this.#expiryTimerUs = Number.POSITIVE_INFINITY;
    this.#parts.flatten.reset();
    this.#parts.orders.reset();
    this.#publishTicket();
    this.#parts.sink.accountChanged();
  }

  /**
   * Shows the gates of the ticket as they stand now: between its changes any quote can turn one. Where none has turned the
   * old words stay, so that nothing flickers. For the screen only; confirming judges for itself.
   */
  showGates(): void {
    const { ticket, proposals, sink } = this.#parts;
    const { active, armed } = ticket.state;
    if (active === null) return;
    const { gates } = proposals.complete(active, armed);
    if (gates.every(({ passed }, index) => passed === this.#shownGates[index]?.passed)) return;
    this.#shownGates = gates;
    sink.ticket({ ...ticket.state, active: { ...active, gates } });
  }

  /** A signal of the engine: recorded always, proposed only while armed. */
  onSignal(signal: Signal): void {
    const { ticket, proposals, engine, sink } = this.#parts;
    const row: Omit<SignalRow, 'outcome'> = {
      id: signal.id,
      linkId: signal.linkId,
      name: signal.name,
      side: signal.side,
      strength: signal.strength,
      remainingPips: signal.remainingPips,
      reasons: signal.reasons,
      atUs: signal.atUs,
    };
    if (!ticket.armed) {
      sink.signal({ ...row, outcome: 'no-ticket' });
      return;
    }
    const proposal = proposals.build(proposals.wishOf(signal), true);
    if ('missing' in proposal || proposal.gates.some((gate) => !gate.passed)) {
      sink.signal({ ...row, outcome: 'no-ticket' });
      return;
    }
    const superseded = ticket.active === null ? null : ticket.waiting;
    const place = ticket.propose(proposal, engine.nowUs);
    if (superseded !== null) sink.proposal(superseded, 'dismissed');
    sink.proposal(proposal, place === 'active' ? 'proposed' : 'waiting');
    sink.signal({ ...row, outcome: place === 'active' ? 'proposed' : 'waiting' });
    this.#afterChange();
  }

  /** A broker report: folded, looked at for the day's loss limit, and only then gone on from. */
  onReport(report: BrokerReport): void {
    this.#parts.orders.report(report);
    if (report.type === 'deal-closed') this.#lockOnLoss();
    this.#parts.orders.advance(report);
  }

  /** The trade date turned: the day's results start again and its lock ends. */
  onTradeDate(tradeDate: string): void {
    if (!this.#parts.book.turnTradeDate(tradeDate)) return;
    this.#parts.journal.append('trade-date', { tradeDate });
    this.#parts.sink.accountChanged();
  }

  /** Carries out a command; a refusal is a value with words. */
  command<N extends TradeCommand>(name: N, params: CommandParams<N>): Refusal | { readonly words: string } {
    const run = this.#commands[name] as (params: CommandParams<N>) => Refusal | { readonly words: string };
    return run(params);
  }

  readonly #commands: { [N in TradeCommand]: (params: CommandParams<N>) => Refusal | { readonly words: string } } = {
    arm: ({ armed }) => {
      const { book, orders } = this.#parts;
      if (armed && book.locked) return { refused: `Locked for the day (${book.lockReason}): it stays disarmed.` };
      if (!armed) orders.withdraw('disarmed before it was sent');
      const dropped = this.#parts.ticket.arm(armed);
      for (const proposal of dropped) this.#parts.sink.proposal(proposal, 'dismissed');
      this.#afterChange();
      return { words: armed ? 'Armed.' : 'Disarmed.' };
    },
    confirm: ({ ticketId, revision, heldKey }) => this.#confirm(ticketId, revision, heldKey),
    dismiss: ({ ticketId }) => {
      const taken = this.#parts.ticket.dismiss(ticketId, this.#parts.engine.nowUs);
      if ('refused' in taken) return taken;
      this.#parts.sink.proposal(taken, 'dismissed');
      this.#afterChange();
      return { words: 'Ticket dismissed.' };
    },
    stage: (params) => this.#stage(params),
    nudge: ({ ticketId, revision, field, ticks }) => {
      const proposal = this.#current(ticketId, revision);
      if ('refused' in proposal) return proposal;
      const key = field === 'entry' ? 'entryTicks' : field === 'stop' ? 'stopTicks' : 'targetTicks';
      if (proposal.opensLots === 0)
        return { refused: 'This ticket closes an open position: there is no price to move.' };
      if (field === 'entry' && proposal.type === 'market')
        return { refused: 'A market order has no entry price to move.' };
      const moved = { ...proposal, [key]: proposal[key] + ticks };
      const wrong = wrongSide(moved) ?? this.#tooClose(moved);
      return wrong === undefined ? this.#revise(moved) : { refused: wrong };
    },
    setLots: ({ ticketId, revision, lots }) => {
      const proposal = this.#current(ticketId, revision);
      return 'refused' in proposal ? proposal : this.#resize(proposal, lots);
    },
    sizePreset: ({ preset }) => {
      const { ticket, settings } = this.#parts;
      ticket.setPreset(preset);
      const active = ticket.active;
      if (active !== null) return this.#resize(active, settings.proposal.sizePresetsLots[preset - 1]!);
      this.#publishTicket();
      return { words: `Size ${settings.proposal.sizePresetsLots[preset - 1]}.` };
    },
    cancelEntries: ({ market }) => {
      const count = this.#parts.orders.cancelEntries(market);
      return {
        words: count === 0 ? 'No entries are working.' : `Cancelling ${count} ${count === 1 ? 'entry' : 'entries'}.`,
      };
    },
    closeDeal: ({ dealId }) => {
      const deal = this.#parts.book.deal(dealId);
      if (deal === undefined || deal.state !== 'open') return { refused: `Deal ${dealId} is not open.` };
      this.#parts.orders.close(deal);
      return { words: `Closing deal ${dealId}.` };
    },
    flatten: ({ market }) => ({ words: this.#parts.flatten.start(market) }),
    breakEven: ({ market }) => this.#breakEven(market),
    removeProtection: ({ dealId, which }) => {
      const deal = this.#parts.book.deal(dealId);
      if (deal === undefined || deal.state !== 'open') return { refused: `Deal ${dealId} is not open.` };
      this.#parts.orders.amend(
        deal,
        which === 'stop' ? null : deal.stopTicks,
        which === 'target' ? null : deal.targetTicks,
      );
      return { words: `Taking the ${which} off deal ${dealId}.` };
    },
    lockDay: ({ reason }) => {
      this.#lock(reason === '' ? 'by the trader' : reason);
      return { words: 'Locked for the day.' };
    },
  };

  #confirm(ticketId: string, revision: number, heldKey: boolean): Refusal | { readonly words: string } {
    const { ticket, engine, proposals, orders, sink } = this.#parts;
    const refusal = ticket.refusal(ticketId, revision, heldKey, engine.nowUs);
    if (refusal !== undefined) return refusal;
    const active = ticket.active!;
    if (!proposals.stillFits(active)) {
      sink.proposal(active, 'refused');
      return { refused: 'Not sent: the position changed after the ticket was made; stage it again.' };
    }
    const failed = proposals.complete(active, ticket.armed).gates.find((gate) => !gate.passed);
    if (failed !== undefined) {
      sink.proposal(active, 'refused');
      return { refused: `Not sent: ${failed.words}.` };
    }
    const proposal = ticket.confirm(ticketId, revision, heldKey, engine.nowUs);
    if ('refused' in proposal) return proposal;
    sink.proposal(proposal, 'confirmed');
    orders.execute(proposal);
    this.#afterChange();
    return { words: `${proposal.words}: sent.` };
  }

  #stage(params: CommandParams<'stage'>): Refusal | { readonly words: string } {
    const { ticket, settings, proposals, engine, sink, executionOf } = this.#parts;
    if (!ticket.armed) return { refused: 'Disarmed: press Space to arm before staging a trade.' };
    const market = executionOf(params.linkId);
    if (market === undefined) return { refused: `No quotes of ${params.linkId} yet; there is nothing to trade on.` };
    const proposal = proposals.build(
      {
        linkId: params.linkId,
        market,
        origin: 'manual',
        side: params.side,
        type: params.type,
        lots: settings.proposal.sizePresetsLots[ticket.sizePreset - 1]!,
        reverse: params.reverse ?? false,
        remainingPips: null,
        reasons: ['staged by key'],
      },
      true,
    );
    if ('missing' in proposal) return { refused: `Not staged: ${proposal.missing}.` };
    const superseded = ticket.active === null || ticket.active.origin === 'manual' ? null : ticket.waiting;
    const { place, replaced } = ticket.stage(proposal, engine.nowUs);
    for (const gone of [superseded, replaced]) if (gone !== null) sink.proposal(gone, 'dismissed');
    sink.proposal(proposal, place === 'active' ? 'proposed' : 'waiting');
    this.#afterChange();
    return { words: place === 'active' ? `${proposal.words}: staged.` : `${proposal.words}: waits beside the ticket.` };
  }

  #resize(proposal: Proposal, lots: number): Refusal | { readonly words: string } {
    if (proposal.opensLots === 0) return { refused: 'This ticket closes an open position; its size is the position.' };
    return this.#revise({ ...proposal, opensLots: lots });
  }

  #revise(changed: Proposal): Refusal | { readonly words: string } {
    const { ticket, proposals, engine, settings } = this.#parts;
    const { id: _id, revision: _revision, ...numbers } = proposals.complete(changed, ticket.armed);
    // What the trader staged does not expire under his hands; a signal's idea grows old whatever is done to it.
    const expiresUs =
      changed.origin === 'manual' ? engine.nowUs + settings.proposal.expiryMs * 1000 : changed.expiresUs;
    const revised = ticket.revise({ ...numbers, expiresUs });
    if ('refused' in revised) return revised;
    this.#publishTicket();
    return { words: revised.words };
  }

  #current(ticketId: string, revision: number): Proposal | Refusal {
    return this.#parts.ticket.matches(ticketId, revision) ?? this.#parts.ticket.active!;
  }

  #tooClose(proposal: Proposal): string | undefined {
    const { engine, settings } = this.#parts;
    const { tickNano, pipNano } = engine.markets[proposal.market]!.instrument;
    const pips = settings.proposal.brokerMinimumStopPips;
    const distance = Math.abs(proposal.entryTicks - proposal.stopTicks) * tickNano;
    return distance < pips * pipNano ? `The broker takes no stop closer than ${pips} pips.` : undefined;
  }

  #breakEven(marketIndex: number): Refusal | { readonly words: string } {
    const { book, engine, orders } = this.#parts;
    const market = engine.markets[marketIndex];
    if (market === undefined) return { refused: 'There is no such market.' };
    let moved = 0;
    for (const deal of book.openDeals(marketIndex)) {
      const exit = deal.side === 'buy' ? market.depth.bidPrice[0]! : market.depth.askPrice[0]!;
      const sign = deal.side === 'buy' ? 1 : -1;
      if (deal.state !== 'open' || (exit - deal.openTicks) * sign <= 0) continue;
      orders.amend(deal, deal.openTicks, deal.targetTicks);
      moved++;
    }
    return moved === 0
      ? { refused: 'No deal is in profit: no stop was moved.' }
      : { words: `Moving ${moved} to break-even.` };
  }

  #lockOnLoss(): void {
    const { book, settings } = this.#parts;
    const startMinor = book.balanceMinor - book.realisedTodayMinor;
    const limitMinor = (startMinor * settings.risk.dayLossPercent) / 100;
    if (!book.locked && -book.realisedTodayMinor >= limitMinor) this.#lock('day loss limit reached');
  }

  #lock(reason: string): void {
    const { book, journal, orders, ticket, sink } = this.#parts;
    book.lock(reason);
    journal.append('day-lock', { reason });
    orders.cancelEntries();
    for (const proposal of ticket.arm(false)) sink.proposal(proposal, 'dismissed');
    sink.announce('caution', `Locked for the day: ${reason}. Closing and cancelling still work.`);
    sink.accountChanged();
    this.#afterChange();
  }

  /** Publishes the ticket and sees to it that its next expiry is looked at in time. */
  #afterChange(): void {
    this.#publishTicket();
    const { active, waiting } = this.#parts.ticket.state;
    const nextUs = Math.min(
      active?.expiresUs ?? Number.POSITIVE_INFINITY,
      waiting?.expiresUs ?? Number.POSITIVE_INFINITY,
    );
    if (nextUs >= this.#expiryTimerUs) return;
    this.#expiryTimerUs = nextUs;
    this.#parts.engine.scheduler.at(nextUs, () => this.#expire());
  }

  #expire(): void {
    this.#expiryTimerUs = Number.POSITIVE_INFINITY;
    for (const proposal of this.#parts.ticket.expire(this.#parts.engine.nowUs))
      this.#parts.sink.proposal(proposal, 'expired');
    this.#afterChange();
  }

  #publishTicket(): void {
    const { state } = this.#parts.ticket;
    this.#shownGates = state.active?.gates ?? [];
    this.#parts.sink.ticket(state);
  }
}

/** A stop or target on the wrong side of the entry is refused. */
function wrongSide(proposal: Proposal): string | undefined {
  const sign = proposal.side === 'buy' ? 1 : -1;
  if ((proposal.entryTicks - proposal.stopTicks) * sign <= 0) return 'The stop would lie beyond the entry.';
  if ((proposal.targetTicks - proposal.entryTicks) * sign <= 0) return 'The target would lie short of the entry.';
  return undefined;
}
