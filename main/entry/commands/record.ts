import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { dataFolder } from '../data-folder.ts';
import { HeadlessVenue } from '../venues/headless-venue.ts';
import type { CommandContext } from './command-context.ts';
import { runUntil } from './live.ts';
import { addVenueOptions, planOfOptions, type VenueOptions } from './venue-options.ts';

interface RecordOptions extends VenueOptions {
  readonly out?: string;
  readonly json?: true;
}

/** `record`: a venue into capture files, for as long as it is left running. */
export function addRecord(program: Command, { out, log, stop }: CommandContext): void {
  const command = program
    .command('record')
    .summary('record a venue to capture files')
    .description(
      'Writes what a venue sends to capture files, one an hour, until SIGINT or --for: DBN for Databento, frames as they ' +
        'came for all others. `inspect`, `book`, `bars`, `features` and `replay` read them.',
    );
  addVenueOptions(command)
    .option('--out <folder>', 'folder for the captures; the terminal’s own when left out')
    .option('--json', 'print one line of JSON at the end, as `live` does')
    .action(async (options: RecordOptions) => {
      const folder = resolve(options.out ?? `${dataFolder(process.env)}/captures`);
      await mkdir(folder, { recursive: true });
      const venue = new HeadlessVenue({
        plan: await planOfOptions(options),
        captures: folder,
        onState: ({ condition, words }) => log(`${options.venue}: ${condition} · ${words}`),
        onFault: log,
      });
      log(`recording into ${folder}`);
      venue.start();
      let words = '';
      const tell = async () => {
        const state = venue.line.capture?.state;
        if (state !== undefined && state.words !== words) log(state.ok ? `capture: ${state.words}` : state.words);
        words = state?.words ?? '';
      };
      await runUntil(venue, options.for, stop, tell);
      await venue.stop();
      const report = venue.report(options.symbols);
      const { lostBytes, ok } = venue.line.capture!.state;
      if (lostBytes > 0) log(`${lostBytes} bytes could not be written and are lost`);
      if (options.json === true) out.add(`${JSON.stringify({ ...report, lostBytes })}\n`);
      const failed = lostBytes > 0 || !ok || report.state === 'bad-credentials' || report.state === 'refused';
      process.exitCode = failed ? 1 : 0;
    });
}
