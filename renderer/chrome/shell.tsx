import { useEffect } from 'react';
import { runAction } from '../keys/actions.ts';
import { listenToKeys } from '../keys/dispatch.ts';
import { useKeymap } from '../keys/keymap-store.ts';
import { useConnection } from '../stores/connection-store.ts';
import { useRecords } from '../stores/records-store.ts';
import { useScreen } from '../stores/screen-store.ts';
import { Dock } from '../workspace/dock.tsx';
import { restoreWorkspace } from '../workspace/workspace-store.ts';
import { Dialogs } from './dialogs.tsx';
import { HealthBar } from './health-bar.tsx';
import { PoppedOut } from './popped-out.tsx';
import { RefusalStrip } from './refusal-strip.tsx';
import { ReplayBar } from './replay-bar.tsx';
import { StatusBar } from './status-bar.tsx';

const listen = (target: Window): (() => void) => {
  const hand = (): void => useScreen.setState({ hand: target === window ? null : target });
  const uses = ['keydown', 'pointerdown'] as const;
  for (const use of uses) target.addEventListener(use, hand, true);
  const stop = listenToKeys(target, {
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
  return () => {
    for (const use of uses) target.removeEventListener(use, hand, true);
    stop();
  };
};

/** The whole terminal: bars above and below, panes between, one dialog at a time over them. */
export function Shell() {
  const mode = useRecords((state) => state.terminal?.mode);
  const engineId = useConnection((state) => state.engineId);
  const phase = useConnection((state) => state.phase);
  useEffect(() => listen(window), []);
  useEffect(() => {
    if (engineId !== '') void restoreWorkspace();
  }, [engineId]);
  return (
    <div className="shell" data-mode={mode} data-away={phase !== 'connected'}>
      <StatusBar />
      <main className="workspace">
        <Dock listen={listen} />
      </main>
      <ReplayBar />
      <HealthBar />
      <Dialogs />
      <RefusalStrip />
      <PoppedOut />
    </div>
  );
}
