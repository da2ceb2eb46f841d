import type { SettingsIssue } from '../../shared/contract/setup.ts';
import type { SettingField } from './settings-fields.ts';

/** What the trader has changed and not saved: by path, as it stands in the control. */
export type Edits = ReadonlyMap<string, Edit>;

export interface Edit {
  readonly field: SettingField;
  readonly shown: string | boolean;
}

/** The value of a setting by its path. */
export function valueAt(settings: unknown, path: string): unknown {
  let value = settings;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

/** A value as its control shows it. */
export function shownValue(field: SettingField, value: unknown): string | boolean {
  switch (field.kind) {
    case 'switch':
      return value === true;
    case 'list':
      return Array.isArray(value) ? value.join(', ') : '';
    case 'number':
      return typeof value === 'number' ? String(value / (field.scale ?? 1)) : '';
    default:
      return value === undefined ? '' : String(value);
  }
}

/** What a control stands for: the value for the file, or words on why it stands for none. */
function meantBy({ field, shown }: Edit): { readonly value: unknown } | { readonly words: string } {
  if (typeof shown === 'boolean') return { value: shown };
  const text = shown.trim();
  switch (field.kind) {
    case 'list':
      return { value: text.split(/[\s,]+/).filter((part) => part !== '') };
    case 'number':
      if (!/^-?\d+(\.\d+)?$/.test(text)) return { words: 'a number is expected' };
      // Cents of a typed amount: a product of binary fractions may lie beside its whole number.
      return { value: field.scale === undefined ? Number(text) : Number((Number(text) * field.scale).toFixed(6)) };
    case 'choice':
      return { value: field.options?.find((option) => String(option) === text) ?? text };
    default:
      return { value: text };
  }
}

/** The edits as changes to lay over the settings; those that stand for no value are left out. */
export function patchOf(edits: Edits): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const [path, edit] of edits) {
    const meant = meantBy(edit);
    if (!('value' in meant)) continue;
    const names = path.split('.');
    const last = names.pop()!;
    let section = patch;
    for (const name of names) {
      const next = (section[name] as Record<string, unknown> | undefined) ?? {};
      section[name] = next;
      section = next;
    }
    section[last] = meant.value;
  }
  return patch;
}

/** What is wrong with edits that stand for no value. */
export function ownIssues(edits: Edits): readonly SettingsIssue[] {
  return [...edits].flatMap(([path, edit]) => {
    const meant = meantBy(edit);
    return 'words' in meant ? [{ path, words: meant.words }] : [];
  });
}

/** Edits with one control changed; a control that stands again as the settings have it is no edit. */
export function withEdit(edits: Edits, settings: unknown, field: SettingField, shown: string | boolean): Edits {
  const next = new Map(edits);
  if (shown === shownValue(field, valueAt(settings, field.path))) next.delete(field.path);
  else next.set(field.path, { field, shown });
  return next;
}

/** Words at a field: of the issue that names it or something within it. */
export function issueAt(issues: readonly SettingsIssue[], path: string): string {
  return issues.find((issue) => issue.path === path || issue.path.startsWith(`${path}.`))?.words ?? '';
}
