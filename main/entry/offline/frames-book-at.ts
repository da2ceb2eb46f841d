import { framesCut, wholeFrames } from '../../codec/capture/capture-cut.ts';
import type { StoredKind } from '../../codec/frames/frame-codec.ts';
import { Engine } from '../../core/engine.ts';
import type { Market } from '../../core/market.ts';
import { frameMapperOf } from '../../feeds/frame-mappers.ts';
import { FramesRecording } from '../../feeds/replay/frames-recording.ts';
import type { CapturePlace, SourceTimeline } from '../../storage/capture/source-timeline.ts';
import {
  type BookAt,
  type BookAtRequest,
  bookOf,
  damaged,
  endsBefore,
  FARTHEST_BACK_US,
  isDamage,
  lostWords,
  none,
} from './book-answer.ts';
import { levelsOfFrames } from './book-levels.ts';
import { playRecording } from './offline-run.ts';

/**
 * The book at a time from captures of frames: played from the last state before it, or from an earlier one where that can't
 * be read or does not tell when the instrument's last event was, as states of earlier versions do not.
 * @param place the time's own
 */
export async function framesBookAt(
  request: BookAtRequest,
  timeline: SourceTimeline,
  place: CapturePlace,
): Promise<BookAt> {
  let from = await timeline.beginningBy(place);
  for (;;) {
    const attempt = new FramesUntil(request, timeline, from);
    const fault = await attempt.play();
    if (isDamage(fault)) return damaged(fault, timeline, from.file + attempt.recording.file);
    const market = fault === undefined ? attempt.market() : undefined;
    const sure = fault === undefined && attempt.begun && (attempt.told || known(market));
    const before = sure ? undefined : await timeline.before(from, 1);
    const tooFar = before !== undefined && request.atUs - timeline.captures[before.file]!.hourUs > FARTHEST_BACK_US;
    if (before !== undefined && !tooFar) {
      from = await timeline.beginningBy(before);
      continue;
    }
    if (fault !== undefined)
      return none('damaged', `No state that the book could be read from can be read: ${fault.message}`);
    if (market === undefined || !known(market)) return none('no-data', attempt.absent());
    if (!attempt.reached) return endsBefore(request, attempt.lastUs);
    const words = attempt.begun
      ? await lostWords(timeline, attempt.firstUs, request.atUs)
      : 'What the book rests on is in no capture any more.';
    const { mapper } = attempt.recording;
    const [tsEventNs, tsRecvNs] = [BigInt(market.tsEventUs) * 1000n, BigInt(market.tsRecvUs) * 1000n];
    return bookOf(market, levelsOfFrames(market, mapper!), tsEventNs, tsRecvNs, words);
  }
}

/** A market of which an event has come. */
function known(market: Market | undefined): boolean {
  return market !== undefined && (market.events > 0 || market.tsRecvUs > 0);
}

/** Plays the captures of a source from a place to a time. */
class FramesUntil {
  readonly #request: BookAtRequest;
  readonly #timeline: SourceTimeline;
  readonly #from: CapturePlace;
  readonly #engine = new Engine({ continuity: 'file' });
  #recording: FramesRecording | undefined;
  #frames = 0;
  /** What it was that reading began with. */
  #first: StoredKind | undefined;
  /** A frame of after the time is there: nothing of before it is missing. */
  reached = false;
  /** When the first and the last frame arrived, µs. */
  firstUs = 0;
  lastUs = 0;

  constructor(request: BookAtRequest, timeline: SourceTimeline, from: CapturePlace) {
    this.#request = request;
    this.#timeline = timeline;
    this.#from = from;
  }

  get recording(): FramesRecording {
    if (this.#recording === undefined) throw new Error('nothing has been played');
    return this.#recording;
  }

  /** Reading began where a stream does, or with a state. */
  get begun(): boolean {
    return this.#first === 'opened' || this.#first === 'state';
  }

  /** Where reading began, everything was told of the markets that there were. */
  get told(): boolean {
    return this.#first === 'opened' || this.recording.told;
  }

  /** @returns what kept it from being read as far as the time */
  async play(): Promise<Error | undefined> {
    const { atUs, stop, source } = this.#request;
    const { captures } = this.#timeline;
    const { file, frame } = this.#from;
    const cut = framesCut(await this.#timeline.index(file), frame, source);
    const last = captures.findLastIndex(({ hourUs }) => hourUs <= atUs) + 1;
    const later = captures.slice(file + 1, last + 1).map(({ path }) => wholeFrames(path));
    this.#recording = new FramesRecording([cut, ...later], this.#engine, frameMapperOf);
    try {
      await playRecording(this.#recording, { admit: this.#admit, stop });
      return undefined;
    } catch (error) {
      // The file system's errors are the caller's to hear; a state that can't be restored is one of many.
      if ((error as NodeJS.ErrnoException).syscall !== undefined) throw error;
      return error as Error;
    }
  }

  /** The market of the symbol that was asked for. */
  market(): Market | undefined {
    const { symbol } = this.#request;
    const named = this.recording.mapper?.symbolOf?.(symbol) ?? symbol;
    return this.#engine.markets.find(({ instrument }) => instrument.rawSymbol === named || instrument.label === symbol);
  }

  /** Words for a market that is not there, or has no book. */
  absent(): string {
    const { symbol, source } = this.#request;
    if (this.market() !== undefined) return `Of ${symbol} there is no book in the captures before that time.`;
    const names = this.#engine.markets.map(({ instrument }) => instrument.rawSymbol);
    return `${source} has no ${symbol} by that time; it has ${names.join(', ') || 'nothing'}.`;
  }

  readonly #admit = (): boolean => {
    const { recording } = this;
    const us = recording.arrivalUs();
    if (this.#frames++ === 0) {
      this.#first = recording.frame.kind;
      this.firstUs = us;
    }
    this.reached = us > this.#request.atUs;
    if (!this.reached) this.lastUs = us;
    return !this.reached;
  };
}
