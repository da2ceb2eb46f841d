import { open, rename, rm } from 'node:fs/promises';

/**
 * Puts a text file, readable by its owner alone, in the place of an earlier one: a kill leaves one or the other, never a
 * half. Nothing is left behind when it fails.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const next = `${path}.next`;
  try {
    await rm(next, { force: true });
    const handle = await open(next, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true }).catch(() => undefined);
    throw error;
  }
}
