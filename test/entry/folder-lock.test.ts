import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FolderLockedError, lockFolder } from '../../main/entry/folder-lock.ts';

test('a folder belongs to one living process; the lock of a dead one is taken over', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fathom-lock-'));
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(other, 'spawn');
  writeFileSync(join(folder, 'engine.lock'), String(other.pid));
  await expect(lockFolder(folder)).rejects.toThrow(FolderLockedError);
  await expect(lockFolder(folder)).rejects.toThrow(`process ${other.pid}`);
  other.kill('SIGKILL');
  await once(other, 'exit');
  const release = await lockFolder(folder);
  expect(readFileSync(join(folder, 'engine.lock'), 'utf8')).toBe(String(process.pid));
  await release();
  await (await lockFolder(folder))();
  rmSync(folder, { recursive: true });
});
