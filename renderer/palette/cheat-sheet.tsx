import { useEffect, useState } from 'react';
import { ACTIONS, type ActionId, chordOf, chordText } from '../keys/keymap.ts';
import { changeKey, useKeymap } from '../keys/keymap-store.ts';
import { openDialog, useScreen } from '../stores/screen-store.ts';
import { saveKeys } from '../workspace/workspace-store.ts';
import { Dialog } from './dialog.tsx';

const GROUPS = ['Ticket', 'Position', 'View', 'Replay'] as const;

/** All keys, and where they are changed: choose one, press another; one that is taken is refused. */
export function CheatSheet() {
  const keymap = useKeymap((state) => state.keymap);
  const [edited, setEdited] = useState<ActionId | null>(null);
  const [words, setWords] = useState('');
  useEffect(() => {
    useScreen.setState({ capturing: edited !== null });
    if (edited === null) return;
    const capture = (event: KeyboardEvent): void => {
      if (/^(Control|Shift|Alt|Meta)/.test(event.code)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const leave = event.code === 'Escape' && edited !== 'escape';
      const result = leave ? undefined : changeKey(edited, chordOf(event));
      setWords(result && !result.ok ? result.words : '');
      if (result && !result.ok) return;
      setEdited(null);
      if (result) void saveKeys();
    };
    const here = useScreen.getState().home ?? window;
    here.addEventListener('keydown', capture, true);
    return () => here.removeEventListener('keydown', capture, true);
  }, [edited]);
  return (
    <Dialog label="Keys">
      <div className="cheat-sheet">
        <header>
          <b>Keys</b>
          <span className="quiet">Choose one to change it, Esc closes.</span>
          <span className="caution" role="alert">
            {words}
          </span>
          <button type="button" onClick={() => openDialog(null)}>
            Close
          </button>
        </header>
        <div className="key-groups">
          {GROUPS.map((group) => (
            <section key={group}>
              <h2>{group}</h2>
              {ACTIONS.filter((info) => info.group === group).map(({ id, label, risk }) => (
                <button
                  type="button"
                  key={id}
                  className="key-row"
                  data-edited={edited === id}
                  onClick={() => {
                    setEdited(id);
                    setWords('');
                  }}
                >
                  <span>
                    {label}
                    {risk === 'risk' && <span className="quiet"> · armed only</span>}
                  </span>
                  <kbd>{edited === id ? 'press a key' : chordText(keymap[id])}</kbd>
                </button>
              ))}
            </section>
          ))}
        </div>
      </div>
    </Dialog>
  );
}
