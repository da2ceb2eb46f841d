import { homedir, platform } from 'node:os';
import { join } from 'node:path';

/**
 * Where settings, journal, captures and database live: `FATHOM_HOME` when set, else the platform's place for application
 * data.
 */
export function dataFolder(environment: NodeJS.ProcessEnv): string {
  const chosen = environment['FATHOM_HOME'];
  if (chosen !== undefined && chosen !== '') return chosen;
  const home = homedir();
  if (platform() === 'darwin') return join(home, 'Library', 'Application Support', 'Fathom');
  if (platform() === 'win32') return join(environment['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Fathom');
  return join(environment['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), 'fathom');
}

/** The embedded database of a data folder. */
export function storePath(folder: string): string {
  return join(folder, 'fathom.sqlite');
}

/** Where rows wait that the embedded database or a Postgres does not take: each has its own, so that neither gets the other's. */
export function spoolFolder(folder: string, database: 'embedded' | 'postgres'): string {
  return join(folder, 'spool', database);
}
