import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fetchElectron, findElectron } from '../../main/entry/host/electron-runtime.ts';
import { ask } from '../entry/raw-http.ts';

// Real processes on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 30_000 });

const START = join(import.meta.dirname, '..', '..', 'scripts', 'start.ts');
/** Nothing listens on the discard port: the runtime's place refuses at once. */
const REFUSING = 'http://127.0.0.1:9/';

let folder: string;
let running: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-start-'));
});

afterEach(() => {
  running?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the program and resolves when it has printed an address or has ended. */
function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [START, ...args], { env: { PATH, HOME, FATHOM_HOME: folder, ...env } });
  running = child;
  let out = '';
  let words = '';
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const said = new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      words += chunk.toString();
      if (words.endsWith('\n')) resolve();
    });
  });
  const printed = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (out.includes('\n')) resolve();
    });
  });
  return { child, exited, first: Promise.race([printed, exited]), said, out: () => out, words: () => words };
}

describe('npm start', () => {
  test('--browser serves the built page, prints the address, and stops in order', async () => {
    const program = start(['--browser', '--no-open', '--port', '0']);
    await program.first;
    const url = new URL(/http:\S+/.exec(program.out())![0]);
    expect(url.hash).toMatch(/^#token=[\w-]{43}$/);
    const page = await ask(Number(url.port), 'GET', '/', { host: url.host });
    expect(page.body).toContain('<title>Fathom</title>');
    program.child.kill('SIGTERM');
    expect(await program.exited).toBe(0);
  });

  test('settings that cannot be used are said at the terminal', async () => {
    writeFileSync(join(folder, 'settings.json'), '{"risk": ');
    const program = start(['--browser', '--no-open', '--port', '0']);
    await program.said;
    program.child.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    expect(program.words()).toMatch(/^Arming is refused: .*settings\.json is not JSON: .*Mend the file.*\n$/);
  });

  test('what it cannot start with is a sentence that says what to do', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const misplaced = start(['--browser', '--no-open', '--port', '0'], { FATHOM_HOME: file });
    expect(await misplaced.exited).toBe(1);
    expect(misplaced.words()).toBe(
      `Fathom cannot keep its data in ${file}: it is a file, or lies under one. Set FATHOM_HOME to a folder that can be written.\n`,
    );
    const nothing = join(folder, 'nowhere.dbn');
    const missing = start(['--browser', '--no-open', '--port', '0', '--replay', nothing]);
    expect(await missing.exited).toBe(1);
    expect(missing.words()).toBe(`${nothing} does not exist.\n`);
  });

  test('without a runtime to be had it says so in one line and serves a browser', async () => {
    const program = start(['--no-open', '--port', '0'], { DISPLAY: ':0', ELECTRON_MIRROR: REFUSING });
    await program.first;
    expect(program.words().trim().split('\n')).toEqual([expect.stringContaining('Electron runtime')]);
    expect(program.out()).toContain('http://127.0.0.1:');
  });

  test('a wrong option is named, with the help, and ends with 2', async () => {
    for (const args of [['--bowser'], ['--port', 'x'], ['--port', '70000']]) {
      const program = start(args);
      expect(await program.exited).toBe(2);
      expect(program.words()).toContain(args.at(-1));
      expect(program.words()).toContain('--no-open');
    }
    const help = start(['--help']);
    expect(await help.exited).toBe(0);
    expect(help.out()).toContain('--replay');
  });
});

describe('the Electron runtime', () => {
  function file(...path: readonly string[]): string {
    const whole = join(folder, ...path);
    mkdirSync(join(whole, '..'), { recursive: true });
    writeFileSync(whole, 'electron');
    return whole;
  }

  test('is found where the package would look for it', () => {
    expect(findElectron(folder, {})).toBeUndefined();
    file('node_modules', 'electron', 'path.txt');
    expect(findElectron(folder, {})).toBeUndefined();
    const own = file('node_modules', 'electron', 'dist', 'electron');
    expect(findElectron(folder, {})).toBe(own);
    const elsewhere = file('elsewhere', 'electron');
    expect(findElectron(folder, { ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'elsewhere') })).toBe(elsewhere);
    expect(findElectron(folder, { ELECTRON_EXEC_PATH: elsewhere })).toBe(elsewhere);
    expect(findElectron(folder, { ELECTRON_EXEC_PATH: join(folder, 'none') })).toBeUndefined();
  });

  test('is given up where its place accepts and never answers, or refuses', async () => {
    file('node_modules', 'electron', 'package.json');
    writeFileSync(join(folder, 'node_modules', 'electron', 'package.json'), '{"version":"1.2.3"}');
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const said: string[] = [];
    const fetchFrom = (mirror: string) =>
      fetchElectron(folder, { ELECTRON_MIRROR: mirror }, (words) => said.push(words));
    const before = performance.now();
    expect(await fetchFrom(`http://127.0.0.1:${port}/`)).toBe(false);
    expect(performance.now() - before).toBeLessThan(8_000);
    expect(await fetchFrom(REFUSING)).toBe(false);
    expect(said).toEqual([]);
    silent.close();
  });
});
