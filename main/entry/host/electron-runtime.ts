import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How long the place that the runtime comes from may take to answer, and then to deliver. */
const REACH_WITHIN_MS = 2_500;
const FETCH_WITHIN_MS = 180_000;

/**
 * Path of the Electron executable, or undefined where the runtime was never fetched. Looks at the places that the package
 * itself uses and never loads it: without a runtime, loading it starts a download that may hang.
 * @param root the project's folder
 */
export function findElectron(root: string, environment: NodeJS.ProcessEnv): string | undefined {
  const named = environment['ELECTRON_EXEC_PATH'];
  if (named !== undefined) return existsSync(named) ? named : undefined;
  const folder = join(root, 'node_modules', 'electron');
  const pathFile = join(folder, 'path.txt');
  const executable = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : undefined;
  const override = environment['ELECTRON_OVERRIDE_DIST_PATH'];
  if (override === undefined && executable === undefined) return undefined;
  const path = join(override ?? join(folder, 'dist'), executable ?? 'electron');
  return existsSync(path) ? path : undefined;
}

/**
 * Fetches the runtime if the place that it comes from answers at once; many networks refuse it or never answer.
 * @returns whether it is there now
 */
export async function fetchElectron(
  root: string,
  environment: NodeJS.ProcessEnv,
  say: (words: string) => void,
): Promise<boolean> {
  if (!(await reachable(root, environment))) return false;
  say('Fetching the Electron runtime, once, about 110 MB …');
  const installer = join(root, 'node_modules', 'electron', 'install.js');
  const result = spawnSync(process.execPath, [installer], {
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: FETCH_WITHIN_MS,
  });
  return result.status === 0 && findElectron(root, environment) !== undefined;
}

async function reachable(root: string, environment: NodeJS.ProcessEnv): Promise<boolean> {
  const mirror = environment['ELECTRON_MIRROR'] ?? environment['npm_config_electron_mirror'];
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'electron', 'package.json'), 'utf8')) as {
    version: string;
  };
  const base = mirror ?? 'https://github.com/electron/electron/releases/download/';
  try {
    const answer = await fetch(`${base}v${version}/SHASUMS256.txt`, {
      method: 'HEAD',
      signal: AbortSignal.timeout(REACH_WITHIN_MS),
    });
    return answer.ok;
  } catch {
    return false;
  }
}
