import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where recorded third-party data lies: beside the project, read in place, never copied into it. */
const FIXTURE_ROOT = resolve(import.meta.dirname, '..', '..', 'shared', 'fixtures');

/** False where the recordings are not at hand; suites that need them then report themselves as not run. */
export const haveFixtures = existsSync(FIXTURE_ROOT);

/** Path of one recorded file, relative to the fixture root. */
export function fixture(relative: string): string {
  return join(FIXTURE_ROOT, relative);
}

/** Content of one recorded file. */
export function readFixture(relative: string): Uint8Array {
  return readFileSync(fixture(relative));
}
