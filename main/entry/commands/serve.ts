import { type Command, InvalidArgumentError } from 'commander';
import { DEFAULT_PORT, supervise } from '../supervisor.ts';
import { type CommandContext, wholeNumber } from './command-context.ts';

/** `serve`: the terminal in a browser, its engine supervised, until it is stopped. */
export function addServe(program: Command, { out, log }: CommandContext): void {
  program
    .command('serve')
    .summary('serve the terminal to a browser on this machine')
    .description('Runs the terminal and serves it on 127.0.0.1. Prints the address with its token. Ends with SIGINT.')
    .option('--port <n>', `port; ${DEFAULT_PORT}, or any free one, when left out`, port)
    .option('--replay <file>', 'replay a DBN file instead of the live source')
    .action(async (options: { port?: number; replay?: string }) => {
      const onReady = (url: string) => {
        out.add(`${url}\n`);
        void out.flush();
      };
      process.exitCode = await supervise({ port: options.port, replay: options.replay, onReady, log });
    });
}

function port(text: string): number {
  const value = wholeNumber(text);
  if (value < 1 || value > 65_535) throw new InvalidArgumentError(`Expected a port from 1 to 65535, got "${text}".`);
  return value;
}
