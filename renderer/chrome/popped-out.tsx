import { createPortal } from 'react-dom';
import { useRecords } from '../stores/records-store.ts';
import { useScreen } from '../stores/screen-store.ts';
import { RefusalStrip } from './refusal-strip.tsx';

/** What every window of the terminal has: the words to the trader, and the frame that says LIVE. */
export function PoppedOut() {
  const opened = useScreen((state) => state.opened);
  const mode = useRecords((state) => state.terminal?.mode);
  return opened.map((window, i) =>
    createPortal(
      <div className="window-frame" data-mode={mode}>
        <RefusalStrip />
      </div>,
      window.document.body,
      String(i),
    ),
  );
}
