import { dbnCut, wholeDbn } from '../../codec/capture/capture-cut.ts';
import { ACTION, MBO_WORD, MBP_WORD, RTYPE, WORD } from '../../codec/dbn/layout.ts';
import { tsNs } from '../../codec/dbn/read-words.ts';
import { Engine } from '../../core/engine.ts';
import type { Market } from '../../core/market.ts';
import { DbnRecording } from '../../feeds/replay/dbn-recording.ts';
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
import { levelsOfRecords } from './book-levels.ts';
import { DEPTH_RTYPES } from './depth-rtypes.ts';
import { instrumentOfSymbol } from './instrument-of-symbol.ts';
import { playRecording } from './offline-run.ts';

/** What a part of the captures says of one market. */
interface Track {
  /** Its book is whole: by an image of all its levels, or by order since a clear. */
  whole: boolean;
  /** What is lost before this can't be missing from it, µs. */
  wholeSinceUs: number;
  tsEventNs: bigint;
  tsRecvNs: bigint;
  /** Records played up to and with the last complete event; part of a further one may have come since. */
  judgedRecords: number;
  surplus: boolean;
}

/**
 * The book at a time from DBN captures. An image says all of its levels, so reading begins as shortly before the time as it
 * can, and farther back only where the instrument is quiet; a book by order is read from its last clear.
 * @param place the time's own
 */
export async function recordBookAt(
  request: BookAtRequest,
  timeline: SourceTimeline,
  place: CapturePlace,
): Promise<BookAt> {
  let from = place;
  for (let step = 1; ; step *= 2) {
    const attempt = new RecordsUntil(request, timeline, from, Number.POSITIVE_INFINITY);
    const fault = await attempt.play();
    if (fault !== undefined) return damaged(fault, timeline, from.file + attempt.recording.file);
    const meaning = instrumentOfSymbol(attempt.recording.mapper, request.symbol);
    if (meaning.kind !== 'instrument') {
      const { symbol, source } = request;
      if (meaning.kind === 'ambiguous')
        return none('no-data', `${symbol} may be ${meaning.among.join(' or ')}: say which.`);
      return none(
        'no-data',
        `${source} has no ${symbol} by that time; it has ${meaning.known.join(', ') || 'nothing'}.`,
      );
    }
    const market = attempt.recording.mapper.slotOf(meaning.venueId)?.market;
    const track = market && attempt.tracks.get(market);
    const earlier = track?.whole === true ? undefined : await timeline.before(from, step);
    const tooFar = earlier !== undefined && request.atUs - timeline.captures[earlier.file]!.hourUs > FARTHEST_BACK_US;
    if (earlier !== undefined && !tooFar) {
      from = earlier;
      continue;
    }
    if (market === undefined || track === undefined || track.judgedRecords === 0) {
      return none('no-data', `Of ${request.symbol} there is no book in the captures before that time.`);
    }
    return answer(request, timeline, from, attempt, market, track);
  }
}

async function answer(
  request: BookAtRequest,
  timeline: SourceTimeline,
  from: CapturePlace,
  attempt: RecordsUntil,
  market: Market,
  track: Track,
): Promise<BookAt> {
  if (!attempt.reached) return endsBefore(request, attempt.lastUs);
  let words = await lostWords(timeline, track.wholeSinceUs, request.atUs);
  if (!track.whole && !(await timeline.isFirst(from)))
    words = 'What the book by order rests on is in no capture any more.';
  let { mapper } = attempt.recording;
  let shown = market;
  if (track.surplus) {
    const again = new RecordsUntil(request, timeline, from, track.judgedRecords);
    await again.play();
    mapper = again.recording.mapper;
    shown = mapper.slotOf(market.instrument.venueId)!.market;
  }
  return bookOf(shown, levelsOfRecords(shown, mapper), track.tsEventNs, track.tsRecvNs, words);
}

/** Plays the captures of a source from a place to a time, and keeps count of what is known of each market. */
class RecordsUntil {
  readonly tracks = new Map<Market, Track>();
  readonly #request: BookAtRequest;
  readonly #timeline: SourceTimeline;
  readonly #from: CapturePlace;
  readonly #mostRecords: number;
  #recording: DbnRecording | undefined;
  #beginsAt = 0;
  #records = 0;
  /** A record of after the time is there: nothing of before it is missing. */
  reached = false;
  /** When the last record arrived, µs. */
  lastUs = 0;

  constructor(request: BookAtRequest, timeline: SourceTimeline, from: CapturePlace, mostRecords: number) {
    this.#request = request;
    this.#timeline = timeline;
    this.#from = from;
    this.#mostRecords = mostRecords;
  }

  get recording(): DbnRecording {
    if (this.#recording === undefined) throw new Error('nothing has been played');
    return this.#recording;
  }

  /** @returns what is damaged, where it could not be read as far as the time */
  async play(): Promise<Error | undefined> {
    const { atUs, stop } = this.#request;
    const { captures } = this.#timeline;
    const { file, frame } = this.#from;
    const cut = dbnCut(await this.#timeline.index(file), frame, atUs);
    this.#beginsAt = cut.beginsAt;
    // Chunks lie in the hour in which they were received, which may be the one after that of their records.
    const last = captures.findLastIndex(({ hourUs }) => hourUs <= atUs) + 1;
    const later = captures.slice(file + 1, last + 1).map(({ path }) => wholeDbn(path, atUs));
    this.#recording = new DbnRecording([cut, ...later], new Engine({ continuity: 'file' }));
    try {
      await playRecording(this.#recording, { admit: this.#admit, visit: this.#visit, stop });
      return undefined;
    } catch (error) {
      if (isDamage(error)) return error;
      throw error;
    }
  }

  readonly #admit = (): boolean => {
    if (this.#records === this.#mostRecords) return false;
    this.reached = this.recording.arrivalUs() > this.#request.atUs;
    return !this.reached;
  };

  readonly #visit = (): boolean => {
    this.#records++;
    const { recording } = this;
    const { decoder, mapper } = recording;
    const { market } = mapper;
    this.lastUs = recording.arrivalUs();
    if (market === undefined || !DEPTH_RTYPES.has(decoder.rtype)) return true;
    if (recording.file === 0 && decoder.offset < this.#beginsAt) return true;
    let track = this.tracks.get(market);
    if (track === undefined) {
      track = {
        whole: false,
        wholeSinceUs: this.lastUs,
        tsEventNs: 0n,
        tsRecvNs: 0n,
        judgedRecords: 0,
        surplus: false,
      };
      this.tracks.set(market, track);
    }
    track.surplus = !mapper.judged;
    const { words, at } = decoder;
    const byOrder = decoder.rtype === RTYPE.MBO;
    const clears = byOrder && ((words[at + MBO_WORD.FLAGS_CHANNEL_ACTION_SIDE]! >>> 16) & 0xff) === ACTION.CLEAR;
    if (clears || (mapper.judged && !byOrder)) {
      track.whole = true;
      track.wholeSinceUs = this.lastUs;
    }
    if (!mapper.judged) return true;
    track.tsEventNs = tsNs(words, at + WORD.TS_EVENT);
    track.tsRecvNs = tsNs(words, at + (byOrder ? MBO_WORD.TS_RECV : MBP_WORD.TS_RECV));
    track.judgedRecords = this.#records;
    return true;
  };
}
