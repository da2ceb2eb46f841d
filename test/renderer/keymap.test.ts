import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ACTIONS,
  actionOf,
  changedKeys,
  chordOf,
  chordText,
  DEFAULT_KEYMAP,
  keymapWith,
  rebind,
} from '../../renderer/keys/keymap.ts';

const key = (
  code: string,
  modifiers: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {},
) => ({
  code,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...modifiers,
});

describe('keymap', () => {
  test('no two actions share a key', () => {
    const chords = ACTIONS.map(({ chord }) => chord);
    expect(new Set(chords).size).toBe(chords.length);
  });

  test('chords are positions on the keyboard, not letters', () => {
    expect(chordOf(key('KeyF', { ctrlKey: true, shiftKey: true }))).toBe('Ctrl+Shift+KeyF');
    expect(chordOf(key('NumpadEnter'))).toBe('Enter');
    expect(actionOf(DEFAULT_KEYMAP, chordOf(key('Slash', { shiftKey: true })))?.id).toBe('cheatSheet');
    expect(actionOf(DEFAULT_KEYMAP, chordOf(key('Space')))?.id).toBe('arm');
    expect(actionOf(DEFAULT_KEYMAP, chordOf(key('KeyB', { altKey: true })))).toBeUndefined();
  });

  test('a key that is taken is refused and names its owner', () => {
    const refused = rebind(DEFAULT_KEYMAP, 'recentre', 'KeyF');
    expect(refused.ok).toBe(false);
    expect(refused.ok ? '' : refused.words).toContain('Flatten this instrument');
  });

  test('Tab, reload and bare modifiers are refused', () => {
    for (const chord of ['Tab', 'Shift+Tab', 'Ctrl+KeyR', 'Shift+ShiftLeft', '']) {
      expect(rebind(DEFAULT_KEYMAP, 'recentre', chord).ok).toBe(false);
    }
  });

  test('changes survive being stored; what is stored wrongly is left out', () => {
    const changed = rebind(DEFAULT_KEYMAP, 'recentre', 'KeyG');
    if (!changed.ok) throw new Error(changed.words);
    expect(changedKeys(changed.keymap)).toEqual({ recentre: 'KeyG' });
    expect(keymapWith(JSON.parse(JSON.stringify(changedKeys(changed.keymap))))).toEqual(changed.keymap);
    expect(keymapWith({ recentre: 'KeyF', nothing: 'KeyG', flatten: 7 })).toEqual(DEFAULT_KEYMAP);
    expect(keymapWith('broken')).toEqual(DEFAULT_KEYMAP);
  });

  test('whatever is rebound, no two actions ever share a key', () => {
    const ids = fc.constantFrom(...ACTIONS.map(({ id }) => id));
    const chords = fc.constantFrom('KeyF', 'KeyG', 'Ctrl+KeyG', 'Enter', 'Tab', 'KeyH', 'Shift+KeyB');
    fc.assert(
      fc.property(fc.array(fc.tuple(ids, chords), { maxLength: 40 }), (changes) => {
        let keymap = DEFAULT_KEYMAP;
        for (const [id, chord] of changes) {
          const result = rebind(keymap, id, chord);
          if (result.ok) keymap = result.keymap;
        }
        expect(new Set(Object.values(keymap)).size).toBe(ACTIONS.length);
      }),
    );
  });

  test('key caps read as printed', () => {
    expect(['Shift+Slash', 'Ctrl+Shift+KeyF', 'BracketLeft', 'Alt+Digit1'].map(chordText)).toEqual([
      '?',
      'Ctrl Shift F',
      '[',
      'Alt 1',
    ]);
  });
});
