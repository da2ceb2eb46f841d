import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import type { SettingsIssue } from '../../../shared/contract/setup.ts';
import { DEFAULT_SETTINGS, type Settings, settingsSchema } from '../../../shared/settings.ts';
import { replaceFile } from './replace-file.ts';

/** A settings file that cannot be used; its words name the setting. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Path of the settings in a data folder. */
export function settingsPath(folder: string): string {
  return join(folder, 'settings.json');
}

/** Reads `settings.json` of the data folder; without the file the safe defaults hold. @throws SettingsError */
export async function readSettings(folder: string): Promise<Settings> {
  return (await settingsOfFile(settingsPath(folder))) ?? DEFAULT_SETTINGS;
}

/** Settings to start with. */
export interface OpenedSettings {
  readonly settings: Settings;
  /** Why these are not the file's, with the way out: nothing that adds risk may be done with them. Undefined = they are. */
  readonly unusable: string | undefined;
}

/**
 * Settings to start with: the file's, which on the first run is written with the safe defaults in full. A file that cannot
 * be used stays as it is and keeps nobody from seeing his deals: the settings of the last start hold in its place, or the
 * defaults where there was none.
 */
export async function openSettings(folder: string): Promise<OpenedSettings> {
  let settings: Settings | undefined;
  try {
    settings = await settingsOfFile(settingsPath(folder));
    if (settings === undefined) await writeSettings(folder, DEFAULT_SETTINGS);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const last = await settingsOfFile(lastStartPath(folder)).catch(() => undefined);
    const held = last === undefined ? 'the defaults hold' : 'the settings of the last start hold';
    return {
      settings: last ?? DEFAULT_SETTINGS,
      unusable:
        `Arming is refused: ${error.message}. Until that is mended ${held}. ` +
        'Mend the file and start anew, or save in the settings (Ctrl+,), which puts a sound file in its place.',
    };
  }
  settings ??= DEFAULT_SETTINGS;
  await writeTo(lastStartPath(folder), settings);
  return { settings, unusable: undefined };
}

/** Puts the settings into the file as a whole, readable by its owner alone. @throws SettingsError */
export async function writeSettings(folder: string, settings: Settings): Promise<void> {
  await writeTo(settingsPath(folder), settings);
}

/** Keeps a copy of a file that cannot be used, before a sound one takes its place. @returns its path @throws SettingsError */
export async function keepUnusable(folder: string): Promise<string> {
  const kept = join(folder, 'settings.unusable.json');
  try {
    await copyFile(settingsPath(folder), kept);
  } catch (error) {
    throw new SettingsError(`${settingsPath(folder)} cannot be kept as ${kept}: ${(error as Error).message}`);
  }
  return kept;
}

/** The settings that the engine last started with. */
function lastStartPath(folder: string): string {
  return join(folder, 'state', 'settings.json');
}

async function writeTo(path: string, settings: Settings): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await replaceFile(path, `${JSON.stringify(settings, undefined, 2)}\n`);
  } catch (error) {
    throw new SettingsError(`${path} cannot be written: ${(error as Error).message}`);
  }
}

/** Settings with changes laid over them, or what is wrong with these. Lists are replaced as a whole. */
export function patchSettings(
  settings: Settings,
  patch: Readonly<Record<string, unknown>>,
): { readonly settings: Settings } | { readonly issues: readonly SettingsIssue[] } {
  const parsed = settingsSchema.safeParse(laidOver(settings, patch));
  if (parsed.success) return { settings: parsed.data };
  return { issues: issuesOf(parsed.error) };
}

function issuesOf({ issues }: z.ZodError): readonly SettingsIssue[] {
  return issues.map((issue) => ({ path: issue.path.join('.'), words: wordsOf(issue) }));
}

/** What is wrong with a value, as a trader reads it beside its field. */
function wordsOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number is expected' : `a ${issue.expected} is expected`;
    case 'unrecognized_keys':
      return `there is no setting ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
    default:
      return issue.message;
  }
}

function laidOver(base: unknown, patch: unknown): unknown {
  if (!isSection(base) || !isSection(patch)) return patch;
  const changed = Object.entries(patch).map(([name, value]) => {
    return [name, laidOver(Object.hasOwn(base, name) ? base[name] : undefined, value)] as const;
  });
  return Object.fromEntries([...Object.entries(base), ...changed]);
}

function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Settings of the file, or undefined where there is none. */
async function settingsOfFile(path: string): Promise<Settings | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SettingsError(`${path} cannot be read: ${(error as Error).message}`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new SettingsError(`${path} is not JSON: ${(error as Error).message}`);
  }
  const parsed = settingsSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new SettingsError(`${path} cannot be used: ${settingsWords(parsed.error)}`);
}

/** What is wrong with settings, on one line. */
export function settingsWords(error: z.ZodError): string {
  return issuesOf(error)
    .map(({ path, words }) => `${path === '' ? 'at the top' : path}: ${words}`)
    .join('; ');
}
