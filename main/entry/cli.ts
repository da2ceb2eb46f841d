import { Command, CommanderError } from 'commander';
import { DbnError } from '../codec/dbn/error.ts';
import { FramesError } from '../codec/frames/frame-codec.ts';
import { OffTickError } from '../core/ports.ts';
import { StoreError } from '../core/store-port.ts';
import { type CommandContext, CommandError, UsageError } from './commands/command-context.ts';
import { TextOutput } from './commands/text-output.ts';
import { fileWords, isFileFault } from './file-words.ts';
import { VERSION } from './version.ts';

/** Only the command that is asked for is loaded, for help all: each brings in what it works with. */
const COMMANDS: Readonly<Record<string, () => Promise<(program: Command, context: CommandContext) => void>>> = {
  inspect: async () => (await import('./commands/inspect.ts')).addInspect,
  dump: async () => (await import('./commands/dump.ts')).addDump,
  features: async () => (await import('./commands/features.ts')).addFeatures,
  book: async () => (await import('./commands/book.ts')).addBook,
  bars: async () => (await import('./commands/bars.ts')).addBars,
  replay: async () => (await import('./commands/replay.ts')).addReplay,
  simulate: async () => (await import('./commands/simulate.ts')).addSimulate,
  live: async () => (await import('./commands/live.ts')).addLive,
  record: async () => (await import('./commands/record.ts')).addRecord,
  export: async () => (await import('./commands/export.ts')).addExport,
  calendar: async () => (await import('./commands/calendar.ts')).addCalendar,
  db: async () => (await import('./commands/db.ts')).addDb,
  serve: async () => (await import('./commands/serve.ts')).addServe,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
};

const FAILED = 1;
const WRONG_USAGE = 2;
/** What a shell says of a command that was interrupted. */
const INTERRUPTED = 130;

const stop = new AbortController();
const log = (words: string) => void process.stderr.write(`fathom: ${words}\n`);
const out = new TextOutput(process.stdout, log);
// Only the first one asks for an orderly end; the next has its usual effect.
process.once('SIGINT', () => stop.abort());

// A library that prints (IG's streaming client does, on a malformed line) does not print among the results.
console.log = console.error;

const context: CommandContext = { out, log, stop: stop.signal };
const program = new Command('fathom')
  .description('Order-flow trading terminal: recorded and simulated market data on the command line.')
  .version(VERSION)
  .helpCommand(true)
  .showHelpAfterError('(add --help for usage)')
  .exitOverride();
const asked = process.argv[2] ?? '';
const names = Object.hasOwn(COMMANDS, asked) ? [asked] : Object.keys(COMMANDS);
for (const name of names) (await COMMANDS[name]!())(program, context);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error as Error);
}
await out.flush();
if (stop.signal.aborted && process.exitCode === undefined) {
  log('stopped');
  process.exitCode = INTERRUPTED;
}

/** Says what went wrong, unless that has been said, and gives the exit code for it. */
function exitCodeOf(error: Error): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
  const known = [DbnError, FramesError, OffTickError, CommandError, StoreError].some((type) => error instanceof type);
  log(known ? error.message : isFileFault(error) ? fileWords(error) : (error.stack ?? error.message));
  return error instanceof UsageError ? WRONG_USAGE : FAILED;
}
