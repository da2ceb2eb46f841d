import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fetchElectron, findElectron } from '../main/entry/host/electron-runtime.ts';
import { supervise } from '../main/entry/supervisor.ts';

/** `npm start`: the terminal in Electron, or, where that can't be, the same terminal in a browser. */

const HELP = `npm start -- [options]
  --browser       serve the terminal on 127.0.0.1 instead of opening the desktop program
  --no-open       with --browser: print the address only
  --port N        with --browser: the port to serve on
  --replay FILE   replay a recorded file instead of the live source
`;

const root = join(import.meta.dirname, '..');

process.exitCode = await start();

async function start(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'number') return options;
  if (!options.browser) {
    const refusal = await noDesktop();
    if (refusal === undefined) return runElectron(options.replay);
    console.error(refusal);
  }
  return supervise({
    port: options.port,
    replay: options.replay,
    log: (words) => console.error(words),
    onReady: (url) => {
      console.log(`Fathom: ${url}`);
      if (options.open) void openBrowser(url);
    },
  });
}

interface StartOptions {
  readonly browser: boolean;
  readonly open: boolean;
  readonly port: number | undefined;
  readonly replay: string | undefined;
}

/** The options, or the exit code when there is nothing to start. */
function readOptions(): StartOptions | number {
  try {
    const { values } = parseArgs({
      options: {
        browser: { type: 'boolean', default: false },
        open: { type: 'boolean', default: true },
        port: { type: 'string' },
        replay: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
      allowNegative: true,
    });
    if (values.help) {
      console.log(HELP);
      return 0;
    }
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
      throw new Error(`--port ${values.port} is not a port between 0 and 65535.`);
    }
    return { browser: values.browser, open: values.open, port, replay: values.replay };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return 2;
  }
}

/** One line saying why the desktop program can't be opened; undefined when it can. */
async function noDesktop(): Promise<string | undefined> {
  const { env } = process;
  if (process.platform === 'linux' && env['DISPLAY'] === undefined && env['WAYLAND_DISPLAY'] === undefined) {
    return 'There is no display here for the desktop program; serving the terminal for a browser instead.';
  }
  if (findElectron(root, env) !== undefined) return undefined;
  if (await fetchElectron(root, env, (words) => console.error(words))) return undefined;
  return 'The Electron runtime is not here and could not be fetched (later: npx install-electron); serving the terminal for a browser instead.';
}

function runElectron(replay: string | undefined): Promise<number> {
  const args = replay === undefined ? [root] : [root, `--replay=${replay}`];
  const child = spawn(findElectron(root, process.env)!, args, { stdio: 'inherit' });
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`The desktop program could not be opened: ${error.message}`);
      resolve(1);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/**
 * Opens the address by way of a file that only this user can read, since a program's arguments, and so a token in them,
 * can be seen by everybody on the machine.
 */
async function openBrowser(url: string): Promise<void> {
  const { default: open } = await import('open');
  const folder = mkdtempSync(join(tmpdir(), 'fathom-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const page = join(folder, 'fathom.html');
  writeFileSync(page, `<!doctype html><meta http-equiv="refresh" content="0; url=${url}"><title>Fathom</title>`, {
    mode: 0o600,
  });
  try {
    await open(page);
  } catch {
    console.error('No browser could be opened; open the address above yourself.');
  }
}
