import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_SETTINGS } from '../../../shared/settings.ts';
import { LiveClock } from '../../core/clock/live-clock.ts';
import { afterMs } from '../../core/clock/wall-timer.ts';
import { openRecording } from '../../feeds/replay/open-recording.ts';
import { playRecording } from '../offline/offline-run.ts';
import { OfflineTerminal } from '../offline/offline-terminal.ts';
import { type CommandContext, positiveNumber, withProgress } from './command-context.ts';

/** How far a paced replay may run ahead of its clock, so that it does not set a timer per record. */
const AHEAD_US = 1_000;

interface ReplayOptions {
  /** Multiple of the recorded pace; 0 = as fast as it goes. */
  readonly speed: number;
  readonly hash?: true;
}

/** `replay FILE…`: the whole engine over the files of a session, with the hash of all that it put out. */
export function addReplay(program: Command, { out, stop }: CommandContext): void {
  program
    .command('replay')
    .summary('run the engine over recorded files')
    .description(
      'Runs features, bars, signals and proposals over a DBN file, or the captures of a session in the order in which they ' +
        'arrived, and prints what came out: a summary, or one SHA-256 over all of it, the same on every run and machine.',
    )
    .argument('<file...>', 'DBN files or captures')
    .addOption(
      new Option('--speed <max|N>', 'as fast as it goes, or N times the recorded pace')
        .argParser(speed)
        .default(0, 'max'),
    )
    .option('--hash', 'print only the hash')
    .action(async (files: string[], options: ReplayOptions) => {
      const terminal = new OfflineTerminal(DEFAULT_SETTINGS);
      const pace = options.speed === 0 ? undefined : pacer(options.speed, stop);
      const run = { stop, ...(pace === undefined ? {} : { pace }) };
      try {
        await withProgress('replay', (bar) =>
          playRecording(openRecording(files, terminal.engine), { ...run, progress: bar.update }),
        );
        terminal.finish();
      } catch (error) {
        // What was good before the fault is told; of a file that is not there, nothing is.
        if (options.hash !== true && terminal.engine.inputSequence > 0) out.addJson(terminal.summary());
        throw error;
      }
      if (options.hash !== true) out.addJson(terminal.summary());
      else if (!stop.aborted) out.add(`${terminal.hash.hex()}\n`);
    });
}

/** Holds records back until their time has come: `times` as fast as they were recorded, from the first one on. */
function pacer(times: number, stop: AbortSignal): (arrivalUs: number) => Promise<void> | undefined {
  const clock = new LiveClock();
  let anchor: { readonly us: number; readonly wallUs: number } | undefined;
  return (arrivalUs) => {
    if (arrivalUs === 0) return undefined;
    anchor ??= { us: arrivalUs, wallUs: clock.monotonicUs() };
    const waitUs = (arrivalUs - anchor.us) / times - (clock.monotonicUs() - anchor.wallUs);
    return waitUs > AHEAD_US ? pause(waitUs / 1_000, stop) : undefined;
  };
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      stop.removeEventListener('abort', end);
      resolve();
    };
    const cancel = afterMs(ms, end);
    stop.addEventListener('abort', end);
  });
}

function speed(text: string): number {
  if (text === 'max') return 0;
  try {
    return positiveNumber(text);
  } catch {
    throw new InvalidArgumentError(`Expected "max" or a number above 0, got "${text}".`);
  }
}
