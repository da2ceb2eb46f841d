import { Command, CommanderError } from 'commander';
import { DbnError } from '../codec/dbn/error.ts';
import { FramesError } from '../codec/frames/frame-codec.ts';
import { OffTickError } from '../core/ports.ts';
import { StoreError } from '../core/store-port.ts';
import { addBars } from './commands/bars.ts';
import { addBook } from './commands/book.ts';
import { addCalendar } from './commands/calendar.ts';
import { type CommandContext, CommandError } from './commands/command-context.ts';
import { addDb } from './commands/db.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDump } from './commands/dump.ts';
import { addExport } from './commands/export.ts';
import { addFeatures } from './commands/features.ts';
import { addInspect } from './commands/inspect.ts';
import { addLive } from './commands/live.ts';
import { addRecord } from './commands/record.ts';
import { addReplay } from './commands/replay.ts';
import { addServe } from './commands/serve.ts';
import { addSimulate } from './commands/simulate.ts';
import { TextOutput } from './commands/text-output.ts';
import { VERSION } from './version.ts';

const FAILED = 1;
const WRONG_USAGE = 2;
/** What a shell says of a command that was interrupted. */
const INTERRUPTED = 130;

const out = new TextOutput(process.stdout);
const stop = new AbortController();
const log = (words: string) => void process.stderr.write(`fathom: ${words}\n`);
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
const commands = [
  addInspect,
  addDump,
  addFeatures,
  addBook,
  addBars,
  addReplay,
  addSimulate,
  addLive,
  addRecord,
  addExport,
  addCalendar,
  addDb,
  addServe,
  addDoctor,
];
for (const add of commands) add(program, context);

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
  const code = (error as NodeJS.ErrnoException).code;
  const known = [DbnError, FramesError, OffTickError, CommandError, StoreError].some((type) => error instanceof type);
  log(known ? error.message : code === undefined ? (error.stack ?? error.message) : fileWords(error, code));
  return FAILED;
}

/** A sentence for what the file system refused. */
function fileWords(error: NodeJS.ErrnoException, code: string): string {
  const path = error.path ?? 'the file';
  switch (code) {
    case 'ENOENT':
      return `${path} does not exist`;
    case 'EACCES':
    case 'EPERM':
      return `${path} may not be opened by this user`;
    case 'EISDIR':
      return `${path} is a folder, not a file`;
    case 'ENOSPC':
      return `${path} cannot be written: the disk is full`;
    default:
      return error.message;
  }
}
