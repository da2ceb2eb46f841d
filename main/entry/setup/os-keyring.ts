import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { KEY_NAMES, type KeyName } from '../../../shared/vendors.ts';
import { afterMs } from '../../core/clock/wall-timer.ts';
import { environmentKeys, type FeedKeys } from './feed-keys.ts';
import { type HeldKey, type KeyKeeper, KeyRefusal } from './key-desk.ts';
import { replaceFile } from './replace-file.ts';

/** One entry of a keyring. */
interface KeyringEntry {
  getPassword(signal?: AbortSignal): Promise<string | null>;
  setPassword(password: string, signal?: AbortSignal): Promise<void>;
  deletePassword(signal?: AbortSignal): Promise<boolean>;
}

/** The operating system's keyring: makes an entry for a name. @throws when there is no keyring */
export type OpenEntry = (name: KeyName) => KeyringEntry;

/** A keyring that asks its owner to be unlocked may never answer where nobody sits. */
const ANSWER_WITHIN_MS = 2_000;

/** Names of the keys that were set here with their times, µs; reading nothing else spares an unneeded prompt at the start. */
const indexSchema = z.partialRecord(z.enum(KEY_NAMES), z.int().nonnegative());
type Index = z.infer<typeof indexSchema>;

/**
 * The keyring of the operating system as the keeper of keys: Keychain, Credential Manager, or a Secret Service. Which
 * keys are there is noted in the data folder, so that the keyring is not touched by those who keep nothing in it.
 * @param load makes the keyring's library ready; it fails on platforms that it was not built for
 */
export async function openOsKeyring(
  folder: string,
  load: () => Promise<OpenEntry> = loadOpenEntry,
  answerWithinMs = ANSWER_WITHIN_MS,
): Promise<KeyKeeper> {
  const indexPath = join(folder, 'state', 'keyring.json');
  const index: Index = await readIndex(indexPath);
  const held = new Map<KeyName, HeldKey>();
  const names = Object.keys(index) as KeyName[];

  const ask = async <T>(name: KeyName, act: (entry: KeyringEntry, signal: AbortSignal) => Promise<T>): Promise<T> => {
    const limit = new AbortController();
    const late = Promise.withResolvers<never>();
    const cancel = afterMs(answerWithinMs, () => {
      limit.abort();
      late.reject(new Error('it did not answer; it may be locked'));
    });
    try {
      const asked = load().then((open) => act(open(name), limit.signal));
      return await Promise.race([asked, late.promise]);
    } catch (error) {
      throw new KeyRefusal(`The keyring of the operating system cannot be used: ${oneLine((error as Error).message)}.`);
    } finally {
      cancel();
    }
  };
  const keepIndex = async (): Promise<void> => {
    await mkdir(join(folder, 'state'), { recursive: true });
    await replaceFile(indexPath, `${JSON.stringify(index)}\n`);
  };

  await Promise.all(
    names.map(async (name) => {
      try {
        const value = await ask(name, (entry, signal) => entry.getPassword(signal));
        if (value !== null) held.set(name, { value, changedUs: index[name]! });
      } catch (error) {
        if (!(error instanceof KeyRefusal)) throw error;
      }
    }),
  );

  return {
    place: 'keyring',
    held,
    trouble: async () => {
      try {
        await ask(KEY_NAMES[0], (entry, signal) => entry.getPassword(signal));
        return undefined;
      } catch (error) {
        return (error as KeyRefusal).message;
      }
    },
    keep: async (name, value, atUs) => {
      await ask(name, (entry, signal) => entry.setPassword(value, signal)).catch((error: KeyRefusal) => {
        throw new KeyRefusal(error.message.replaceAll(value, '…'));
      });
      index[name] = atUs;
      await keepIndex();
    },
    forget: async (name) => {
      await ask(name, (entry, signal) => entry.deletePassword(signal));
      delete index[name];
      await keepIndex();
    },
  };
}

/** The keys of a program without a shell: of the environment, then of the keyring that is noted in the data folder. */
export async function headlessKeys(environment: NodeJS.ProcessEnv, folder: string): Promise<FeedKeys> {
  const { held } = await openOsKeyring(folder);
  const first = environmentKeys(environment);
  return (name) => first(name) ?? held.get(name)?.value;
}

/** The library is loaded when it is needed, so that a platform that it was not built for can run without it. */
async function loadOpenEntry(): Promise<OpenEntry> {
  const { AsyncEntry } = await import('@napi-rs/keyring');
  // The kernel's keyring forgets with the session, so it is no place for a key that was meant to be kept.
  return (name) => new AsyncEntry('Fathom', name, { linux: { store: 'secret-service' } });
}

async function readIndex(path: string): Promise<Index> {
  try {
    return indexSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return {};
  }
}

function oneLine(words: string): string {
  return words.replace(/\s+/g, ' ').replace(/\.$/, '');
}
