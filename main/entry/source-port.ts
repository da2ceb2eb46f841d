import type { HealthState, ReplayState } from '../../shared/contract/topics.ts';
import type { FeedLight } from './status-publisher.ts';

/** Where a terminal's market data comes from, as its wiring sees it: a live source or a replay. */
export interface TerminalSource {
  /** Words for the screen: "simulated market", a file's name. */
  readonly name: string;
  /** The market is made up: it keeps no trading hours, and everything that comes of it says so. */
  readonly simulated: boolean;
  /** Begins; resolves when the source has caught up with the clock and the terminal may be shown. */
  start(): Promise<void>;
  /** Ends; resolves when what it recorded is on disk. */
  stop(): Promise<void>;
  /** What a restart continues from. */
  snapshot(): unknown;
  /** Arrival of the oldest input that waits, or undefined. */
  oldestInputUs(): number | undefined;
  /** Time at which a command arrives now, in the engine's terms. */
  commandTimeUs(): number;
  /** Why ages are to be told by engine time: paused, or catching up; undefined = live by the clock. */
  standing(): string | undefined;
  /** Why nothing that adds risk may be done now, or undefined: quotes of the past are not traded on. */
  untradable(): string | undefined;
  /** Its venues' feeds; none where data comes from nowhere outside. */
  feeds(): readonly FeedLight[];
  capture(): HealthState['capture'];
  /** State of the replay bar; undefined where nothing is replayed. */
  replay(): ReplayState | undefined;
  /** Carries out a replay command. */
  control(name: string, params: { speed?: number; events?: number; toUs?: number }): Promise<unknown>;
}
