import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
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
  return (await settingsOfFile(folder)) ?? DEFAULT_SETTINGS;
}

/** Reads `settings.json`; on the first run it is written with the safe defaults in full. @throws SettingsError */
export async function openSettings(folder: string): Promise<Settings> {
  const settings = await settingsOfFile(folder);
  if (settings !== undefined) return settings;
  await writeSettings(folder, DEFAULT_SETTINGS);
  return DEFAULT_SETTINGS;
}

/** Puts the settings into the file as a whole, readable by its owner alone. @throws SettingsError */
export async function writeSettings(folder: string, settings: Settings): Promise<void> {
  const path = settingsPath(folder);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
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
  return {
    issues: parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), words: wordsOf(issue) })),
  };
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
async function settingsOfFile(folder: string): Promise<Settings | undefined> {
  const path = settingsPath(folder);
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
  if (!parsed.success) throw new SettingsError(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
