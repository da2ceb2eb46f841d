import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { deserialize, serialize } from 'node:v8';

/** Shape of what stages keep in their snapshots: raised with every change to one, so that no older state is put into it. */
const STATE_FORMAT = 2;

/** State of a running engine on disk: what a restart continues from. */
export interface EngineCheckpoint {
  /** Version of the program that wrote it and how its source was set: another one starts afresh. */
  readonly version: string;
  readonly savedUs: number;
  readonly engine: unknown;
  readonly source: unknown;
}

interface Saved extends EngineCheckpoint {
  readonly format: number;
}

/** Writes a checkpoint beside the old one, syncs it, and only then puts it in its place: a kill leaves one or the other. */
export async function saveCheckpoint(path: string, checkpoint: EngineCheckpoint): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const next = `${path}.next`;
  const handle = await open(next, 'w');
  try {
    await handle.writeFile(serialize({ ...checkpoint, format: STATE_FORMAT } satisfies Saved));
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(next, path);
}

/**
 * Takes the checkpoint of an earlier run of the same version, format and source that is young enough to go on with, or
 * undefined. It can be taken once: should it be what kills the engine, the next start does without, since a run that lives writes its own. The
 * journal is the truth; this is a convenience, and one that cannot be read is passed over.
 */
export async function takeCheckpoint(
  path: string,
  version: string,
  nowUs: number,
  maxAgeUs: number,
): Promise<EngineCheckpoint | undefined> {
  const taken = `${path}.taken`;
  try {
    await rename(path, taken);
    const checkpoint = deserialize(await readFile(taken)) as Saved;
    const ageUs = nowUs - checkpoint.savedUs;
    const fits = checkpoint.format === STATE_FORMAT && checkpoint.version === version;
    return fits && ageUs >= 0 && ageUs <= maxAgeUs ? checkpoint : undefined;
  } catch {
    return undefined;
  }
}
