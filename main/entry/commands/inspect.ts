import type { Command } from 'commander';
import { inspectDbn } from '../../codec/dbn/inspect.ts';
import { type CommandContext, withProgress } from './command-context.ts';

/** `inspect FILE`: what a DBN file holds, as JSON; of a faulty file what came before the fault. */
export function addInspect(program: Command, { out }: CommandContext): void {
  program
    .command('inspect')
    .summary('what a DBN file holds, as JSON')
    .description(
      'Reads a DBN file (plain or zstd) to its end and prints version, schema, times, counts and instruments.',
    )
    .argument('<file>', 'DBN file')
    .action(async (file: string) => {
      const { summary, fault } = await withProgress('inspect', (bar) => inspectDbn(file, { progress: bar.update }));
      if (summary !== undefined) out.addJson(summary);
      if (fault !== undefined) throw fault;
    });
}
