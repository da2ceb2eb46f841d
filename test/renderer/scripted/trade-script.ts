import type { CommandName, CommandParams } from '../../../shared/contract/messages.ts';
import type { DealRow, Gate, OrderRow, Proposal, Side } from '../../../shared/trading.ts';
import type { TopicHub } from './topic-hub.ts';

/** What the trade script needs of its surroundings. */
export interface TradeWorld {
  readonly hub: TopicHub;
  readonly nowUs: () => number;
  /** Best bid and ask of the execution market in ticks. */
  readonly quote: () => { readonly bid: number; readonly ask: number };
}

export class Refused extends Error {
  override readonly name = 'Refused';
}

const GATES: readonly Gate[] = [
  { name: 'data', passed: true, words: 'quotes 0.1 s old' },
  { name: 'spread', passed: true, words: '0.6 of 2.0 pips' },
  { name: 'size', passed: true, words: '2 of 10 lots' },
  { name: 'position', passed: true, words: '2 of 20 lots after this' },
  { name: 'session', passed: true, words: 'open until 22:00 UTC' },
  { name: 'day', passed: true, words: 'day loss 0.0 of 3.0 %' },
];

const PRESETS = [1, 2, 3, 5, 10];

/** A stand-in for the trade loop: enough of its answers to drive every path of the screen. */
export class TradeScript {
  readonly #world: TradeWorld;
  #count = 0;
  /** Words with which the next command is refused. */
  refuseNext = '';
  readonly layouts = new Map<string, string>();
  readonly received: { readonly name: string; readonly params: unknown }[] = [];

  constructor(world: TradeWorld) {
    this.#world = world;
  }

  /** Puts a proposal of the signal into the ticket, beside an active one when there is one. */
  propose(side: Side, expiryUs = 5_000_000, origin: 'signal' | 'manual' = 'signal'): Proposal {
    const { hub } = this.#world;
    const ticket = hub.record('ticket');
    const proposal = this.#proposal(side, expiryUs, origin, ticket.sizePreset);
    if (ticket.active) hub.set('ticket', { waiting: proposal });
    else hub.set('ticket', { active: proposal });
    return proposal;
  }

