import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { KeyVault } from '../../electron/key-vault.ts';
import { safeStorage } from './electron-stand-in.ts';

vi.mock('electron', () => import('./electron-stand-in.ts'));

const SECRET = 'ig-Sup3rSecret0123456789';
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-vault-'));
  path = join(folder, 'desktop', 'keys.json');
});

afterEach(() => {
  safeStorage.available = true;
  safeStorage.backend = 'gnome_libsecret';
  rmSync(folder, { recursive: true, force: true });
});

test('keeps keys sealed, for the owner alone, and gives them back to the next start', () => {
  const vault = new KeyVault(path);
  expect(vault.read()).toEqual({ held: {}, trouble: '' });
  expect(vault.put('IG_PASSWORD', SECRET, 5)).toBe('');
  expect(vault.put('IG_API_KEY', 'other', 6)).toBe('');
  expect(readFileSync(path, 'utf8')).not.toContain(SECRET);
  if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(new KeyVault(path).read().held).toEqual({
    IG_PASSWORD: { value: SECRET, changedUs: 5 },
    IG_API_KEY: { value: 'other', changedUs: 6 },
  });
  expect(vault.put('IG_PASSWORD', null, 0)).toBe('');
  expect(Object.keys(new KeyVault(path).read().held)).toEqual(['IG_API_KEY']);
});

test('a storage that only obscures is none: no key is taken, and the words say why', () => {
  const vault = new KeyVault(path);
  safeStorage.available = false;
  expect(vault.put('IG_PASSWORD', SECRET, 5)).toContain('no storage for secrets');
  expect(vault.read().trouble).toContain('no storage for secrets');
  safeStorage.available = true;
  safeStorage.backend = 'basic_text';
  if (process.platform === 'linux') expect(vault.put('IG_PASSWORD', SECRET, 5)).toContain('clear text');
});

test('a vault that cannot be read is empty, one that cannot be written says so without the key', () => {
  writeFileSync(join(folder, 'broken.json'), '{"IG_PASSWORD": 3, "OTHER": {"sealed": "x"}}');
  expect(new KeyVault(join(folder, 'broken.json')).read().held).toEqual({});
  writeFileSync(join(folder, 'file'), '');
  const words = new KeyVault(join(folder, 'file', 'keys.json')).put('IG_PASSWORD', SECRET, 5);
  expect(words).toMatch(/cannot be written/);
  expect(words).not.toContain(SECRET);
});
