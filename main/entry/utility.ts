import { runUtilityChild, type ShellPort } from './host/utility-child.ts';
import { startTerminal } from './start-terminal.ts';

/** Entry of the shell's utility process. Its line to the shell is the runtime's own addition to `process`. */
const { parentPort } = process as NodeJS.Process & { readonly parentPort?: ShellPort };

if (parentPort === undefined) throw new Error('This is started by the desktop program only; "npm start" opens it.');

runUtilityChild(parentPort, startTerminal, (code) => process.exit(code));
