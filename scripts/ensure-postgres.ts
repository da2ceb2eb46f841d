import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { findPostgres } from '../test/storage/postgres-server.ts';

/**
 * Sees to it that the tests have a Postgres to start: the machine's own, else the one of the development packages, else
 * Debian's by apt-get where this runs as root on Debian. Without one those tests are left out, which is no failure.
 */
export function ensurePostgres(): true {
  let found = findPostgres();
  if (found === undefined && existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'postgresql'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    found = findPostgres();
  }
  console.error(found === undefined ? 'postgres: none' : `postgres: ${found.folder}`);
  return true;
}
