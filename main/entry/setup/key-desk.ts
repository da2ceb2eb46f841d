import type { KeyPlace, KeyState } from '../../../shared/contract/setup.ts';
import { KEY_NAMES, type KeyName } from '../../../shared/vendors.ts';
import type { FeedKeys } from './feed-keys.ts';

/** A key that could not be kept or forgotten; its words are for the trader and hold no key. */
export class KeyRefusal extends Error {
  override readonly name = 'KeyRefusal';
}

/** Where keys are kept that are not in the environment. Never a clear-text file. */
export interface KeyKeeper {
  readonly place: Exclude<KeyPlace, 'environment' | 'none'>;
  /** The keys that it holds, with when each was set; read once at the start. */
  readonly held: ReadonlyMap<KeyName, HeldKey>;
  /** Why it can't hold keys, in words; undefined when it can. */
  trouble(): Promise<string | undefined>;
  /** @throws KeyRefusal */
  keep(name: KeyName, value: string, atUs: number): Promise<void>;
  /** @throws KeyRefusal */
  forget(name: KeyName): Promise<void>;
}

export interface HeldKey {
  readonly value: string;
  readonly changedUs: number;
}

/**
 * All keys of the feeds: those of the environment first, then those that the keeper holds. Keys go from here to feeds and
 * nowhere else; pages are told where a key is held and never what it is.
 */
export class KeyDesk {
  readonly #environment: FeedKeys;
  readonly #keeper: KeyKeeper;
  readonly #nowUs: () => number;
  readonly #held: Map<KeyName, HeldKey>;
  #changed = false;

  constructor(environment: FeedKeys, keeper: KeyKeeper, nowUs: () => number) {
    this.#environment = environment;
    this.#keeper = keeper;
    this.#nowUs = nowUs;
    this.#held = new Map(keeper.held);
  }

  readonly keys: FeedKeys = (name) => this.#environment(name) ?? this.#held.get(name)?.value;

  /** Keys were set or forgotten since the start; feeds that run were made before. */
  get changed(): boolean {
    return this.#changed;
  }

  states(): readonly KeyState[] {
    return KEY_NAMES.map((name) => this.state(name));
  }

  state(name: KeyName): KeyState {
    const held = this.#held.get(name);
    if (this.#environment(name) !== undefined) return { name, place: 'environment', changedUs: null };
    if (held === undefined) return { name, place: 'none', changedUs: null };
    return { name, place: this.#keeper.place, changedUs: held.changedUs };
  }

  /** Why keys can't be set, with the way out; empty when they can. */
  async refusal(): Promise<string> {
    const trouble = await this.#keeper.trouble();
    return trouble === undefined
      ? ''
      : `${trouble} Set keys as environment variables of the program instead, e.g. DATABENTO_API_KEY.`;
  }

  /** Keeps a key. @throws KeyRefusal with the way out */
  async set(name: KeyName, value: string): Promise<KeyState> {
    this.#requireOwn(name);
    const trouble = await this.#keeper.trouble();
    if (trouble !== undefined) {
      throw new KeyRefusal(`${name} was not kept. ${trouble} Set it as the environment variable ${name} instead.`);
    }
    const changedUs = this.#nowUs();
    await this.#keeper.keep(name, value, changedUs);
    this.#held.set(name, { value, changedUs });
    this.#changed = true;
    return this.state(name);
  }

  /** Forgets a key. @throws KeyRefusal */
  async forget(name: KeyName): Promise<KeyState> {
    this.#requireOwn(name);
    if (!this.#held.has(name)) return this.state(name);
    await this.#keeper.forget(name);
    this.#held.delete(name);
    this.#changed = true;
    return this.state(name);
  }

  #requireOwn(name: KeyName): void {
    if (this.#environment(name) === undefined) return;
    throw new KeyRefusal(
      `${name} is set in the environment, which comes first. Change it there and start Fathom anew.`,
    );
  }
}