  handle(name: CommandName, params: unknown): unknown {
    this.received.push({ name, params });
    if (this.refuseNext !== '') {
      const words = this.refuseNext;
      this.refuseNext = '';
      throw new Refused(words);
    }
    const { hub } = this.#world;
    const ticket = hub.record('ticket');
    switch (name) {
      case 'arm':
        hub.set('ticket', { armed: (params as CommandParams<'arm'>).armed });
        return null;
      case 'confirm':
        return this.#confirm(params as CommandParams<'confirm'>);
      case 'dismiss':
        hub.set('ticket', { active: ticket.waiting, waiting: null });
        return null;
      case 'stage':
        if (!ticket.armed) throw new Refused('Disarmed: nothing that adds risk is accepted. Space arms.');
        this.propose((params as CommandParams<'stage'>).side, 60_000_000, 'manual');
        return null;
      case 'nudge':
        return this.#change((p) => {
          const { field, ticks } = params as CommandParams<'nudge'>;
          return { ...p, [`${field}Ticks`]: p[`${field}Ticks`] + ticks };
        });
      case 'setLots':
        return this.#change((p) => ({ ...p, lots: (params as CommandParams<'setLots'>).lots }));
      case 'sizePreset': {
        const { preset } = params as CommandParams<'sizePreset'>;
        hub.set('ticket', { sizePreset: preset });
        return ticket.active ? this.#change((p) => ({ ...p, lots: PRESETS[preset - 1]! })) : null;
      }
      case 'cancelEntries':
        this.#cancelEntries();
        return null;
      case 'closeDeal':
        this.#close((params as CommandParams<'closeDeal'>).dealId, 'trader');
        return null;
      case 'flatten':
        this.#cancelEntries();
        for (const deal of hub.rows('deals')) if (deal.state === 'open') this.#close(deal.id, 'flatten');
        return null;
      case 'breakEven':
        for (const deal of hub.rows('deals')) {
          if (deal.state === 'open') hub.upsert('deals', [{ ...deal, stopTicks: deal.openTicks }]);
        }
        return null;
      case 'removeProtection': {
        const { dealId, which } = params as CommandParams<'removeProtection'>;
        const deal = hub.rows('deals').find((row) => row.id === dealId);
        if (deal) hub.upsert('deals', [{ ...deal, [`${which}Ticks`]: null }]);
        return null;
      }
      case 'lockDay':
        hub.set('account', { locked: true, lockReason: (params as CommandParams<'lockDay'>).reason });
        hub.set('ticket', { armed: false });
        return null;
      case 'selectLink':
        hub.set('terminal', { linkId: (params as CommandParams<'selectLink'>).linkId, marketIndex: null });
        return null;
      case 'selectMarket':
        hub.set('terminal', { marketIndex: (params as CommandParams<'selectMarket'>).market });
        return null;
      case 'replayPlay':
      case 'replayPause':
        hub.set('replay', { playing: name === 'replayPlay' });
        return null;
      case 'replaySpeed':
        hub.set('replay', { speed: (params as CommandParams<'replaySpeed'>).speed });
        return null;
      case 'replaySeek':
        hub.set('replay', { nowUs: (params as CommandParams<'replaySeek'>).toUs });
        return null;
      case 'loadWorkspace':
        return { layout: this.layouts.get((params as CommandParams<'loadWorkspace'>).name) ?? null };
      case 'saveWorkspace': {
        const { name: key, layout } = params as CommandParams<'saveWorkspace'>;
        this.layouts.set(key, layout);
        return null;
      }
      default:
        return null;
    }
  }

  /** Puts an open deal on the screen without any order. */
  openDeal(side: Side, lots: number, openTicks: number): DealRow {
    const id = `D-${++this.#count}`;
    const away = side === 'buy' ? 1 : -1;
    const deal: DealRow = {
      id,
      orderId: `O-${this.#count}`,
      market: 1,
      side,
      lots,
      openTicks,
      stopTicks: openTicks - away * 62,
      targetTicks: openTicks + away * 124,
      state: 'open',
      openedUs: this.#world.nowUs(),
      closedUs: null,
      closeTicks: null,
      closeReason: null,
      realisedMinor: null,
      riskMinor: 62 * 100 * lots,
    };
    this.#world.hub.upsert('deals', [deal]);
    return deal;
  }

  /** Puts a working limit entry on the screen. */
  workingOrder(side: Side, lots: number, limitTicks: number): void {
    this.#world.hub.upsert('orders', [this.#order(side, lots, 'limit', 'working', limitTicks)]);
  }

  #confirm({ ticketId, revision, heldKey }: CommandParams<'confirm'>): null {
    const { hub, nowUs, quote } = this.#world;
    const { active, waiting, armed } = hub.record('ticket');
    if (!armed) throw new Refused('Disarmed: nothing that adds risk is accepted. Space arms.');
    if (heldKey) throw new Refused('A held key confirms nothing; press Enter anew.');
    if (!active || active.id !== ticketId) throw new Refused('That proposal is gone; nothing was sent.');
    if (active.revision !== revision) throw new Refused('The proposal changed while you pressed; look again.');
    hub.set('ticket', { active: waiting, waiting: null });
    const fill = active.side === 'buy' ? quote().ask : quote().bid;
    const order = this.#order(active.side, active.lots, active.type, 'filled', null);
    hub.upsert('orders', [{ ...order, filledLots: active.lots, averageTicks: fill }]);
    const deal = this.openDeal(active.side, active.lots, fill);
    const sideWord = active.side === 'buy' ? 'Bought' : 'Sold';
    const atUs = nowUs();
    hub.upsert('fills', [
      {
        id: `F-${deal.id}`,
        orderId: order.id,
        dealId: deal.id,
        market: 1,
        side: active.side,
        lots: active.lots,
        ticks: fill,
        atUs,
        liquidity: 'taker',
      },
    ]);
    hub.upsert('markers', [
      {
        id: `M-${deal.id}`,
        market: 1,
        kind: 'fill',
        side: active.side,
        ticks: fill,
        atUs,
        words: `${sideWord} ${active.lots}`,
      },
    ]);
    hub.upsert('announcements', [
      {
        id: `A-${deal.id}`,
        atUs,
        kind: 'order',
        words: `${sideWord} ${active.lots} EUR/USD at ${(fill / 1e5).toFixed(5)}. Stop and target are working.`,
      },
    ]);
    return null;
  }

  #change(change: (proposal: Proposal) => Proposal): null {
    const { active } = this.#world.hub.record('ticket');
    if (!active) throw new Refused('There is no proposal to change.');
    const changed = change(active);
    const riskMinor = Math.abs(changed.entryTicks - changed.stopTicks) * 100 * changed.lots;
    const rewardMinor = Math.abs(changed.entryTicks - changed.targetTicks) * 100 * changed.lots;
    const word = changed.side === 'buy' ? 'Buy' : 'Sell';
    this.#world.hub.set('ticket', {
      active: {
        ...changed,
        riskMinor,
        rewardMinor,
        rewardToRisk: riskMinor === 0 ? 0 : rewardMinor / riskMinor,
        words: `${word} ${changed.lots} EUR/USD`,
        revision: active.revision + 1,
      },
    });
    return null;
  }

  #cancelEntries(): void {
    const { hub, nowUs } = this.#world;
    for (const order of hub.rows('orders')) {
      if (order.state === 'working') hub.upsert('orders', [{ ...order, state: 'cancelled', updatedUs: nowUs() }]);
    }
  }

  #close(dealId: string, closeReason: 'trader' | 'flatten'): void {
    const { hub, quote, nowUs } = this.#world;
    const deal = hub.rows('deals').find((row) => row.id === dealId && row.state === 'open');
    if (!deal) throw new Refused('That deal is not open.');
    const closeTicks = deal.side === 'buy' ? quote().bid : quote().ask;
    const realisedMinor = (closeTicks - deal.openTicks) * (deal.side === 'buy' ? 100 : -100) * deal.lots;
    hub.upsert('deals', [{ ...deal, state: 'closed', closedUs: nowUs(), closeTicks, closeReason, realisedMinor }]);
    const account = hub.record('account');
    hub.set('account', {
      balanceMinor: account.balanceMinor + realisedMinor,
      realisedTodayMinor: account.realisedTodayMinor + realisedMinor,
      dealsToday: account.dealsToday + 1,
      rToday: account.rToday + realisedMinor / deal.riskMinor,
    });
    hub.upsert('announcements', [
      {
        id: `A-close-${deal.id}`,
        atUs: nowUs(),
        kind: 'order',
        words: `Closed ${deal.lots} EUR/USD. The market is flat.`,
      },
    ]);
  }

  #order(
    side: Side,
    lots: number,
    type: 'market' | 'limit',
    state: OrderRow['state'],
    limitTicks: number | null,
  ): OrderRow {
    const nowUs = this.#world.nowUs();
    return {
      id: `O-${++this.#count}`,
      market: 1,
      side,
      type,
      purpose: 'open',
      dealId: null,
      lots,
      filledLots: 0,
      limitTicks,
      averageTicks: null,
      stopTicks: null,
      targetTicks: null,
      state,
      reason: '',
      createdUs: nowUs,
      updatedUs: nowUs,
    };
  }

  #proposal(side: Side, expiryUs: number, origin: 'signal' | 'manual', preset: number): Proposal {
    const { bid, ask } = this.#world.quote();
    const away = side === 'buy' ? 1 : -1;
    const entryTicks = side === 'buy' ? ask : bid;
    const lots = PRESETS[preset - 1]!;
    const createdUs = this.#world.nowUs();
    return {
      id: `P-${++this.#count}`,
      revision: 1,
      linkId: '6E-EURUSD',
      market: 1,
      origin,
      side,
      type: 'market',
      lots,
      closesLots: 0,
      opensLots: lots,
      entryTicks,
      stopTicks: entryTicks - away * 62,
      targetTicks: entryTicks + away * 124,
      riskMinor: 6_200 * lots,
      rewardMinor: 12_400 * lots,
      currency: 'USD',
      rewardToRisk: 2,
      netEdgePips: origin === 'signal' ? 0.7 : null,
      words: `${side === 'buy' ? 'Buy' : 'Sell'} ${lots} EUR/USD`,
      reasons:
        origin === 'signal'
          ? ['OFI 5 s +186 lots, 2.1 × the mean queue', 'QI 5 +0.41 over five levels', 'EUR/USD has 1.3 pips to go']
          : ['Staged by key'],
      gates: [
        {
          name: 'arming',
          passed: this.#world.hub.record('ticket').armed,
          words: this.#world.hub.record('ticket').armed ? 'armed' : 'disarmed',
        },
        ...GATES,
      ],
      createdUs,
      expiresUs: createdUs + expiryUs,
    };
  }
}
