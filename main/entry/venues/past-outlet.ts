import { join } from 'node:path';
import type { Announcement } from '../../../shared/contract/topics.ts';
import type { Engine } from '../../core/engine.ts';
import type { Market } from '../../core/market.ts';
import type { TopicBoard } from '../../core/publisher/topic-board.ts';
import type { StoredBar } from '../../core/store-port.ts';
import type { BackfillRequest, BackfillRequests } from './backfill-requests.ts';

/** Where a venue puts what it has fetched of the past, and what it is given to do so. */
export interface PastOutlet {
  /** Folder for captures; undefined = nothing is recorded. */
  readonly captures: string | undefined;
  /** Folder for what outlives a run. */
  readonly state: string;
  /** Markets of the running engine. */
  readonly markets: readonly Market[];
  /** Bars of minutes that were not whole, in the place of what is known of them. */
  bars(market: Market, bars: readonly StoredBar[]): void;
  /** Marks a hole in a market's data; told again once it is filled. */
  mark(market: Market, fromUs: number, words: string): void;
  announce(kind: Announcement['kind'], words: string): void;
  ask(request: BackfillRequest): void;
}

export interface PastOutletParts {
  readonly engine: Engine;
  readonly board: TopicBoard;
  readonly backfills: BackfillRequests;
  /** The program's data folder. */
  readonly folder: string;
  /** Whether market data is recorded. */
  readonly record: boolean;
  readonly bars: PastOutlet['bars'];
}

/** The past on its way to the terminal's screen, store and files. */
export function pastOutlet({ engine, board, backfills, folder, record, bars }: PastOutletParts): PastOutlet {
  return {
    captures: record ? join(folder, 'captures') : undefined,
    state: join(folder, 'state'),
    markets: engine.markets,
    bars,
    mark: (market, fromUs, words) => {
      const { depth, index, lastTradeTicks } = market;
      const ticks = depth.twoSided ? depth.bidPrice[0]! : lastTradeTicks;
      if (Number.isNaN(ticks)) return;
      const id = `G${fromUs}-${index}`;
      board.upsert('markers', { id, market: index, kind: 'gap', side: 'none', ticks, atUs: fromUs, words });
    },
    announce: (kind, words) => board.announce(kind, words, engine.nowUs),
    ask: (request) => backfills.ask(request),
  };
}
