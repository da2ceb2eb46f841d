import { DAY_US, HOUR_US, MINUTE_US, SECOND_US } from '../../../shared/units.ts';
import { DbnDecoder } from '../../codec/dbn/decoder.ts';
import { RTYPE } from '../../codec/dbn/layout.ts';
import type { Clock } from '../../core/clock/clock.ts';
import { type Cancel, everyMs } from '../../core/clock/wall-timer.ts';
import type { FeedState } from '../../core/feed-port.ts';
import type { Market } from '../../core/market.ts';
import { type Backfill, type BackfillGap, type BackfillRoute, backfillRoute } from '../../feeds/databento/backfill.ts';
import type { DatabentoHistory } from '../../feeds/databento/historical.ts';
import { HistoricalError } from '../../feeds/databento/historical-error.ts';
import type { LiveHole } from '../../feeds/databento/live-holes.ts';
import { BackfillCapture } from '../../storage/capture/backfill-capture.ts';
import { HoleFilter } from './hole-filter.ts';
import { PastBars } from './past-bars.ts';
import type { PastOutlet } from './past-outlet.ts';

/** The last minute of a hole is over, and its last records had this time to get to the vendor's log. */
const SETTLING_US = 5 * SECOND_US;
/** Records of a hole can be a little older than the latest of any schema before it. */
const SKEW_US = SECOND_US;
const RETRY_US = 2 * MINUTE_US;
const MOST_RETRY_US = HOUR_US;
/** Failures that time does not mend: the trader has to do something. */
const FINAL: ReadonlySet<HistoricalError['fault']> = new Set(['bad-credentials', 'not-entitled', 'bad-request']);

export interface DatabentoBackfillParts {
  readonly clock: Clock;
  readonly dataset: string;
  readonly history: DatabentoHistory;
  readonly backfill: Backfill;
  readonly past: PastOutlet;
  /** Bytes above which the trader is asked first. */
  readonly askAboveBytes: number;
  /** What is being done, shown in the place of the words for a hole; undefined = nothing more. */
  readonly tell: (state: FeedState | undefined) => void;
  /** A hole is closed. */
  readonly settle: (hole: LiveHole) => void;
  /** Default 1 s. */
  readonly lookMs?: number;
}

/** Holes that are filled with one request. */
interface Work {
  readonly id: string;
  readonly holes: LiveHole[];
  /** Nothing is done before. */
  dueUs: number;
  /** The trader was asked, or nothing more can be done. */
  held: boolean;
  confirmed: boolean;
  failures: number;
  /** The gateway could not replay it. */
  byHistory: boolean;
}

/**
 * Fills the holes that no replay of the stream brings, by itself where that is small, else once the trader has said so.
 * What comes is of the past and does not enter the running engine: it goes to a capture of its own, and the bars of all
 * minutes that a hole touches are made anew from it, whole.
 */
export class DatabentoBackfill {
  readonly #parts: DatabentoBackfillParts;
  readonly #works: Work[] = [];
  readonly #look: Cancel;
  #asked = 0;
  #busy = false;
  #stopped = false;

  constructor(parts: DatabentoBackfillParts) {
    this.#parts = parts;
    this.#look = everyMs(parts.lookMs ?? 1_000, () => this.#next());
  }

