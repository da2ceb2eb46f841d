import type { Engine } from '../core/engine.ts';
import type { CommandHandler } from '../core/publisher/command-refusal.ts';
import type { MarketView } from '../core/publisher/market-view.ts';
import type { TopicBoard } from '../core/publisher/topic-board.ts';
import type { KeyKeeper } from './setup/key-desk.ts';

/** A running terminal as its hosts (browser host, utility process) see it. */
export interface TerminalPort {
  readonly board: TopicBoard;
  readonly views: MarketView;
  readonly engine: Engine;
  readonly command: CommandHandler;
  /** Names this run of the engine; never the same twice. */
  readonly engineId: string;
}

/** A terminal together with its feeds and storage. */
export interface RunningTerminal extends TerminalPort {
  /** Stops feeds, writes out what is pending, closes files; resolves when all is on disk. */
  close(): Promise<void>;
}

/** What a host tells the terminal that it starts. */
export interface TerminalStart {
  /** Times that the supervisor has restarted the engine since the program was started. */
  readonly restarts: number;
  /** File to replay instead of the live source. */
  readonly replay: string | undefined;
  /** Asks the host to end this engine in order and to start it anew, which counts as no crash. */
  readonly restart: () => void;
  /** Takes a sentence for who started it, at a terminal that shows it before there is a page. */
  readonly tell?: (words: string) => void;
  /** Where keys are kept that are not in the environment; the operating system's keyring when absent. */
  readonly keeper?: KeyKeeper;
}

export type StartTerminal = (start: TerminalStart) => Promise<RunningTerminal>;
