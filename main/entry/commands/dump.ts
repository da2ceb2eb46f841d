import type { Command } from 'commander';
import { openDbn } from '../../codec/dbn/file.ts';
import { recordToJson } from '../../codec/dbn/record-json.ts';
import { type CommandContext, wholeNumber, withProgress } from './command-context.ts';

/** `dump FILE`: records as JSON lines with Databento's field names. */
export function addDump(program: Command, { out, stop }: CommandContext): void {
  program
    .command('dump')
    .summary('records as JSON lines')
    .description('Prints the records of a DBN file as JSON lines, with the field names of Databento.')
    .argument('<file>', 'DBN file')
    .option('--limit <n>', 'at most this many records', wholeNumber)
    .option('--offset <n>', 'records to skip first', wholeNumber, 0)
    .action(async (file: string, { limit, offset }: { limit?: number; offset: number }) => {
      const end = offset + (limit ?? Number.POSITIVE_INFINITY);
      let record = 0;
      await withProgress('dump', async (bar) => {
        if (end === offset) return;
        for await (const decoder of openDbn(file, { progress: bar.update })) {
          while (decoder.next()) {
            if (record >= offset) out.add(`${JSON.stringify(recordToJson(decoder))}\n`);
            record++;
            if (record >= end) return;
          }
          await out.flush();
          if (stop.aborted) return;
        }
      });
    });
}