  /** Takes a hole on: one close to another that waits is fetched together with it. */
  add(hole: LiveHole): void {
    const { fromUs, toUs } = hole;
    const open = this.#works.find(({ held, failures, holes }) => {
      return !held && failures === 0 && holes.some((other) => fromUs <= other.toUs + MINUTE_US);
    });
    const dueUs = minuteAfter(toUs) + SETTLING_US;
    if (open === undefined) {
      const id = `H${++this.#asked}-${fromUs}`;
      this.#works.push({ id, holes: [hole], dueUs, held: false, confirmed: false, failures: 0, byHistory: false });
    } else {
      open.holes.push(hole);
      open.dueUs = Math.max(open.dueUs, dueUs);
    }
    for (const market of this.#markets())
      this.#parts.past.mark(market, fromUs, `${spanWords(fromUs, toUs)} is missing`);
    this.#say('gap', hole, `is missing (${hole.why}); it will be fetched`);
  }

  stop(): void {
    this.#stopped = true;
    this.#look();
  }

  #next(): void {
    const nowUs = this.#parts.clock.nowUs();
    const work = this.#works.find(({ held, dueUs }) => !held && dueUs <= nowUs);
    if (this.#busy || work === undefined) return;
    this.#busy = true;
    this.#run(work)
      .catch((error: unknown) => this.#failed(work, error))
      .finally(() => {
        this.#busy = false;
      });
  }

  async #run(work: Work): Promise<void> {
    const { history, backfill, clock, dataset, askAboveBytes } = this.#parts;
    const gap = gapOf(work.holes);
    const route = work.byHistory ? 'history' : backfillRoute(gap, clock.nowUs());
    if (route === 'history') {
      const { endNs } = await history.datasetRange(dataset);
      const endUs = Number(endNs / 1000n);
      if (endUs < gap.toUs) {
        work.dueUs = clock.nowUs() + RETRY_US;
        this.#say('gap', gap, `is missing; history reaches up to ${timeWords(endUs)} and is asked again`);
        return;
      }
    }
    const { bytes, costUsd } = await backfill.estimate(gap, route);
    const price = route === 'replay' ? 'a replay, free of charge' : `${sizeWords(bytes)} for USD ${costUsd.toFixed(2)}`;
    if (bytes > askAboveBytes && !work.confirmed) {
      this.#ask(work, gap, price);
      return;
    }
    this.#say('backfilling', gap, `is being fetched (${price})`);
    await this.#fill(work, gap, route);
  }

  #ask(work: Work, gap: BackfillGap, price: string): void {
    const { past, clock } = this.#parts;
    const span = spanWords(gap.fromUs, gap.toUs);
    work.held = true;
    const confirm = () => {
      work.held = false;
      work.confirmed = true;
    };
    past.ask({ id: work.id, atUs: clock.nowUs(), words: `${span} from Databento's history: ${price}`, confirm });
    past.announce(
      'caution',
      `Databento: ${span} is missing. History has it: ${price}. Confirm it in the command palette.`,
    );
    this.#say('gap', gap, `is missing; history has it: ${price}; confirm it in the command palette`);
  }

  async #fill(work: Work, gap: BackfillGap, route: BackfillRoute): Promise<void> {
    const { backfill, past, clock, dataset } = this.#parts;
    const bars = new PastBars(gap.schemas, past.markets);
    const filters = work.holes.map((hole) => new HoleFilter(hole));
    const capture =
      past.captures === undefined
        ? undefined
        : new BackfillCapture({
            folder: past.captures,
            source: 'databento',
            dataset,
            instruments: this.#markets().map(({ instrument }) => instrument),
            arrivalUs: (decoder) => bars.mapper.arrivalUs(decoder),
          });
    const streams = new Map<number, DbnDecoder>();
    let records = 0;
    const take = (decoder: DbnDecoder) => {
      if (decoder.rtype === RTYPE.SYMBOL_MAPPING) return;
      bars.take(decoder);
      let missing = decoder.rtype === RTYPE.INSTRUMENT_DEF;
      for (const filter of filters) missing = filter.misses(decoder) || missing;
      if (!missing) return;
      records++;
      capture?.add(decoder);
    };
    const hand = (bytes: Uint8Array, stream: number) => {
      if (this.#stopped) throw new Error('the program is being ended');
      const decoder = streams.get(stream) ?? new DbnDecoder();
      streams.set(stream, decoder);
      decoder.push(bytes);
      while (decoder.next()) take(decoder);
    };
    const report = await backfill.fill(gap, hand, true, route);
    const holes = work.holes.map(({ fromUs, toUs, why }) => ({ fromUs, toUs, why }));
    await capture?.finish({ type: 'fetched', atUs: clock.nowUs(), route, holes });
    if (this.#stopped) return;
    for (const [market, rows] of bars.finish(gap.fromUs, gap.toUs)) {
      const { publisherId, venueId } = market.instrument;
      const own = past.markets.find(({ instrument: known }) => {
        return known.publisherId === publisherId && known.venueId === venueId;
      });
      if (own !== undefined) past.bars(own, rows);
    }
    this.#filled(work, gap, route, records, report.tradeHole);
  }

  #filled(work: Work, gap: BackfillGap, route: BackfillRoute, records: number, traded: boolean): void {
    const { past, settle, tell } = this.#parts;
    const from = route === 'history' ? 'filled from history' : 'filled by a replay';
    for (const { fromUs, toUs } of work.holes) {
      for (const market of this.#markets()) past.mark(market, fromUs, `${spanWords(fromUs, toUs)}: ${from}`);
    }
    this.#works.splice(this.#works.indexOf(work), 1);
    tell(undefined);
    for (const hole of work.holes) settle(hole);
    const sums = traded
      ? ' Bars are whole again; the VWAP, cumulative delta and volume at price of the running session lack these trades.'
      : '';
    past.announce('info', `Databento: ${spanWords(gap.fromUs, gap.toUs)} was ${from} (${records} records).${sums}`);
  }

  #failed(work: Work, error: unknown): void {
    if (this.#stopped) return;
    const { clock, past } = this.#parts;
    const words = error instanceof Error ? error.message : String(error);
    const gap = gapOf(work.holes);
    const fault = error instanceof HistoricalError ? error.fault : undefined;
    if (fault === 'broken-off' && !work.byHistory && backfillRoute(gap, clock.nowUs()) === 'replay') {
      work.byHistory = true;
      return;
    }
    work.held = fault !== undefined && FINAL.has(fault);
    work.dueUs = clock.nowUs() + Math.min(RETRY_US * 2 ** work.failures, MOST_RETRY_US);
    work.failures++;
    if (work.failures === 1 || work.held) {
      past.announce('caution', `Databento: ${spanWords(gap.fromUs, gap.toUs)} could not be fetched. ${words}`);
    }
    this.#say('gap', gap, `is missing and could not be fetched (${words})`);
  }

  #say(condition: 'gap' | 'backfilling', span: Pick<BackfillGap, 'fromUs' | 'toUs'>, words: string): void {
    this.#parts.tell({ condition, words: `${spanWords(span.fromUs, span.toUs)} ${words}` });
  }

  #markets(): readonly Market[] {
    return this.#parts.past.markets.filter(({ instrument }) => instrument.venue === VENUE);
  }
}

