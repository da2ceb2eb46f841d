import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { safeStorage } from 'electron';
import type { VaultKeys } from '../shared/contract/shell-messages.ts';
import { KEY_NAMES, type KeyName } from '../shared/vendors.ts';

/** A key as the file has it: what the operating system encrypted, in base64. */
interface Sealed {
  readonly sealed: string;
  readonly changedUs: number;
}
type SealedKeys = Partial<Record<KeyName, Sealed>>;

/**
 * The keys of the feeds in a file that only this user's operating system can open. They are handed to the engine process
 * when it starts and shown to nobody.
 */
export class KeyVault {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** All keys that can be opened. */
  read(): VaultKeys {
    const trouble = troubleOfStorage();
    if (trouble !== '') return { held: {}, trouble };
    const held: { [N in KeyName]?: { readonly value: string; readonly changedUs: number } } = {};
    for (const [name, { sealed, changedUs }] of Object.entries(this.#file()) as [KeyName, Sealed][]) {
      try {
        held[name] = { value: safeStorage.decryptString(Buffer.from(sealed, 'base64')), changedUs };
      } catch {
        // Sealed by another user or machine: as good as not there, and replaced when it is set again.
      }
    }
    return { held, trouble };
  }

  /** Keeps a key, or forgets it when `value` is null. @returns what went wrong, in words without the key; empty = done */
  put(name: KeyName, value: string | null, changedUs: number): string {
    const trouble = troubleOfStorage();
    if (trouble !== '') return trouble;
    try {
      const { [name]: _before, ...others } = this.#file();
      const keys: SealedKeys =
        value === null
          ? others
          : { ...others, [name]: { sealed: safeStorage.encryptString(value).toString('base64'), changedUs } };
      const next = `${this.#path}.next`;
      mkdirSync(dirname(this.#path), { recursive: true });
      writeFileSync(next, JSON.stringify(keys), { mode: 0o600 });
      renameSync(next, this.#path);
      return '';
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return `The vault of the desktop program cannot be written${code === undefined ? '' : ` (${code})`}.`;
    }
  }

  #file(): SealedKeys {
    let content: unknown;
    try {
      content = JSON.parse(readFileSync(this.#path, 'utf8'));
    } catch {
      return {};
    }
    if (typeof content !== 'object' || content === null) return {};
    const known = Object.entries(content).filter(
      ([name, key]) => KEY_NAMES.some((known) => known === name) && typeof (key as Sealed | null)?.sealed === 'string',
    );
    return Object.fromEntries(known) as SealedKeys;
  }
}

/** Why nothing can be sealed here; empty when it can. A storage that only obscures is none. */
function troubleOfStorage(): string {
  if (!safeStorage.isEncryptionAvailable()) return 'The operating system offers no storage for secrets.';
  if (process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text') {
    return 'No keyring (Secret Service or KWallet) runs in this session, and without one keys would lie in clear text.';
  }
  return '';
}
