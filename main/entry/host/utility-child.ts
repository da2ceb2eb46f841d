import type { ShellMessage, UtilityMessage } from '../../../shared/contract/shell-messages.ts';
import { afterMs } from '../../core/clock/wall-timer.ts';
import { ShellVault } from '../setup/shell-vault.ts';
import type { RunningTerminal, StartTerminal } from '../terminal-port.ts';
import { ClientHub } from './client-hub.ts';

/** How long an orderly stop may take before the process ends regardless. */
const STOP_LIMIT_MS = 4_000;

/** One end of a page's line, as the shell's runtime gives it to a utility process. */
export interface LinePort {
  on(event: 'message', listener: (message: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
}

/** The line to the shell: `process.parentPort` of a utility process. */
export interface ShellPort {
  on(
    event: 'message',
    listener: (message: { readonly data: unknown; readonly ports: readonly LinePort[] }) => void,
  ): unknown;
  postMessage(message: unknown): void;
}

/**
 * The engine as a utility process of the desktop shell: starts when told to, joins every port that the shell hands over,
 * answers pings, stops in order.
 * @param exit ends the process
 */
export function runUtilityChild(shell: ShellPort, startTerminal: StartTerminal, exit: (code: number) => void): void {
  let terminal: RunningTerminal | undefined;
  let hub: ClientHub | undefined;
  let vault: ShellVault | undefined;
  const waiting: LinePort[] = [];
  const tell = (message: UtilityMessage): void => shell.postMessage(message);

  const start = async ({ restarts, replay, keys }: Extract<ShellMessage, { kind: 'start' }>): Promise<void> => {
    try {
      vault = new ShellVault(keys, tell);
      terminal = await startTerminal({ restarts, replay, keeper: vault, restart: () => tell({ kind: 'restart' }) });
    } catch (error) {
      tell({ kind: 'failed', words: error instanceof Error ? error.message : String(error) });
      return;
    }
    hub = new ClientHub(terminal);
    for (const port of waiting.splice(0)) join(hub, port);
    tell({ kind: 'ready' });
  };

  const stop = async (): Promise<void> => {
    afterMs(STOP_LIMIT_MS, () => exit(1), { unref: true });
    hub?.stop();
    try {
      await terminal?.close();
      exit(0);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      process.stderr.write(`Not all could be kept at the end: ${words}\n`);
      exit(1);
    }
  };

  shell.on('message', ({ data, ports }) => {
    const message = data as ShellMessage;
    switch (message.kind) {
      case 'start':
        void start(message);
        return;
      case 'key-kept':
        vault?.answered(message.id, message.trouble);
        return;
      case 'client':
        for (const port of ports) {
          if (hub === undefined) waiting.push(port);
          else join(hub, port);
        }
        return;
      case 'ping':
        tell({ kind: 'pong' });
        return;
      case 'stop':
        void stop();
    }
  });
}

function join(hub: ClientHub, port: LinePort): void {
  const session = hub.join({
    sendText: (text) => port.postMessage(text),
    sendBinary: (bytes) => port.postMessage(bytes),
    close: () => {
      port.close();
      hub.leave(session);
    },
  });
  port.on('message', ({ data }) => {
    if (typeof data === 'string') session.receive(data);
  });
  port.on('close', () => hub.leave(session));
  port.start();
}
