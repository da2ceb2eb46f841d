import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = resolve(import.meta.dirname, '..', '..');

/** A terminal served as a trader starts it, on a folder of its own. */
export interface ServedTerminal {
  readonly url: string;
  readonly folder: string;
  readonly process: ChildProcess;
  /** Process id of the engine, the supervisor's only child; undefined while there is none. */
  enginePid(): number | undefined;
  /** Everything that it said on stderr so far. */
  readonly said: () => string;
  /** Ends it in order and leaves its folder to be looked at. */
  end(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/**
 * Ports for one test process: out of reach of its neighbours, which could otherwise take one while its engine is restarted, and
 * of those that the system hands out.
 */
const FIRST_PORT = 20_000 + 100 * Number(process.env['VITEST_POOL_ID'] ?? 0);
let served = 0;

/** Starts `fathom serve` on a port of its own and waits until its page can be opened. @param settings content of settings.json */
export async function serveTerminal(
  settings: object,
  extra: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
): Promise<ServedTerminal> {
  const folder = mkdtempSync(join(tmpdir(), 'fathom-e2e-'));
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings));
  const port = String(FIRST_PORT + (served++ % 100));
  const child = spawn(process.execPath, [join(ROOT, 'main/entry/cli.ts'), 'serve', '--port', port, ...extra], {
    cwd: ROOT,
    env: { ...process.env, ...environment, FATHOM_HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const url = await new Promise<string>((found, failed) => {
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      const match = /http:\/\/127\.0\.0\.1:\d+\/#token=\S+/.exec(line);
      if (match !== null) found(match[0]);
    });
    child.once('exit', (code) => failed(new Error(`serve ended with ${code}: ${said}`)));
  });
  const end = async () => {
    if (child.exitCode !== null) return;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await gone;
  };
  return {
    url,
    folder,
    process: child,
    enginePid: () => onlyChildOf(child.pid!),
    said: () => said,
    end,
    stop: async () => {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function onlyChildOf(pid: number): number | undefined {
  try {
    const children = existsSync('/proc/self')
      ? readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      : execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' });
    const first = Number.parseInt(children, 10);
    return Number.isNaN(first) ? undefined : first;
  } catch {
    return undefined;
  }
}
