import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import type { Command } from 'commander';
import { Engine } from '../../core/engine.ts';
import { openRecording } from '../../feeds/replay/open-recording.ts';
import { DbnExport } from '../offline/dbn-export.ts';
import { type CommandContext, withProgress } from './command-context.ts';

/** `export FILE…`: captures of any venue as one DBN file, with a word on what that loses. */
export function addExport(program: Command, { log, stop }: CommandContext): void {
  program
    .command('export')
    .summary('write captures of any venue as DBN')
    .description(
      'Plays captures and writes definitions, MBP-10 images and trades as a DBN file (zstd when its name ends in .zst). ' +
        'Lossy: ten levels, sizes in units of at most four decimals, one image an event. Databento captures are DBN already.',
    )
    .argument('<file...>', 'captures of one session')
    .requiredOption('--out <file>', 'DBN file to write')
    .action(async (files: string[], { out: path }: { out: string }) => {
      const engine = new Engine({ continuity: 'live' });
      const target = new DbnExport();
      engine.addStage(target);
      await withProgress('export', async (bar) => {
        const recording = openRecording(files, engine);
        const stream = Readable.from(
          (async function* () {
            let begun = false;
            for await (const _ of recording.pieces(bar.update)) {
              while (recording.next()) {
                if (!begun) target.begin(recording.source);
                begun = true;
                recording.apply();
              }
              if (begun) yield target.take();
              if (stop.aborted) return;
            }
          })(),
        );
        const file = createWriteStream(path);
        await (path.endsWith('.zst') ? pipeline(stream, createZstdCompress(), file) : pipeline(stream, file));
      });
      const { events, trades, roundedSizes, cappedSizes } = target.loss;
      log(
        `${events} events and ${trades} trades of ${engine.markets.length} markets. Lost: levels beyond the tenth, ` +
          `what each message changed one by one, ${roundedSizes} sizes rounded, ${cappedSizes} beyond 32 bits capped.`,
      );
    });
}
