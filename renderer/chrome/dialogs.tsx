import { createPortal } from 'react-dom';
import { CheatSheet } from '../palette/cheat-sheet.tsx';
import { CommandPalette } from '../palette/command-palette.tsx';
import { HealthDialog } from '../palette/health-dialog.tsx';
import { LockDialog } from '../palette/lock-dialog.tsx';
import { SettingsDialog } from '../settings/settings-dialog.tsx';
import { type DialogName, useScreen } from '../stores/screen-store.ts';

const DIALOGS = {
  palette: CommandPalette,
  'cheat-sheet': CheatSheet,
  lock: LockDialog,
  settings: SettingsDialog,
  health: HealthDialog,
} satisfies Record<DialogName, () => React.ReactNode>;

/** The one dialog that is open, in the window in which it was asked for. */
export function Dialogs() {
  const dialog = useScreen((state) => state.dialog);
  const home = useScreen((state) => state.home);
  if (dialog === null) return null;
  const Named = DIALOGS[dialog];
  return home === null ? <Named /> : createPortal(<Named />, home.document.body);
}
