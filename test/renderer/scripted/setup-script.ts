import { patchSettings } from '../../../main/entry/setup/settings-file.ts';
import type { CommandName, CommandParams } from '../../../shared/contract/messages.ts';
import type { KeyState, SetupView, VendorFinding } from '../../../shared/contract/setup.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../shared/settings.ts';
import { KEY_NAMES, type Vendor } from '../../../shared/vendors.ts';
import { Refused } from './trade-script.ts';

/** A stand-in for settings, keys and vendors. Keys that it is given are kept out of everything that it answers. */
export class SetupScript {
  settings: Settings = DEFAULT_SETTINGS;
  /** Words with which keys are refused; empty = they are kept. */
  keysRefused = '';
  /** Why the engine could not start with the file; empty = it did. */
  unusable = '';
  /** Words with which saving is refused. */
  refuseWrite = '';
  readonly keys = new Map<string, string>();
  readonly findings = new Map<Vendor, VendorFinding>();
  #keysChanged = false;

  /** @returns undefined for a command that is none of these */
  handle(name: CommandName, params: unknown): { readonly value: unknown } | undefined {
    switch (name) {
      case 'settingsRead':
        return { value: this.#view() };
      case 'settingsCheck': {
        const patched = patchSettings(this.settings, (params as CommandParams<'settingsCheck'>).patch);
        return { value: { issues: 'issues' in patched ? patched.issues : [] } };
      }
      case 'settingsWrite': {
        if (this.refuseWrite !== '') throw new Refused(this.refuseWrite);
        const patched = patchSettings(this.settings, (params as CommandParams<'settingsWrite'>).patch);
        if ('issues' in patched) throw new Refused('not valid');
        this.settings = patched.settings;
        return { value: { restarts: true, words: 'Saved. The engine starts anew with these settings.' } };
      }
      case 'keySet': {
        const { name: key, value } = params as CommandParams<'keySet'>;
        if (this.keysRefused !== '') throw new Refused(this.keysRefused);
        this.keys.set(key, value);
        this.#keysChanged = true;
        return { value: { key: this.#key(key), words: `${key} is kept.` } };
      }
      case 'keyForget': {
        const { name: key } = params as CommandParams<'keyForget'>;
        this.keys.delete(key);
        return { value: { key: this.#key(key), words: `${key} is forgotten.` } };
      }
      case 'testConnection': {
        const { vendor } = params as CommandParams<'testConnection'>;
        return { value: this.findings.get(vendor) ?? { vendor, state: 'ok', words: 'books and trades flow' } };
      }
      default:
        return undefined;
    }
  }

  #view(): SetupView {
    return {
      settings: this.settings,
      file: '/home/trader/.local/share/fathom/settings.json',
      unusable: this.unusable,
      keys: KEY_NAMES.map((name) => this.#key(name)),
      keysRefused: this.keysRefused,
      keysChanged: this.#keysChanged,
    };
  }

  #key(name: KeyState['name']): KeyState {
    if (name === 'DATABENTO_API_KEY') return { name, place: 'environment', changedUs: null };
    return this.keys.has(name)
      ? { name, place: 'keyring', changedUs: Date.UTC(2026, 10, 20, 13, 29) * 1000 }
      : { name, place: 'none', changedUs: null };
  }
}
