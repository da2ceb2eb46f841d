import type { Settings } from '../settings.ts';
import type { KeyName, Vendor } from '../vendors.ts';

/** What the commands about settings and keys answer. A key itself never travels from the engine to a page. */

/** Where a key is held: in the environment, in the keyring of the operating system, or in the desktop program's vault. */
export type KeyPlace = 'environment' | 'keyring' | 'desktop' | 'none';

export interface KeyState {
  readonly name: KeyName;
  readonly place: KeyPlace;
  /** When it was set from the page last, µs; null where that is not known. */
  readonly changedUs: number | null;
}

export interface SetupView {
  /** The settings as the file has them, or what runs in their place. */
  readonly settings: Settings;
  /** Path of the file. */
  readonly file: string;
  /** Why the engine could not start with the file, with the way out; empty when it did. Saving replaces the file then. */
  readonly unusable: string;
  readonly keys: readonly KeyState[];
  /** Why keys cannot be set from the page, with the way out; empty when they can. */
  readonly keysRefused: string;
  /** Keys were set or forgotten since the engine started: it takes them up with its next start. */
  readonly keysChanged: boolean;
}

/** A setting that cannot be as it is. `path` is its name with dots: `feeds.kraken.depth`. */
export interface SettingsIssue {
  readonly path: string;
  readonly words: string;
}

export interface SettingsChecked {
  readonly issues: readonly SettingsIssue[];
}

export interface SettingsWritten {
  /** The engine starts anew within a moment; open pages come back by themselves. */
  readonly restarts: boolean;
  readonly words: string;
}

export interface KeyChanged {
  readonly key: KeyState;
  readonly words: string;
}

/** How a vendor answered. `ok` says what was seen, `not configured` what is missing, `failing` why, and which setting it is. */
export interface VendorFinding {
  readonly vendor: Vendor;
  readonly state: 'ok' | 'not configured' | 'failing';
  readonly words: string;
}
