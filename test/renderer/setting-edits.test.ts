import { describe, expect, test } from 'vitest';
import {
  type Edits,
  issueAt,
  ownIssues,
  patchOf,
  shownValue,
  valueAt,
  withEdit,
} from '../../renderer/settings/setting-edits.ts';
import {
  ACCOUNT_FIELDS,
  CAPTURE_FIELDS,
  RISK_FIELDS,
  type SettingField,
  SIMULATED_FIELDS,
  VENDOR_FIELDS,
  VENDOR_ORDER,
} from '../../renderer/settings/settings-fields.ts';
import { DEFAULT_SETTINGS, settingsSchema } from '../../shared/settings.ts';
import { VENDORS } from '../../shared/vendors.ts';

const FIELDS = [
  ...RISK_FIELDS,
  ...ACCOUNT_FIELDS,
  ...CAPTURE_FIELDS,
  ...SIMULATED_FIELDS,
  ...Object.values(VENDOR_FIELDS).flatMap(({ fields, endpoints }) => [...fields, ...endpoints]),
];
const fieldAt = (path: string): SettingField => FIELDS.find((field) => field.path === path)!;

function edit(...changes: readonly (readonly [path: string, shown: string | boolean])[]): Edits {
  return changes.reduce<Edits>(
    (edits, [path, shown]) => withEdit(edits, DEFAULT_SETTINGS, fieldAt(path), shown),
    new Map(),
  );
}

describe('fields of the settings page', () => {
  test.each(FIELDS)('$path is a setting, and its control says it as it is', (field) => {
    const value = valueAt(DEFAULT_SETTINGS, field.path);
    expect(value).toBeDefined();
    const shown = shownValue(field, value);
    // What is shown, read back, is the setting: nothing changes by looking at it.
    const edits: Edits = new Map([[field.path, { field, shown }]]);
    expect(ownIssues(edits)).toEqual([]);
    expect(valueAt(patchOf(edits), field.path)).toEqual(value);
  });

  test('there is a card for every vendor, and no field twice', () => {
    expect([...VENDOR_ORDER].sort()).toEqual([...VENDORS].sort());
    expect(new Set(FIELDS.map(({ path }) => path)).size).toBe(FIELDS.length);
  });
});

describe('edits', () => {
  test('become changes of values of their kind, and nothing else', () => {
    const patch = patchOf(
      edit(
        ['feeds.kraken.symbols', 'BTC/USD,  ETH/USD '],
        ['feeds.kraken.depth', '25'],
        ['feeds.kraken.level3', true],
        ['account.startingBalanceMinor', '1234.56'],
        ['risk.maxSpreadPips', ' 1.5'],
      ),
    );
    expect(patch).toEqual({
      feeds: { kraken: { symbols: ['BTC/USD', 'ETH/USD'], depth: 25, level3: true } },
      account: { startingBalanceMinor: 123_456 },
      risk: { maxSpreadPips: 1.5 },
    });
    expect(settingsSchema.safeParse(patch).success).toBe(true);
  });

  test('that stand for no value are said at their field and sent to nobody', () => {
    const edits = edit(['risk.maxOrderLots', 'many'], ['risk.maxPositionLots', '3']);
    expect(patchOf(edits)).toEqual({ risk: { maxPositionLots: 3 } });
    expect(ownIssues(edits)).toEqual([{ path: 'risk.maxOrderLots', words: 'a number is expected' }]);
  });

  test('that come back to what is saved are none', () => {
    expect(edit(['risk.maxOrderLots', '3'], ['risk.maxOrderLots', '10']).size).toBe(0);
  });

  test('words go to the field that they are of, also when they are of a part of it', () => {
    const issues = [{ path: 'feeds.kraken.symbols.1', words: 'at least 1' }];
    expect(issueAt(issues, 'feeds.kraken.symbols')).toBe('at least 1');
    expect(issueAt(issues, 'feeds.kraken.symbol')).toBe('');
  });
});
