import { flushCompileCache } from 'node:module';
import { afterMs } from '../../core/clock/wall-timer.ts';
import type { RunningTerminal, StartTerminal } from '../terminal-port.ts';
import { type BrowserHost, PortTakenError, startBrowserHost } from './browser-host.ts';
import type { EngineMessage, SupervisorMessage } from './engine-messages.ts';
import { requirePage } from './static-files.ts';

/** How long an orderly stop may take before the process ends regardless. */
const STOP_LIMIT_MS = 4_000;

type Serve = Extract<SupervisorMessage, { kind: 'serve' }>;

/**
 * The engine process: waits for the supervisor's orders, serves, answers pings, stops in order when told to or when the
 * supervisor is gone.
 * @param rendererRoot folder of the built page
 */
export function runEngineChild(startTerminal: StartTerminal, rendererRoot: string): void {
  let running: Promise<readonly [RunningTerminal, BrowserHost]> | undefined;
  let stopping = false;

  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    afterMs(STOP_LIMIT_MS, () => process.exit(1));
    try {
      if (running !== undefined) {
        const [terminal, host] = await running;
        await host.close();
        await terminal.close();
      }
      process.exit(0);
    } catch (error) {
      leave({ kind: 'notice', words: `Not all could be kept at the end: ${wordsOf(error)}` });
    }
  };

  process.on('message', (message: SupervisorMessage) => {
    switch (message.kind) {
      case 'serve':
        running = serve(message, startTerminal, rendererRoot);
        running.then(
          ([, host]) => {
            tell({ kind: 'ready', port: host.port, url: host.url });
            // Kept now, since a process that is killed keeps nothing.
            flushCompileCache();
          },
          (error: unknown) => leave({ kind: 'failed', words: wordsOf(error) }),
        );
        return;
      case 'ping':
        tell({ kind: 'pong' });
        return;
      case 'stop':
        void stop();
    }
  });
  process.on('disconnect', () => void stop());
  process.on('SIGTERM', () => void stop());
  // Ctrl+C reaches the whole group; the supervisor alone decides what it means.
  process.on('SIGINT', () => undefined);
}

async function serve(
  order: Serve,
  startTerminal: StartTerminal,
  rendererRoot: string,
): Promise<readonly [RunningTerminal, BrowserHost]> {
  requirePage(rendererRoot);
  const terminal = await startTerminal({
    restarts: order.restarts,
    replay: order.replay,
    restart: () => tell({ kind: 'restart' }),
    tell: (words) => tell({ kind: 'notice', words }),
  });
  const at = (port: number) => ({ terminal, port, token: order.token, cookieKey: order.cookieKey, rendererRoot });
  try {
    return [terminal, await startBrowserHost(at(order.port))];
  } catch (error) {
    if (order.portMayMove && error instanceof PortTakenError) return [terminal, await startBrowserHost(at(0))];
    await terminal.close();
    throw error;
  }
}

function tell(message: EngineMessage): void {
  if (process.connected) process.send!(message);
}

/** Ends the process as failed once a last message is through; nobody hears it where the supervisor is gone. */
function leave(message: EngineMessage): void {
  if (process.connected) process.send!(message, () => process.exit(1));
  else process.exit(1);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
