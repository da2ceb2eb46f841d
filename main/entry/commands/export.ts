import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import type { Command } from 'commander';
import { Engine } from '../../core/engine.ts';
import { openRecording } from '../../feeds/replay/open-recording.ts';
import type { Recording } from '../../feeds/replay/recording.ts';
import { DbnExport } from '../offline/dbn-export.ts';
import { type CommandContext, UsageError, withProgress } from './command-context.ts';
import type { ProgressBar } from './progress-bar.ts';

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
      for (const file of files) {
        if (await isSameFile(file, path))
          throw new UsageError(`--out ${path} is the capture that is read; name another`);
      }
      const engine = new Engine({ continuity: 'live' });
      const target = new DbnExport();
      engine.addStage(target);
      await withProgress('export', async (bar) => {
        const recording = openRecording(files, engine);
        const pieces = exported(recording, target, stop, bar);
        // What can't be read leaves a file of that name as it is.
        const first = await pieces.next();
        const stream = Readable.from(
          (async function* () {
            if (first.done !== true) yield first.value;
            yield* pieces;
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

/** The export in pieces; it ends early, after whole records, when it is stopped. */
async function* exported(
  recording: Recording,
  target: DbnExport,
  stop: AbortSignal,
  bar: ProgressBar,
): AsyncGenerator<Uint8Array> {
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
}

/** Whether two paths lead to one file, by whatever way. */
async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => stat(path).catch(() => undefined)));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}
