import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { type LinePort, runUtilityChild } from '../../../main/entry/host/utility-child.ts';
import type { ServerMessage } from '../../../shared/contract/messages.ts';
import { PROTOCOL_VERSION } from '../../../shared/contract/protocol.ts';
import { smallTerminal } from '../small-terminal.ts';

const NO_KEYS = { held: {}, trouble: '' };

/** The shell's end of `process.parentPort`, without the shell. */
class Shell extends EventEmitter {
  readonly heard: unknown[] = [];
  postMessage(message: unknown): void {
    this.heard.push(message);
    this.emit('heard');
  }
  say(data: unknown, ports: readonly LinePort[] = []): void {
    this.emit('message', { data, ports });
  }
}

/** A worker port made to speak as the shell's ports do: messages come wrapped. */
function linePort(port: MessagePort): LinePort {
  return {
    on: (event: string, listener: (message: { readonly data: unknown }) => void) =>
      port.on(event as 'message', (data: unknown) => listener({ data })),
    postMessage: (message) => port.postMessage(message),
    start: () => port.start(),
    close: () => port.close(),
  };
}

test('starts, joins ports that come before and after, answers pings, stops in order', async () => {
  const shell = new Shell();
  let closed = 0;
  const exits: number[] = [];
  runUtilityChild(
    shell,
    ({ restarts }) => Promise.resolve({ ...smallTerminal(restarts), close: () => Promise.resolve(void closed++) }),
    (code) => exits.push(code),
  );
  const early = new MessageChannel();
  shell.say({ kind: 'client' }, [linePort(early.port2)]);
  shell.say({ kind: 'start', restarts: 2, replay: undefined, keys: NO_KEYS });
  await new Promise((resolve) => shell.once('heard', resolve));
  expect(shell.heard).toEqual([{ kind: 'ready' }]);

  const late = new MessageChannel();
  shell.say({ kind: 'client' }, [linePort(late.port2)]);
  for (const { port1 } of [early, late]) {
    const got: unknown[] = [];
    const done = new Promise<void>((resolve) => {
      port1.on('message', (message: string | Uint8Array) => {
        got.push(typeof message === 'string' ? (JSON.parse(message) as ServerMessage) : 'frame');
        if (got.at(-1) === 'frame') resolve();
      });
    });
    port1.postMessage(JSON.stringify({ kind: 'hello', protocol: PROTOCOL_VERSION }));
    port1.postMessage(JSON.stringify({ kind: 'subscribe', topics: ['terminal'] }));
    await done;
    expect(got).toMatchObject([{ kind: 'welcome' }, { kind: 'record', value: { restarts: 2 } }, 'frame']);
  }

  shell.say({ kind: 'ping' });
  expect(shell.heard.at(-1)).toEqual({ kind: 'pong' });
  shell.say({ kind: 'stop' });
  await new Promise(setImmediate);
  expect([closed, exits]).toEqual([1, [0]]);
  early.port1.close();
  late.port1.close();
});

test('an engine that can not start says why', async () => {
  const shell = new Shell();
  runUtilityChild(
    shell,
    () => Promise.reject(new Error('settings.json is not JSON')),
    () => undefined,
  );
  shell.say({ kind: 'start', restarts: 0, replay: undefined, keys: NO_KEYS });
  await new Promise((resolve) => shell.once('heard', resolve));
  expect(shell.heard).toEqual([{ kind: 'failed', words: 'settings.json is not JSON' }]);
});

test('ends also when not all can be kept', async () => {
  const shell = new Shell();
  const close = () => Promise.reject(new Error('store: the disk is full.'));
  const ended = new Promise<number>((resolve) => {
    runUtilityChild(shell, () => Promise.resolve({ ...smallTerminal(), close }), resolve);
  });
  shell.say({ kind: 'start', restarts: 0, replay: undefined, keys: NO_KEYS });
  await new Promise((resolve) => shell.once('heard', resolve));
  shell.say({ kind: 'stop' });
  expect(await ended).toBe(1);
});
