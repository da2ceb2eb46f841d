import { useEffect } from 'react';
import { runAction } from '../keys/actions.ts';
import { listenToKeys } from '../keys/dispatch.ts';
import { useKeymap } from '../keys/keymap-store.ts';
import { CheatSheet } from '../palette/cheat-sheet.tsx';
import { CommandPalette } from '../palette/command-palette.tsx';
import { HealthDialog } from '../palette/health-dialog.tsx';
import { LockDialog } from '../palette/lock-dialog.tsx';
import { SettingsDialog } from '../settings/settings-dialog.tsx';
import { useConnection } from '../stores/connection-store.ts';
import { useRecords } from '../stores/records-store.ts';
import { useScreen } from '../stores/screen-store.ts';
import { Dock } from '../workspace/dock.tsx';
import { restoreWorkspace } from '../workspace/workspace-store.ts';
import { HealthBar } from './health-bar.tsx';
import { RefusalStrip } from './refusal-strip.tsx';
import { ReplayBar } from './replay-bar.tsx';
import { StatusBar } from './status-bar.tsx';

const listen = (target: Window): (() => void) =>
  listenToKeys(target, {
    keymap: () => useKeymap.getState().keymap,
    armed: () => useRecords.getState().ticket?.armed ?? false,
    dialog: () => {
      const { dialog, capturing } = useScreen.getState();
      if (dialog === null) return 'none';
      if (capturing) return 'capturing';
      return dialog === 'palette' || dialog === 'settings' ? 'open' : 'reading';
    },
    run: runAction,
  });

/** The whole terminal: bars above and below, panes between, one dialog at a time over them. */
export function Shell() {
  const mode = useRecords((state) => state.terminal?.mode);
  const dialog = useScreen((state) => state.dialog);
  const engineId = useConnection((state) => state.engineId);
  const phase = useConnection((state) => state.phase);
  useEffect(() => listen(window), []);
  useEffect(() => {
    if (engineId !== '') void restoreWorkspace();
  }, [engineId]);
  return (
    <div className="shell" data-mode={mode} data-away={phase !== 'connected'}>
      <StatusBar />
      <RefusalStrip />
      <main className="workspace">
        <Dock listen={listen} />
      </main>
      <ReplayBar />
      <HealthBar />
      {dialog === 'palette' && <CommandPalette />}
      {dialog === 'cheat-sheet' && <CheatSheet />}
      {dialog === 'lock' && <LockDialog />}
      {dialog === 'settings' && <SettingsDialog />}
      {dialog === 'health' && <HealthDialog />}
    </div>
  );
}
