import type { Engine } from '../core/engine.ts';
import type { CommandHandler } from '../core/publisher/command-refusal.ts';
import type { MarketView } from '../core/publisher/market-view.ts';
import type { TopicBoard } from '../core/publisher/topic-board.ts';

/** A running terminal as its hosts (browser host, utility process) see it. */
export interface TerminalPort {
  readonly board: TopicBoard;
  readonly views: MarketView;
  readonly engine: Engine;
  readonly command: CommandHandler;
  /** Names this run of the engine; never the same twice. */
  readonly engineId: string;
}