const VENUE = 'GLBX';

/** Whole minutes around the holes, so that their bars can be made from nothing else. */
function gapOf(holes: readonly LiveHole[]): BackfillGap {
  const starts = holes.map(({ fromUs }) => fromUs - SKEW_US);
  const ends = holes.flatMap(({ toUs, firstUs }) => [toUs, ...firstUs.values()]);
  const fromUs = Math.floor(Math.min(...starts) / MINUTE_US) * MINUTE_US;
  const { schemas, symbols } = holes[0]!;
  return { fromUs, toUs: minuteAfter(Math.max(...ends)), schemas, symbols };
}

function minuteAfter(us: number): number {
  return Math.ceil(us / MINUTE_US) * MINUTE_US;
}

/** `14:05 to 14:09 UTC`; with dates where they differ. */
function spanWords(fromUs: number, toUs: number): string {
  const sameDay = Math.floor(fromUs / DAY_US) === Math.floor(toUs / DAY_US);
  return sameDay
    ? `${timeWords(fromUs).slice(11, 16)} to ${timeWords(toUs).slice(11)}`
    : `${timeWords(fromUs)} to ${timeWords(toUs)}`;
}

function timeWords(us: number): string {
  return `${new Date(us / 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function sizeWords(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(0)} MB`;
}
