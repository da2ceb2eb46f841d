import type { UtilityMessage, VaultKeys } from '../../../shared/contract/shell-messages.ts';
import type { KeyName } from '../../../shared/vendors.ts';
import { afterMs } from '../../core/clock/wall-timer.ts';
import { type HeldKey, type KeyKeeper, KeyRefusal } from './key-desk.ts';

/** How long the shell may take to keep a key. */
const ANSWER_WITHIN_MS = 4_000;

/** The desktop shell's vault as the keeper of keys: it handed them over at the start, and keeps new ones when asked to. */
export class ShellVault implements KeyKeeper {
  readonly place = 'desktop';
  readonly held: ReadonlyMap<KeyName, HeldKey>;
  readonly #trouble: string;
  readonly #tell: (message: UtilityMessage) => void;
  readonly #waiting = new Map<number, (trouble: string) => void>();
  #asked = 0;

  constructor(keys: VaultKeys, tell: (message: UtilityMessage) => void) {
    this.held = new Map(Object.entries(keys.held) as [KeyName, HeldKey][]);
    this.#trouble = keys.trouble;
    this.#tell = tell;
  }

  async trouble(): Promise<string | undefined> {
    return this.#trouble === '' ? undefined : this.#trouble;
  }

  keep(name: KeyName, value: string, atUs: number): Promise<void> {
    return this.#ask(name, value, atUs);
  }

  forget(name: KeyName): Promise<void> {
    return this.#ask(name, null, 0);
  }

  /** The shell's answer to what was asked. */
  answered(id: number, trouble: string): void {
    this.#waiting.get(id)?.(trouble);
  }

  async #ask(name: KeyName, value: string | null, atUs: number): Promise<void> {
    const id = ++this.#asked;
    const trouble = await new Promise<string>((resolve) => {
      this.#waiting.set(id, resolve);
      afterMs(ANSWER_WITHIN_MS, () => resolve('The desktop program did not answer.'), { unref: true });
      this.#tell({ kind: 'keep-key', id, name, value, atUs });
    });
    this.#waiting.delete(id);
    if (trouble !== '') throw new KeyRefusal(`${name} was not ${value === null ? 'forgotten' : 'kept'}. ${trouble}`);
  }
}
