import type { KeyName } from '../vendors.ts';

/** The keys that the shell's vault holds, for the engine. Why the vault can't be used, in words; empty when it can. */
export interface VaultKeys {
  readonly held: Readonly<Partial<Record<KeyName, { readonly value: string; readonly changedUs: number }>>>;
  readonly trouble: string;
}

/**
 * What the desktop shell and its engine process say to each other. A `client` message carries one port: a page's line to
 * the engine, over which the messages and frames of the contract travel.
 */
export type ShellMessage =
  | {
      readonly kind: 'start';
      readonly restarts: number;
      /** File to replay instead of the live source. */
      readonly replay: string | undefined;
      readonly keys: VaultKeys;
    }
  | { readonly kind: 'client' }
  /** The vault has done what was asked, or says in words why not. */
  | { readonly kind: 'key-kept'; readonly id: number; readonly trouble: string }
  | { readonly kind: 'ping' }
  | { readonly kind: 'stop' };

/**
 * `failed` = the engine could not start, with words for the trader; `restart` = it wants to be started anew, which is no
 * crash; `keep-key` = the vault is to keep a key, or to forget it when `value` is null.
 */
export type UtilityMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'pong' }
  | { readonly kind: 'restart' }
  | {
      readonly kind: 'keep-key';
      readonly id: number;
      readonly name: KeyName;
      readonly value: string | null;
      readonly atUs: number;
    }
  | { readonly kind: 'failed'; readonly words: string };

/** What the preload script posts into the page together with a new line's port, and the channel that it hears of it on. */
export const PORT_MESSAGE = 'fathom-port';
