import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_SETTINGS } from '../../../shared/settings.ts';
import { MINUTE_US, MS_US, SECOND_US } from '../../../shared/units.ts';
import { DbnRecordWriter } from '../../codec/dbn/write-record.ts';
import { DEFAULT_SIMULATION_START_US, SimulatedMarket } from '../../feeds/simulated/simulated-market.ts';
import { type CommandContext, positiveNumber, wholeNumber, withProgress } from './command-context.ts';
import type { ProgressBar } from './progress-bar.ts';

/** Market time that is made between two writes. */
const STEP_US = 5 * SECOND_US;

interface SimulateOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly out: string;
  readonly truth?: string;
  readonly start: number;
  readonly rate: number;
}

/** `simulate`: a simulated market as a DBN file; the same seed and options give the same bytes. */
export function addSimulate(program: Command, { log, stop }: CommandContext): void {
  const { seed, lagMs, eventsPerSecond } = DEFAULT_SETTINGS.source;
  program
    .command('simulate')
    .summary('write a simulated market to a file')
    .description(
      'Writes a simulated market of 6E, 6B, 6J and their spot pairs to a DBN file (version 3; zstd when its name ends ' +
        'in .zst). The same seed and options give the same bytes.',
    )
    .requiredOption('--seed <S>', `whole number; the terminal's own is ${seed}`, wholeNumber)
    .requiredOption('--minutes <M>', 'how long', positiveNumber)
    .requiredOption('--out <file>', 'DBN file to write')
    .option('--truth <file>', 'JSON lines of what was planted: regimes, sweeps, icebergs, lags')
    .addOption(
      new Option('--start <time>', 'when it begins, in UTC')
        .argParser(startTime)
        .default(DEFAULT_SIMULATION_START_US, new Date(DEFAULT_SIMULATION_START_US / 1000).toISOString()),
    )
    .option('--rate <n>', 'depth events per second and future at busy hours', positiveNumber, eventsPerSecond)
    .action(async (options: SimulateOptions) => {
      const { start: startUs, minutes, out: path, truth } = options;
      const market = new SimulatedMarket({
        seed: options.seed,
        startUs,
        lagUs: lagMs * MS_US,
        eventsPerSecond: options.rate,
        alwaysOpen: false,
      });
      let records = 0;
      await withProgress('simulate', async (bar) => {
        const stream = Readable.from(
          simulated(market, startUs, minutes * MINUTE_US, stop, bar, (count) => {
            records += count;
          }),
        );
        const file = createWriteStream(path);
        await (path.endsWith('.zst') ? pipeline(stream, createZstdCompress(), file) : pipeline(stream, file));
      });
      if (truth !== undefined) {
        await writeFile(
          truth,
          market
            .truth()
            .map((planted) => `${JSON.stringify(planted)}\n`)
            .join(''),
        );
      }
      log(`wrote ${records} records to ${path}`);
    });
}

/** The stream in pieces; it ends early, after whole records, when it is stopped. */
async function* simulated(
  market: SimulatedMarket,
  startUs: number,
  durationUs: number,
  stop: AbortSignal,
  bar: ProgressBar,
  onRecords: (count: number) => void,
): AsyncGenerator<Uint8Array> {
  const out = new DbnRecordWriter(1 << 22);
  onRecords(market.prologue(out));
  for (let doneUs = 0; doneUs < durationUs && !stop.aborted; ) {
    doneUs = Math.min(doneUs + STEP_US, durationUs);
    onRecords(market.advanceTo(startUs + doneUs, out));
    yield out.written().slice();
    out.clear();
    bar.update(doneUs, durationUs);
  }
}

/** An ISO time with its zone, in microseconds. */
function startTime(text: string): number {
  const ms = Date.parse(text);
  if (!/T.*(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(ms)) {
    throw new InvalidArgumentError(`Expected a time with its zone, such as 2026-11-18T13:00:00Z, got "${text}".`);
  }
  return ms * MS_US;
}
