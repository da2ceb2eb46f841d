import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Another living process holds what was asked for. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
  readonly path: string;
  /** Process that holds it; undefined where several took it at the same time. */
  readonly holder: number | undefined;

  constructor(path: string, holder: number | undefined) {
    super(holder === undefined ? `${path} is taken by others at the same time` : `process ${holder} holds ${path}`);
    this.path = path;
    this.holder = holder;
  }
}

/**
 * Takes a lock file for this process; that of a process that is gone is taken over. Returns what gives it back.
 * @throws LockedError while another process holds it, and what the file system throws
 */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  await mkdir(dirname(path), { recursive: true });
  for (let tries = 0; tries < 3; tries++) {
    try {
      const handle = await open(path, 'wx');
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(await readFile(path, 'utf8').catch(() => ''));
    if (holder > 0 && holder !== process.pid && isAlive(holder)) throw new LockedError(path, holder);
    await rm(path, { force: true });
  }
  throw new LockedError(path, undefined);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
