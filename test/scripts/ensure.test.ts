import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

// Real processes on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 30_000 });

const REAL = join(import.meta.dirname, '..', '..', 'scripts', 'ensure.cjs');

/** npm and the build, replaced by scripts that write down that they were called. */
const NOTE = `require('node:fs').appendFileSync(process.env.CALLS, process.argv.slice(2).join(' ') + '\\n');`;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fathom-ensure-'));
  for (const folder of ['scripts', 'node_modules/electron-vite/bin', 'main', 'out']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  copyFileSync(REAL, join(root, 'scripts', 'ensure.cjs'));
  write(
    'node_modules/electron-vite/bin/electron-vite.js',
    `${NOTE} process.exit(Number(process.env.BUILD_CODE || 0));`,
    50,
  );
  write('npm.cjs', `${NOTE} process.exit(Number(process.env.NPM_CODE || 0));`, 50);
  write('package-lock.json', '{}', 100);
  write('node_modules/.package-lock.json', '{}', 200);
  write('main/engine.ts', '', 100);
  utimesSync(join(root, 'main'), 100, 100);
  write('out/.built', '', 200);
});

afterEach(() => rmSync(root, { recursive: true }));

/** Writes a file that was last changed at a second. */
function write(path: string, content: string, changedAt: number): void {
  writeFileSync(join(root, path), content);
  utimesSync(join(root, path), changedAt, changedAt);
}

function ensure(args: readonly string[], env: NodeJS.ProcessEnv = {}, nodeArgs: readonly string[] = []) {
  const result = spawnSync(process.execPath, [...nodeArgs, join(root, 'scripts', 'ensure.cjs'), ...args], {
    encoding: 'utf8',
    env: { CALLS: join(root, 'calls'), npm_execpath: join(root, 'npm.cjs'), ...env },
  });
  const calls = existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8').trim().split('\n') : [];
  return { code: result.status, words: result.stderr, calls };
}

describe('ensure', () => {
  test('is silent when all is fresh', () => {
    expect(ensure(['--build'])).toEqual({ code: 0, words: '', calls: [] });
  });

  test('installs what the lock file names when nothing is installed or the lock file is newer', () => {
    write('package-lock.json', '{}', 300);
    const stale = ensure([]);
    expect(stale).toMatchObject({ code: 0, calls: ['ci --loglevel=error'] });
    expect(stale.words).toContain('Installing');
    rmSync(join(root, 'node_modules', '.package-lock.json'));
    write('package-lock.json', '{}', 100);
    expect(ensure([]).calls.length).toBe(2);
  });

  test('builds when a source, or a folder of sources, is newer than the build, and then no more', () => {
    write('main/engine.ts', '', 300);
    expect(ensure([]).calls).toEqual([]);
    expect(ensure(['--build']).calls).toEqual(['build --logLevel warn']);
    expect(ensure(['--build']).calls.length).toBe(1);
    rmSync(join(root, 'out', '.built'));
    expect(ensure(['--build']).calls.length).toBe(2);
    rmSync(join(root, 'main', 'engine.ts'));
    const later = Date.now() / 1_000 + 5;
    utimesSync(join(root, 'main'), later, later);
    expect(ensure(['--build']).calls.length).toBe(3);
  });

  test('what fails is said, and counts as not done', () => {
    write('package-lock.json', '{}', 300);
    expect(ensure([], { NPM_CODE: '7' })).toMatchObject({ code: 1 });
    write('package-lock.json', '{}', 100);
    write('main/engine.ts', '', 300);
    const failed = ensure(['--build'], { BUILD_CODE: '1' });
    expect(failed.code).toBe(1);
    expect(failed.words).toContain('The build failed');
    expect(ensure(['--build']).code).toBe(0);
    expect(readFileSync(join(root, 'calls'), 'utf8').match(/build/g)?.length).toBe(2);
  });

  test('a Node that is too old is told so in a sentence', () => {
    const pretend = (version: string) => {
      write('old.cjs', `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });`, 50);
      return ensure([], {}, ['--require', join(root, 'old.cjs')]);
    };
    expect(pretend('18.20.0')).toMatchObject({
      code: 1,
      words: expect.stringContaining('Node 20 or later to install'),
    });
    expect(pretend('22.1.0')).toMatchObject({ code: 1, words: expect.stringContaining('Node 24 or later to run') });
    const own = join(
      'node_modules',
      `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`,
      'bin',
    );
    mkdirSync(join(root, own), { recursive: true });
    write(join(own, process.platform === 'win32' ? 'node.exe' : 'node'), '', 50);
    expect(pretend('22.1.0')).toMatchObject({ code: 0, words: '' });
  });
});
