import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { DEFAULT_PORT } from '../../main/entry/supervisor.ts';
import { PROTOCOL_VERSION } from '../../shared/contract/protocol.ts';
import { RESTART_WINDOW_MS, RestartPolicy } from '../../shared/restart-policy.ts';
import { ask } from './raw-http.ts';

// Real processes on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 30_000 });

/** A supervised engine as a trader starts it, seen through what it prints. */
class Program {
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  output = '';
  words = '';
  #heard = (): void => undefined;

  constructor(args: readonly string[] = []) {
    this.process = spawn(process.execPath, [join(import.meta.dirname, 'supervise-small.ts'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FATHOM_HOME: home },
    });
    this.process.stdout!.on('data', (chunk: Buffer) => {
      this.output += chunk.toString();
      this.#heard();
    });
    this.process.stderr!.on('data', (chunk: Buffer) => {
      this.words += chunk.toString();
      this.#heard();
    });
    this.exited = new Promise((resolve) => this.process.once('close', resolve));
  }

  /** Resolves as soon as what was printed fulfils the condition. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  async ready(): Promise<{ readonly port: number; readonly token: string }> {
    await this.until(() => this.output.includes('\n'));
    const url = new URL(this.output.trim());
    return { port: Number(url.port), token: url.hash.slice('#token='.length) };
  }

  get engine(): number {
    const children = readFileSync(`/proc/${this.process.pid}/task/${this.process.pid}/children`, 'utf8');
    return Number(children.trim().split(' ')[0]);
  }

  backs(): number {
    return this.words.split('The engine is back').length - 1;
  }
}

const home = mkdtempSync(join(tmpdir(), 'fathom-supervisor-'));
const programs: Program[] = [];

function run(...args: string[]): Program {
  const program = new Program(args);
  programs.push(program);
  return program;
}

afterEach(async () => {
  for (const program of programs.splice(0)) {
    program.process.kill('SIGKILL');
    await program.exited;
  }
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

async function cookieOf(port: number, token: string): Promise<string> {
  const headers = {
    host: `127.0.0.1:${port}`,
    origin: `http://127.0.0.1:${port}`,
    'content-type': 'application/json',
  };
  const answer = await ask(port, 'POST', '/session', headers, JSON.stringify({ token }));
  return answer.headers['set-cookie']![0]!.split(';')[0]!;
}

/** Sends one command over a line of its own and waits for its answer. */
async function sendCommand(port: number, cookie: string, name: string, params: object): Promise<void> {
  const origin = `http://127.0.0.1:${port}`;
  const line = new WebSocket(`ws://127.0.0.1:${port}/engine`, { headers: { cookie, origin } });
  await new Promise((resolve) => line.once('open', resolve));
  const answered = new Promise<void>((resolve) => {
    line.on('message', (data) => {
      if (String(data).includes('"result"')) resolve();
    });
  });
  line.send(JSON.stringify({ kind: 'hello', protocol: PROTOCOL_VERSION }));
  line.send(JSON.stringify({ kind: 'command', id: 'one-command', name, params }));
  await answered;
  line.terminate();
}

/** Resolves when nobody has that process id any more. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0];
      if (state === 'Z' || state === undefined) return;
    } catch {
      return;
    }
    await new Promise(setImmediate);
  }
}

/** Listens on a port as soon as whoever has it lets go of it. */
async function taking(port: number): Promise<Server> {
  for (;;) {
    const server = createServer();
    const took = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (took) return server;
    await new Promise(setImmediate);
  }
}

test('the policy grants three restarts within any minute', () => {
  const policy = new RestartPolicy();
  expect([0, 10, 20, 30].map((ms) => policy.grant(ms))).toEqual([true, true, true, false]);
  expect(policy.grant(RESTART_WINDOW_MS)).toBe(true);
  expect(policy.grant(RESTART_WINDOW_MS + 5)).toBe(false);
  expect(policy.grant(RESTART_WINDOW_MS + 10)).toBe(true);
  expect(policy.restarts).toBe(5);
});

describe.skipIf(process.platform !== 'linux')('supervisor', () => {
  test('a killed engine is back within two seconds on the same port, and knows its pages', async () => {
    const program = run('0');
    const { port, token } = await program.ready();
    const cookie = await cookieOf(port, token);
    const tookMs: number[] = [];
    for (let kill = 1; kill <= 3; kill++) {
      const before = performance.now();
      process.kill(program.engine, 'SIGKILL');
      await program.until(() => program.backs() === kill);
      tookMs.push(performance.now() - before);
    }
    // The quickest of three, since other tests may hold the processors just then.
    expect(Math.min(...tookMs)).toBeLessThan(2_000);
    expect(await cookieOf(port, token)).toBe(cookie);
    expect(program.words).toContain('SIGKILL');
  });

  test('an engine that keeps dying is given up with words', async () => {
    const program = run('0');
    await program.ready();
    for (let kill = 1; kill <= 4; kill++) {
      process.kill(program.engine, 'SIGKILL');
      if (kill < 4) await program.until(() => program.backs() === kill);
    }
    expect(await program.exited).toBe(1);
    expect(program.words).toContain('more than 3 times within a minute');
  });

  test('a frozen engine is killed and started again', async () => {
    const program = run('0');
    await program.ready();
    process.kill(program.engine, 'SIGSTOP');
    await program.until(() => program.backs() === 1);
    expect(program.words).toContain('no answer');
  });

  test('an engine that asks to be started anew is, as often as it asks, and that counts as no crash', async () => {
    const program = run('0');
    const { port, token } = await program.ready();
    const cookie = await cookieOf(port, token);
    for (let restart = 1; restart <= 5; restart++) {
      await sendCommand(port, cookie, 'settingsWrite', { patch: {} });
      await program.until(() => program.backs() === restart);
    }
    expect(await cookieOf(port, token)).toBe(cookie);
    expect(program.words).toContain('started anew, as was asked for');
    expect(program.words).not.toContain('died');
    process.kill(program.engine, 'SIGKILL');
    await program.until(() => program.backs() === 6);
    expect(program.words).toContain('died (SIGKILL)');
  });

  test('the engine goes when its supervisor is killed', async () => {
    const program = run('0');
    await program.ready();
    const engine = program.engine;
    program.process.kill('SIGKILL');
    await program.exited;
    await gone(engine);
  });

  test('SIGTERM is an orderly stop', async () => {
    const program = run('0');
    await program.ready();
    const engine = program.engine;
    program.process.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    await gone(engine);
    expect(program.words).toBe('');
  });

  test('what the engine has to say at its start and at its end is said in sentences', async () => {
    const program = run('0', 'small-unlucky-process.ts');
    await program.ready();
    await program.until(() => program.words.includes('Arming is refused.\n'));
    program.process.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    expect(program.words).toBe('Arming is refused.\nNot all could be kept at the end: store: the disk is full.\n');
  });

  test('a page that was not built is said before the engine is started for it', async () => {
    const program = run('0', 'small-pageless-process.ts');
    expect(await program.exited).toBe(1);
    expect(program.words).toMatch(/^There is no built page in .*no-page; run "npm run build" first\.\n$/);
  });

  test('a port that was asked for and is taken is named with the way out', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const address = blocker.address();
    const taken = typeof address === 'object' && address !== null ? address.port : 0;
    const program = run(String(taken));
    expect(await program.exited).toBe(1);
    expect(program.words).toContain(`Port ${taken}`);
    expect(program.words).toContain('--port');
    blocker.close();
  });

  test('without a port asked for, a taken default one is no obstacle', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => {
      blocker.once('error', () => resolve());
      blocker.listen(DEFAULT_PORT, '127.0.0.1', resolve);
    });
    const program = run();
    expect((await program.ready()).port).not.toBe(DEFAULT_PORT);
    blocker.close();
  });

  test('an engine whose port was taken while it was away moves, and says where to', async () => {
    const program = run('0');
    const { port } = await program.ready();
    const engine = program.engine;
    process.kill(program.process.pid!, 'SIGSTOP');
    process.kill(engine, 'SIGKILL');
    const blocker = await taking(port);
    process.kill(program.process.pid!, 'SIGCONT');
    await program.until(() => program.backs() === 1 && program.output.trim().includes('\n'));
    expect(program.words).toContain(`Port ${port} was taken by another program meanwhile`);
    const moved = new URL(program.output.trim().split('\n')[1]!);
    const token = moved.hash.slice('#token='.length);
    expect(Number(moved.port)).not.toBe(port);
    expect(await cookieOf(Number(moved.port), token)).not.toBe('');
    blocker.close();
  });

  test('the token is in no argument and no environment', async () => {
    const program = run('0');
    const { token } = await program.ready();
    for (const pid of [program.process.pid, program.engine]) {
      for (const file of ['cmdline', 'environ']) {
        expect(readFileSync(`/proc/${pid}/${file}`, 'utf8')).not.toContain(token);
      }
    }
  });
});
