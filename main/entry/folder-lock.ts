import { join } from 'node:path';
import { LockedError, takeLock } from '../core/process-lock.ts';

/** Another engine already trades on this data folder; two would mix their journals. */
export class FolderLockedError extends Error {
  override readonly name = 'FolderLockedError';
}

/**
 * Takes a data folder for this process. Returns what gives it back.
 * @throws FolderLockedError while another process holds it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  try {
    return await takeLock(join(folder, 'engine.lock'));
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    const { holder, path } = error;
    throw new FolderLockedError(
      holder === undefined
        ? `${path} cannot be taken: others take it at the same time. Start again.`
        : `Another Fathom (process ${holder}) runs on ${folder}. Use that one, stop it, or set FATHOM_HOME to another folder. ` +
            `If that process is no Fathom, remove ${path}.`,
    );
  }
}
