import { basename } from 'node:path';
import { DAY_US } from '../../../shared/units.ts';
import { DbnError } from '../../codec/dbn/error.ts';
import { FramesError } from '../../codec/frames/frame-codec.ts';
import type { Market } from '../../core/market.ts';
import type { SourceTimeline } from '../../storage/capture/source-timeline.ts';
import type { BookLevels } from './book-levels.ts';

/** Whose book is asked for, and when. */
export interface BookAtRequest {
  /** Folder of the captures. */
  readonly folder: string;
  /** Name of the source: `simulated`, `databento`, `kraken`. */
  readonly source: string;
  /** The instrument as its venue names it; of futures also the product (`6E`) or the symbol that was subscribed to. */
  readonly symbol: string;
  /** Time of receipt, as engine time goes, µs: what had arrived by then is in the book. */
  readonly atUs: number;
  /** Ends the work early; what it resolves to then is of no use. */
  readonly stop: AbortSignal;
}

/** The book as it stood, exactly as the engine had it. */
export interface BookThere extends BookLevels {
  readonly kind: 'book';
  /** Venue's number of the instrument. */
  readonly instrument: number;
  readonly rawSymbol: string;
  /** Venue time and receive time of the last event that is in it, nanoseconds. */
  readonly tsEventNs: bigint;
  readonly tsRecvNs: bigint;
  /**
   * `gap`: something of the stream is missing and no whole book had come since; `crossed`: the best bid is above the best ask.
   * Neither may be traded on or drawn as the market.
   */
  readonly state: 'normal' | 'gap' | 'crossed';
  /** What is wrong with it; empty where nothing is. */
  readonly words: string;
}

/** There was no book at that time, or none can be told. */
export interface NoBook {
  readonly kind: 'none';
  /**
   * `not-recorded`: the recorder was not at work, or what it wrote is gone; `no-data`: it was, but of this instrument nothing
   * had come; `damaged`: what would tell can't be read.
   */
  readonly state: 'not-recorded' | 'no-data' | 'damaged';
  readonly words: string;
}

export type BookAt = BookThere | NoBook;

/** There is no book, and why. */
export function none(state: NoBook['state'], words: string): NoBook {
  return { kind: 'none', state, words };
}

/** A time in words, to the millisecond. */
export function timeText(us: number): string {
  return new Date(us / 1000).toISOString();
}

/** How far back is looked for an instrument that is quiet: over a long weekend. */
export const FARTHEST_BACK_US = 4 * DAY_US;

/** A market's book as an answer. @param words what is known to be missing from it; empty where nothing is */
export function bookOf(
  market: Market,
  levels: BookLevels,
  tsEventNs: bigint,
  tsRecvNs: bigint,
  words: string,
): BookThere {
  const { instrument, gapped, depth } = market;
  const gap = words !== '' || gapped;
  return {
    kind: 'book',
    instrument: instrument.venueId,
    rawSymbol: instrument.rawSymbol,
    tsEventNs,
    tsRecvNs,
    state: gap ? 'gap' : depth.crossed ? 'crossed' : 'normal',
    words: words !== '' ? words : gapped ? GAPPED : depth.crossed ? CROSSED : '',
    ...levels,
  };
}

const GAPPED = 'Part of the stream was missing, and no whole book had come since: the levels are those from before.';
const CROSSED = 'The best bid is above the best ask.';

/** The captures do not go on to the time that was asked for. */
export function endsBefore({ source, atUs }: BookAtRequest, lastUs: number): NoBook {
  return none('not-recorded', `The captures of ${source} end at ${timeText(lastUs)}, before ${timeText(atUs)}.`);
}

/** Words for what was given up between two times because the disk did not take it; empty where nothing was. */
export async function lostWords(timeline: SourceTimeline, sinceUs: number, atUs: number): Promise<string> {
  const bytes = await timeline.lostBytes(sinceUs, atUs);
  return bytes === 0 ? '' : `${bytes} bytes of the stream before that time could not be recorded.`;
}

/** What reading throws where a capture is damaged. */
export function isDamage(error: unknown): error is DbnError | FramesError {
  return error instanceof DbnError || error instanceof FramesError;
}

/** A capture could not be read as far as the time that was asked for. @param file its index in the timeline */
export function damaged(error: Error, timeline: SourceTimeline, file: number): NoBook {
  const name = basename(timeline.captures[file]!.path);
  return none('damaged', `${name} is damaged before that time, so the book is not known: ${error.message}`);
}
