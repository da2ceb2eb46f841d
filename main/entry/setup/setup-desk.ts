import type { CommandName, CommandParams } from '../../../shared/contract/messages.ts';
import type {
  KeyChanged,
  SettingsChecked,
  SettingsWritten,
  SetupView,
  VendorFinding,
} from '../../../shared/contract/setup.ts';
import type { Settings } from '../../../shared/settings.ts';
import { afterMs } from '../../core/clock/wall-timer.ts';
import { CommandRefusal } from '../../core/publisher/command-refusal.ts';
import type { CheckVendor } from '../venues/vendor-checks.ts';
import { type KeyDesk, KeyRefusal } from './key-desk.ts';
import {
  keepUnusable,
  patchSettings,
  readSettings,
  SettingsError,
  settingsPath,
  writeSettings,
} from './settings-file.ts';

/** Commands that are answered here. */
export type SetupCommand = Extract<CommandName, `${'settings' | 'key'}${string}` | 'testConnection'>;

export interface SetupParts {
  /** The program's data folder. */
  readonly folder: string;
  /** What the engine runs with. */
  readonly running: Settings;
  /** Why the engine does not run with the file's settings; undefined = it does. */
  readonly unusable: string | undefined;
  readonly keys: KeyDesk;
  readonly checkVendor: CheckVendor;
  /** Why settings are not changed from here, or undefined. */
  readonly fixed: string | undefined;
  /** Asks for a planned restart of the engine. */
  readonly restart: () => void;
}

/** Time for the answer to reach the page before the engine goes. */
const ANSWER_FIRST_MS = 150;

/**
 * Settings and keys as pages change them. The file is the truth: it is read anew for each change, so that what was written
 * into it by hand is kept, and one that went wrong meanwhile is not overwritten. Only one that the engine could not start
 * with is replaced, and kept beside the new one. All settings are taken up by a restart of the engine.
 */
export class SetupDesk {
  readonly #parts: SetupParts;

  constructor(parts: SetupParts) {
    this.#parts = parts;
  }

  /** @param inMarket what keeps the trader in the market ("2 deals are open"), or undefined when flat without orders */
  async command(name: SetupCommand, params: unknown, inMarket: () => string | undefined): Promise<unknown> {
    try {
      switch (name) {
        case 'settingsRead':
          return await this.#read();
        case 'settingsCheck':
          return await this.#check((params as CommandParams<'settingsCheck'>).patch);
        case 'settingsWrite':
          return await this.#write((params as CommandParams<'settingsWrite'>).patch, inMarket);
        case 'keySet':
          return await this.#keySet(params as CommandParams<'keySet'>);
        case 'keyForget':
          return await this.#keyForget((params as CommandParams<'keyForget'>).name);
        case 'testConnection':
          return await this.#test(params as CommandParams<'testConnection'>);
      }
    } catch (error) {
      if (error instanceof SettingsError || error instanceof KeyRefusal) {
        throw new CommandRefusal('refused', error.message);
      }
      throw error;
    }
  }

  async #read(): Promise<SetupView> {
    const { folder, keys, unusable } = this.#parts;
    return {
      settings: (await this.#base()).settings,
      file: settingsPath(folder),
      unusable: unusable ?? '',
      keys: keys.states(),
      keysRefused: await keys.refusal(),
      keysChanged: keys.changed,
    };
  }

  async #check(patch: Readonly<Record<string, unknown>>): Promise<SettingsChecked> {
    const patched = patchSettings((await this.#base()).settings, patch);
    return { issues: 'issues' in patched ? patched.issues : [] };
  }

  async #write(patch: Readonly<Record<string, unknown>>, inMarket: () => string | undefined): Promise<SettingsWritten> {
    const { folder, running, unusable, keys, fixed, restart } = this.#parts;
    if (fixed !== undefined) throw new CommandRefusal('not-now', fixed);
    const settings = await this.#patched(patch);
    const held = settings.source.kind === running.source.kind ? undefined : inMarket();
    if (held !== undefined) {
      throw new CommandRefusal(
        'refused',
        `${held}: the account of the ${sourceWords(running)} must be flat, without working orders, before the ` +
          `${sourceWords(settings)} can take its place. Nothing was saved.`,
      );
    }
    const { replaces } = await this.#base();
    const kept = replaces ? ` What could not be used is kept as ${await keepUnusable(folder)}.` : '';
    await writeSettings(folder, settings);
    const differs = JSON.stringify(settings) !== JSON.stringify(running);
    const restarts = keys.changed || unusable !== undefined || differs;
    if (restarts) afterMs(ANSWER_FIRST_MS, restart);
    return {
      restarts,
      words: restarts
        ? `Saved. The engine starts anew with these settings and is disarmed.${kept}`
        : 'Saved. Nothing differs from what the engine runs with.',
    };
  }

  async #keySet({ name, value }: CommandParams<'keySet'>): Promise<KeyChanged> {
    const key = await this.#parts.keys.set(name, value);
    return { key, words: `${name} is kept. It is used from the next start of the engine.` };
  }

  async #keyForget(name: CommandParams<'keyForget'>['name']): Promise<KeyChanged> {
    const key = await this.#parts.keys.forget(name);
    return { key, words: `${name} is forgotten. A feed that uses it runs on until the engine starts anew.` };
  }

  async #test({ vendor, patch }: CommandParams<'testConnection'>): Promise<VendorFinding> {
    return this.#parts.checkVendor(vendor, await this.#patched(patch), this.#parts.keys.keys);
  }

  /** What changes are laid over, and whether the file is to be replaced since the engine could not start with it. */
  async #base(): Promise<{ readonly settings: Settings; readonly replaces: boolean }> {
    const { folder, running, unusable } = this.#parts;
    try {
      return { settings: await readSettings(folder), replaces: false };
    } catch (error) {
      if (unusable === undefined || !(error instanceof SettingsError)) throw error;
      return { settings: running, replaces: true };
    }
  }

  async #patched(patch: Readonly<Record<string, unknown>>): Promise<Settings> {
    const patched = patchSettings((await this.#base()).settings, patch);
    if ('settings' in patched) return patched.settings;
    const [first] = patched.issues;
    throw new CommandRefusal('invalid', `Settings were not taken: ${first?.path}: ${first?.words}.`);
  }
}

function sourceWords({ source }: Settings): string {
  return source.kind === 'live' ? 'live venues' : 'simulated market';
}
