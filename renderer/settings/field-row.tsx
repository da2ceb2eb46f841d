import { useId } from 'react';
import { issueAt, shownValue, valueAt } from './setting-edits.ts';
import type { SettingField } from './settings-fields.ts';
import { editSetting, useSetup } from './setup-store.ts';

/** One setting: its label, its control, its unit, and below it what is wrong with it. */
export function FieldRow({ field }: { readonly field: SettingField }) {
  const id = useId();
  const words = useSetup(({ issues }) => issueAt(issues, field.path));
  const edit = useSetup(({ edits }) => edits.get(field.path));
  const value = useSetup(({ view }) => valueAt(view?.settings, field.path));
  const shown = edit?.shown ?? shownValue(field, value);
  const common = {
    id,
    'aria-invalid': words !== '',
    'aria-describedby': `${id}-words`,
    'data-edited': edit !== undefined,
  };
  return (
    <div className="field-row" data-kind={field.kind}>
      <label htmlFor={id}>{field.label}</label>
      {typeof shown === 'boolean' ? (
        <input
          {...common}
          type="checkbox"
          checked={shown}
          onChange={(event) => editSetting(field, event.target.checked)}
        />
      ) : field.kind === 'choice' ? (
        <select {...common} value={shown} onChange={(event) => editSetting(field, event.target.value)}>
          {field.options?.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      ) : (
        <input
          {...common}
          type="text"
          inputMode={field.kind === 'number' ? 'decimal' : 'text'}
          autoComplete="off"
          spellCheck={false}
          placeholder={field.hint ?? ''}
          value={shown}
          onChange={(event) => editSetting(field, event.target.value)}
        />
      )}
      <span className="quiet unit">{field.unit}</span>
      <span id={`${id}-words`} className="caution field-words" role="status">
        {words}
      </span>
    </div>
  );
}

/** A group of settings under a heading. */
export function FieldGroup({ fields }: { readonly fields: readonly SettingField[] }) {
  return (
    <div className="field-group">
      {fields.map((field) => (
        <FieldRow key={field.path} field={field} />
      ))}
    </div>
  );
}
