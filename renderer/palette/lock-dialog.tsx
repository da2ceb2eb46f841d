import { terminal } from '../engine/page-terminal.ts';
import { openDialog } from '../stores/screen-store.ts';
import { Dialog } from './dialog.tsx';

/** Asks before trading is locked for the day, since only the next trade date opens it again. */
export function LockDialog() {
  const lock = (): void => {
    openDialog(null);
    void terminal.command('lockDay', { reason: 'Locked by the trader' });
  };
  return (
    <Dialog label="Lock for the day">
      <div className="lock-ask">
        <p className="strong">Lock trading for the rest of this trade date?</p>
        <p className="quiet">
          Nothing that adds risk will be accepted until the next trade date, also after a restart. Open deals keep their
          stops and targets; closing and flattening still work.
        </p>
        <div className="lock-buttons">
          <button type="button" onClick={() => openDialog(null)}>
            Leave open
          </button>
          <button type="button" className="danger" onClick={lock}>
            Lock for the day
          </button>
        </div>
      </div>
    </Dialog>
  );
}
