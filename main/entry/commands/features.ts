import { type Command, InvalidArgumentError, Option } from 'commander';
import { Engine } from '../../core/engine.ts';
import type { Market } from '../../core/market.ts';
import { FeatureStage } from '../../features/feature-stage.ts';
import { openRecording } from '../../feeds/replay/open-recording.ts';
import { playRecording } from '../offline/offline-run.ts';
import { type CommandContext, CommandError, wholeNumber, withProgress } from './command-context.ts';
import { FeatureCsv } from './feature-csv.ts';

interface FeatureOptions {
  readonly instrument?: number;
  /** Interval in microseconds; 0 = every event. */
  readonly every: number;
  readonly all?: true;
}

/** `features FILE`: the features of every event as CSV, their running sums from the file's first record on. */
export function addFeatures(program: Command, { out, stop }: CommandContext): void {
  program
    .command('features')
    .summary('features of every event as CSV')
    .description(
      'Computes the features after every event (LAST) of a DBN file or a capture. ofi, mlofi and cvd are sums since the start of the ' +
        'file; what is absent is empty.',
    )
    .argument('<file>', 'DBN file or capture')
    .option('--instrument <id>', 'only this instrument', wholeNumber)
    .addOption(
      new Option('--every <event|Nms>', 'a row per event, or the last of each interval of ts_recv with events in it')
        .argParser(interval)
        .default(0, 'event'),
    )
    .option('--all', 'every feature that there is, behind the usual ones')
    .action(async (file: string, { instrument, every, all }: FeatureOptions) => {
      const engine = new Engine({ continuity: 'file' });
      engine.addStage(new FeatureStage());
      const csv = new FeatureCsv(engine, all === true);
      const rows = every === 0 ? undefined : new IntervalRows(every, (row) => out.add(row));
      out.add(csv.header);
      const wanted = (market: Market) => instrument === undefined || market.instrument.venueId === instrument;
      engine.addStage({
        name: 'rows',
        onBook: (market) => {
          if (!wanted(market)) return;
          if (rows === undefined) out.add(csv.row(market));
          else rows.take(market.index, market.tsRecvUs, csv.row(market));
        },
        snapshot: () => undefined,
        restore: () => undefined,
      });
      await withProgress('features', async (bar) => {
        try {
          await playRecording(openRecording([file], engine), {
            progress: bar.update,
            stop,
            betweenPieces: () => out.flush(),
          });
        } finally {
          rows?.end();
        }
      });
      if (!engine.markets.some(wanted) && instrument !== undefined)
        throw new CommandError(`instrument ${instrument} does not occur in ${file}`);
    });
}

/** Keeps the last row of each market and interval. */
class IntervalRows {
  readonly #everyUs: number;
  readonly #emit: (row: string) => void;
  readonly #rows = new Map<number, string>();
  #interval = 0;

  constructor(everyUs: number, emit: (row: string) => void) {
    this.#everyUs = everyUs;
    this.#emit = emit;
  }

  take(market: number, tsRecvUs: number, row: string): void {
    const interval = Math.floor(tsRecvUs / this.#everyUs);
    if (interval !== this.#interval) this.end();
    this.#interval = interval;
    // Taken out first, so that the rows of an interval stand in the order of their times.
    this.#rows.delete(market);
    this.#rows.set(market, row);
  }

  end(): void {
    for (const row of this.#rows.values()) this.#emit(row);
    this.#rows.clear();
  }
}

/** `event`, or milliseconds as `100ms`; gives microseconds, 0 for events. */
function interval(text: string): number {
  if (text === 'event') return 0;
  const ms = Number(/^(\d+)ms$/.exec(text)?.[1]);
  if (!(ms > 0)) throw new InvalidArgumentError(`Expected "event" or milliseconds such as "100ms", got "${text}".`);
  return ms * 1_000;
}
