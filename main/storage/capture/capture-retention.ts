import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes the oldest captures of a source, with their sidecars, beyond a number of hours kept. Names sort by time. Returns
 * the captures removed; a folder that is not there has none.
 */
export async function pruneCaptures(folder: string, source: string, keepHours: number): Promise<readonly string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const captures = names.filter((name) => name.startsWith(`${source}-`) && name.endsWith('.dbn.zst')).sort();
  const old = captures.slice(0, Math.max(0, captures.length - keepHours));
  for (const name of old) {
    const stem = name.slice(0, -'.dbn.zst'.length);
    for (const file of names.filter((other) => other.startsWith(stem))) await rm(join(folder, file), { force: true });
  }
  return old;
}
