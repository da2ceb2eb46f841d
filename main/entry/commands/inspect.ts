import type { Command } from 'commander';
import { inspectDbn } from '../../codec/dbn/inspect.ts';
import { isFramesName } from '../../codec/frames/file.ts';
import { inspectFrames } from '../offline/frames-inspection.ts';
import { type CommandContext, withProgress } from './command-context.ts';

/** `inspect FILE`: what a DBN file or a capture holds, as JSON; of a faulty file what came before the fault. */
export function addInspect(program: Command, { out, stop }: CommandContext): void {
  program
    .command('inspect')
    .summary('what a DBN file or a capture holds, as JSON')
    .description(
      'Reads a DBN file (plain or zstd), or the capture of another venue, to its end and prints what it is, times, counts ' +
        'and instruments.',
    )
    .argument('<file>', 'DBN file or capture')
    .action(async (file: string) => {
      const { summary, fault } = await withProgress<{
        readonly summary: object | undefined;
        readonly fault: Error | undefined;
      }>('inspect', (bar) =>
        isFramesName(file) ? inspectFrames(file, bar.update, stop) : inspectDbn(file, { progress: bar.update, stop }),
      );
      if (summary !== undefined) out.addJson(summary);
      if (fault !== undefined) throw fault;
    });
}
