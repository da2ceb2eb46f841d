import type { Stateful } from './ports.ts';

/**
 * What of a venue enters the engine, in the order in which it came. All that a mapper does is a function of these frames,
 * so a recorded session plays again to the same output.
 */
export type FrameKind =
  /** A connection is up; `name` says which (`public`, `level3`). Sequences start anew. */
  | 'opened'
  /** A connection is gone, or frames were lost on the way; `name` says why. Books fed by it are void until rebuilt. */
  | 'lost'
  /** One message as the socket had it. `name` is the connection's. */
  | 'message'
  /** Body of the answer to a request that the feed made; `name` is the request (`depth BTCUSDT`). */
  | 'answer';

/** One thing that arrived. The bytes are the receiver's to keep and must not be written to. */
export interface FeedFrame {
  readonly kind: FrameKind;
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Local receive time: the live clock, stamped where the socket handed the bytes over, µs. */
  readonly localUs: number;
}

/** How a feed is. `live` means that data flows; a connection alone is none of these but `connecting`. */
export type FeedCondition =
  | 'connecting'
  | 'live'
  | 'stale'
  | 'gap'
  | 'backfilling'
  | 'closed'
  | 'bad-credentials'
  | 'refused'
  | 'quota'
  | 'stopped';

/** A condition with its words for the health bar: what is, since when, and what is to be done about it. No secret is in it. */
export interface FeedState {
  readonly condition: FeedCondition;
  readonly words: string;
}

/** Where a feed puts what it has. Both are called on the engine's thread and return at once. */
export interface FeedOutlet {
  frame(frame: FeedFrame): void;
  /** Called on every change. */
  state(state: FeedState): void;
}

/** A venue's connection: asks, listens, reconnects by itself. It knows the protocol and nothing of books. */
export interface Feed {
  /** Name in captures, settings and on screen: `kraken`. */
  readonly name: string;
  /** Begins to connect. Failures are states, never exceptions. */
  start(): void;
  /** Ends in order; no frame comes after it has resolved. */
  stop(): Promise<void>;
  /**
   * The mapper can't follow the book of a symbol: the feed gets a new one, within the venue's rate budgets. Calls while one
   * is on its way do nothing.
   */
  resync(symbol: string, why: string): void;
  /**
   * The frame that was just handed out was refused, since too much waits: for the feed it is as if it had not come. Called
   * before `outlet.frame` returns.
   */
  refused?(): void;
  /** Connections made after the first. */
  readonly reconnects: number;
  /** What comes now happened earlier (a replay after a reconnect): it updates state, and nothing may be armed by it. */
  readonly catchingUp?: boolean;
}

/** Counts of one symbol. */
export interface SymbolTally {
  /** Book messages applied. */
  readonly updates: number;
  readonly trades: number;
}

/** What a mapper has seen; counts only ever grow. */
export interface MapperTally {
  readonly gaps: number;
  readonly checksumFailures: number;
  /** Messages or records by the venue's own kind: `book`, `trade`, `mbp-10`. */
  readonly recordCounts: Readonly<Record<string, number>>;
  /** By venue symbol, in the order of appearance. */
  readonly symbols: ReadonlyMap<string, SymbolTally>;
}

/** Price and size as the venue's own decimal text. */
export type TextLevel = readonly [price: string, size: string];

/** The best levels of a book, best first. */
export interface TextBook {
  readonly bids: readonly TextLevel[];
  readonly asks: readonly TextLevel[];
}

/**
 * A venue's frames in, engine calls out. Pure but for the engine that it drives: it reads no clock, opens nothing, and
 * holds all that it knows in its snapshot; restored into an engine of its own it makes its markets anew. `engine.arrive`
 * has been called for the frame. A frame that can't be understood
 * is a FrameError; the books that it may concern are gapped, and the mapper goes on with the next frame.
 */
export interface FrameMapper extends Stateful<unknown> {
  /** A frame is many inputs (records), and the mapper calls `engine.arrive` for each itself. */
  readonly arrives?: true;
  /** @throws FrameError, OffTickError */
  apply(frame: FeedFrame): void;
  /** Best levels of a symbol's book as exact text, or undefined while there is none. Allocates: not for hot code. */
  bookText(symbol: string, levels: number): TextBook | undefined;
  readonly tally: MapperTally;
  /** Symbol in the tally that an asked name (an epic, a pair) stands for, where the two may differ. */
  symbolOf?(asked: string): string | undefined;
}

/** Asks the feed for a new book; in a replay nobody is asked, since the capture holds what came of it. */
export type Resync = (symbol: string, why: string) => void;

/** A frame that does not fit the venue's protocol. */
export class FrameError extends Error {
  override readonly name = 'FrameError';

  /** @param where venue and channel; @param what was found and expected; never the frame as a whole, which may hold a key */
  constructor(where: string, what: string) {
    super(`${where}: ${what}; the frame is refused and its book is rebuilt.`);
  }
}
