import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { environmentKeys } from '../../main/entry/setup/feed-keys.ts';
import { KeyDesk, type KeyKeeper } from '../../main/entry/setup/key-desk.ts';
import { type OpenEntry, openOsKeyring } from '../../main/entry/setup/os-keyring.ts';
import { ShellVault } from '../../main/entry/setup/shell-vault.ts';
import type { UtilityMessage } from '../../shared/contract/shell-messages.ts';
import { KEY_NAMES } from '../../shared/vendors.ts';

const SECRET = 'db-Sup3rSecret0123456789';
const NOW_US = 1_700_000_000_000_000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-keys-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A keyring that works, in memory. */
function workingKeyring(): { readonly content: Map<string, string>; readonly load: () => Promise<OpenEntry> } {
  const content = new Map<string, string>();
  const open: OpenEntry = (name) => ({
    getPassword: async () => content.get(name) ?? null,
    setPassword: async (password) => void content.set(name, password),
    deletePassword: async () => content.delete(name),
  });
  return { content, load: async () => open };
}

const desk = (keeper: KeyKeeper, environment: NodeJS.ProcessEnv = {}) =>
  new KeyDesk(environmentKeys(environment), keeper, () => NOW_US);

/** Everything that lies in a folder. */
function allText(path: string): string {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

describe('keys', () => {
  test('a key of the keyring is kept over a restart, with its time, and never lies in the data folder', async () => {
    const { load, content } = workingKeyring();
    const first = desk(await openOsKeyring(folder, load));
    expect(await first.refusal()).toBe('');
    expect(await first.set('DATABENTO_API_KEY', SECRET)).toEqual({
      name: 'DATABENTO_API_KEY',
      place: 'keyring',
      changedUs: NOW_US,
    });
    expect(first.changed).toBe(true);
    expect(first.keys('DATABENTO_API_KEY')).toBe(SECRET);
    expect(allText(folder)).not.toContain(SECRET);

    const second = desk(await openOsKeyring(folder, load));
    expect(second.keys('DATABENTO_API_KEY')).toBe(SECRET);
    expect(second.changed).toBe(false);
    expect(second.state('DATABENTO_API_KEY')).toMatchObject({ place: 'keyring', changedUs: NOW_US });
    expect(JSON.stringify(second.states())).not.toContain(SECRET);
    expect(await second.forget('DATABENTO_API_KEY')).toMatchObject({ place: 'none' });
    expect(content.size).toBe(0);
    expect(desk(await openOsKeyring(folder, load)).keys('DATABENTO_API_KEY')).toBeUndefined();
  });

  test('the keyring is not touched at the start by those who keep nothing in it', async () => {
    let loads = 0;
    const { load } = workingKeyring();
    await openOsKeyring(folder, () => {
      loads++;
      return load();
    });
    expect(loads).toBe(0);
    expect(existsSync(join(folder, 'state'))).toBe(false);
  });

  test('the environment comes first, and what it has is changed there', async () => {
    const { load } = workingKeyring();
    const keys = desk(await openOsKeyring(folder, load), { KRAKEN_API_KEY: 'from-environment', IG_PASSWORD: '' });
    expect(keys.keys('KRAKEN_API_KEY')).toBe('from-environment');
    expect(keys.state('KRAKEN_API_KEY')).toEqual({ name: 'KRAKEN_API_KEY', place: 'environment', changedUs: null });
    expect(keys.state('IG_PASSWORD').place).toBe('none');
    await expect(keys.set('KRAKEN_API_KEY', SECRET)).rejects.toThrow(/is set in the environment/);
    await expect(keys.forget('KRAKEN_API_KEY')).rejects.toThrow(/is set in the environment/);
    expect(keys.states().map(({ name }) => name)).toEqual(KEY_NAMES);
  });

  test.each([
    ['that is not there', () => Promise.reject(new Error('DBus error: no such socket'))],
    [
      'that cannot be opened',
      async () => () => {
        throw new Error('no Secret Service');
      },
    ],
    [
      'that says the key in its error',
      async () => () => ({
        getPassword: async () => null,
        setPassword: async (password: string) => Promise.reject(new Error(`cannot store ${password}`)),
        deletePassword: async () => false,
      }),
    ],
    ['that never answers', async () => () => ({ ...silent, deletePassword: silent.getPassword })],
  ])('a keyring %s is a sentence with the way out, and nothing is written in clear text', async (_, load) => {
    const keys = desk(await openOsKeyring(folder, load as () => Promise<OpenEntry>, 30));
    const error = await keys.set('DATABENTO_API_KEY', SECRET).catch((caught: unknown) => caught);
    expect((error as Error).name).toBe('KeyRefusal');
    expect((error as Error).message).toContain('keyring');
    expect((error as Error).message).not.toContain(SECRET);
    expect(keys.keys('DATABENTO_API_KEY')).toBeUndefined();
    expect(allText(folder)).not.toContain(SECRET);
  });

  test('without a keyring the page is told of the environment variable', async () => {
    const keys = desk(await openOsKeyring(folder, () => Promise.reject(new Error('none here'))));
    expect(await keys.refusal()).toMatch(/environment variables/);
    await expect(keys.set('IG_PASSWORD', SECRET)).rejects.toThrow(/environment variable IG_PASSWORD/);
  });
});

const silent = {
  getPassword: () => new Promise<null>(() => undefined),
  setPassword: () => new Promise<void>(() => undefined),
};

describe('keys of the desktop', () => {
  test('are handed over at the start and kept by the shell, which says what went wrong', async () => {
    const told: UtilityMessage[] = [];
    const vault = new ShellVault({ held: { IG_API_KEY: { value: 'old', changedUs: 5 } }, trouble: '' }, (message) =>
      told.push(message),
    );
    const keys = desk(vault);
    expect(keys.keys('IG_API_KEY')).toBe('old');
    expect(keys.state('IG_API_KEY')).toEqual({ name: 'IG_API_KEY', place: 'desktop', changedUs: 5 });

    const kept = keys.set('IG_API_KEY', SECRET);
    await expect.poll(() => told.length).toBe(1);
    expect(told[0]).toEqual({ kind: 'keep-key', id: 1, name: 'IG_API_KEY', value: SECRET, atUs: NOW_US });
    vault.answered(1, '');
    expect(await kept).toMatchObject({ place: 'desktop', changedUs: NOW_US });

    const refused = keys.forget('IG_API_KEY');
    await expect.poll(() => told.length).toBe(2);
    vault.answered(2, 'The disk is full.');
    await expect(refused).rejects.toThrow(/IG_API_KEY was not forgotten\. The disk is full\./);
    expect(keys.keys('IG_API_KEY')).toBe(SECRET);
  });

  test('a vault that cannot seal takes no key', async () => {
    const told: UtilityMessage[] = [];
    const keys = desk(new ShellVault({ held: {}, trouble: 'No keyring runs.' }, (message) => told.push(message)));
    await expect(keys.set('IG_API_KEY', SECRET)).rejects.toThrow(/No keyring runs\..*environment variable IG_API_KEY/);
    expect(told).toEqual([]);
  });
});
