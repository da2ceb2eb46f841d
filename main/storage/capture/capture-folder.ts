import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A capture in a folder, as its name has it. */
export interface CaptureName {
  readonly path: string;
  readonly source: string;
  /** Start of its hour, µs. */
  readonly hourUs: number;
  /** Records of DBN, or frames of another venue. */
  readonly kind: 'dbn' | 'frames';
}

const NAME = /^(.+)-(\d{4}-\d{2}-\d{2}T\d{2})Z\.(dbn|frames)\.zst$/;

/** Every capture of a folder, by source and then by hour. A folder that is not there has none; throws what the file system throws. */
export async function capturesIn(folder: string): Promise<readonly CaptureName[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.toSorted().flatMap((name) => {
    const [, source, hour, kind] = NAME.exec(name) ?? [];
    if (source === undefined) return [];
    const hourUs = Date.parse(`${hour}:00:00Z`) * 1000;
    return [{ path: join(folder, name), source, hourUs, kind: kind as CaptureName['kind'] }];
  });
}
