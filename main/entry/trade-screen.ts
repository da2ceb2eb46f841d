import type { DealRow, FillRow, OrderRow, Proposal, SignalRow, TicketState } from '../../shared/trading.ts';
import type { Engine } from '../core/engine.ts';
import type { TopicBoard } from '../core/publisher/topic-board.ts';
import type { RiskDesk, TradeSink } from '../core/trading-ports.ts';
import type { AccountBook } from '../execution/account-book.ts';

/** Where the trade loop's rows are kept beyond the screen: store and output hash. */
export interface TradeRecords {
  signal(row: SignalRow): void;
  proposal(proposal: Proposal, event: Parameters<TradeSink['proposal']>[1]): void;
  order(row: OrderRow): void;
  deal(row: DealRow): void;
  fill(row: FillRow): void;
}

/** The trade loop's results on their way to the topics, and to whoever keeps them. */
export class TradeScreen implements TradeSink {
  readonly #engine: Engine;
  readonly #board: TopicBoard;
  readonly #keepers: readonly TradeRecords[];
  #accountDirty = false;

  constructor(engine: Engine, board: TopicBoard, keepers: readonly TradeRecords[]) {
    this.#engine = engine;
    this.#board = board;
    this.#keepers = keepers;
    board.defineTable('signals', 200);
    board.defineTable('orders', 500);
    board.defineTable('deals', 500);
    board.defineTable('fills', 500);
    board.defineTable('markers', 500);
    board.defineTable('agents', 50);
  }

  ticket(state: TicketState): void {
    this.#board.setRecord('ticket', state);
  }

  signal(row: SignalRow): void {
    this.#board.upsert('signals', row);
    for (const keeper of this.#keepers) keeper.signal(row);
    if (row.outcome !== 'proposed' && row.outcome !== 'waiting') return;
    this.#mark(row);
  }

  proposal(proposal: Proposal, event: Parameters<TradeSink['proposal']>[1]): void {
    for (const keeper of this.#keepers) keeper.proposal(proposal, event);
    if (event !== 'expired') return;
    const signal = this.#board
      .rows('signals')
      .find((row) => row.atUs === proposal.createdUs && row.linkId === proposal.linkId);
    if (signal !== undefined) this.#board.upsert('signals', { ...signal, outcome: 'expired' });
  }

  order(row: OrderRow): void {
    this.#board.upsert('orders', row);
    for (const keeper of this.#keepers) keeper.order(row);
  }

  deal(row: DealRow): void {
    this.#board.upsert('deals', row);
    for (const keeper of this.#keepers) keeper.deal(row);
  }

  fill(row: FillRow): void {
    this.#board.upsert('fills', row);
    for (const keeper of this.#keepers) keeper.fill(row);
    this.#board.upsert('markers', {
      id: `M${row.id}`,
      market: row.market,
      kind: 'fill',
      side: row.side,
      ticks: row.ticks,
      atUs: row.atUs,
      words: `${row.side === 'buy' ? 'Bought' : 'Sold'} ${row.lots}`,
    });
  }

  accountChanged(): void {
    this.#accountDirty = true;
  }

  announce(kind: 'order' | 'refusal' | 'caution' | 'fault' | 'info', words: string): void {
    this.#board.announce(kind, words, this.#engine.nowUs);
  }

  /** Publishes the account when it changed or while deals are open, whose result moves with the market. */
  publishAccount(book: AccountBook, risk: RiskDesk): void {
    const open = book.openDeals();
    if (!this.#accountDirty && open.length === 0) return;
    this.#accountDirty = false;
    let openMinor = 0;
    for (const deal of open) {
      const market = this.#engine.markets[deal.market];
      if (market === undefined || !market.depth.twoSided) continue;
      const sign = deal.side === 'buy' ? 1 : -1;
      const exit = deal.side === 'buy' ? market.depth.bidPrice[0]! : market.depth.askPrice[0]!;
      openMinor += risk.money(market, (exit - deal.openTicks) * sign, deal.lots) ?? 0;
    }
    this.#board.setRecord('account', book.state(openMinor));
  }

  #mark(row: SignalRow): void {
    const deal = this.#board.rows('links').find((link) => link.id === row.linkId);
    const market = deal === undefined ? undefined : this.#engine.markets[deal.signalMarket];
    if (market === undefined) return;
    this.#board.upsert('markers', {
      id: `M${row.id}`,
      market: market.index,
      kind: 'signal',
      side: row.side,
      ticks: row.side === 'buy' ? market.depth.askPrice[0]! : market.depth.bidPrice[0]!,
      atUs: row.atUs,
      words: `${row.name} ${row.side}`,
    });
  }
}
