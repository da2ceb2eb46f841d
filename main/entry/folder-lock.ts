import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Another engine already trades on this data folder; two would mix their journals. */
export class FolderLockedError extends Error {
  override readonly name = 'FolderLockedError';
}

/**
 * Takes a data folder for this process; the lock of a process that is gone is taken over. Returns what gives it back.
 * @throws FolderLockedError while another process holds it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'engine.lock');
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
    if (holder > 0 && holder !== process.pid && isAlive(holder)) {
      throw new FolderLockedError(
        `Another Fathom (process ${holder}) runs on ${folder}. Use that one, stop it, or set FATHOM_HOME to another folder. ` +
          `If that process is no Fathom, remove ${path}.`,
      );
    }
    await rm(path, { force: true });
  }
  throw new FolderLockedError(`${path} cannot be taken: others take it at the same time. Start again.`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
