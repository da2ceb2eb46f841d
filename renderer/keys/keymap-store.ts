import { create } from 'zustand';
import { type ActionId, DEFAULT_KEYMAP, type Keymap, type Rebinding, rebind } from './keymap.ts';

/** The keymap in force; kept with the workspaces. */
export const useKeymap = create<{ readonly keymap: Keymap }>(() => ({ keymap: DEFAULT_KEYMAP }));

/** Rebinds a key in force; on refusal nothing changes and the words say why. */
export function changeKey(id: ActionId, chord: string): Rebinding {
  const result = rebind(useKeymap.getState().keymap, id, chord);
  if (result.ok) useKeymap.setState({ keymap: result.keymap });
  return result;
}
