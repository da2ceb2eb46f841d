import { type KeyboardEvent, useState } from 'react';
import { useKeymap } from '../keys/keymap-store.ts';
import { useRecords } from '../stores/records-store.ts';
import { notify } from '../stores/refusal-store.ts';
import { openDialog } from '../stores/screen-store.ts';
import { Dialog } from './dialog.tsx';
import { matching } from './matching.ts';
import { type PaletteEntry, paletteEntries } from './palette-entries.ts';

const SHOWN = 14;

/** Ctrl+K: type a few letters of what to do, Enter does it. Before that nothing is chosen, so that Enter alone does nothing. */
export function CommandPalette() {
  const keymap = useKeymap((state) => state.keymap);
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(-1);
  const found = matching(paletteEntries(keymap), query).slice(0, SHOWN);
  const chosen = Math.min(at, found.length - 1);
  const run = (entry: PaletteEntry | undefined): void => {
    if (!entry) return;
    openDialog(null);
    if (entry.risk && !useRecords.getState().ticket?.armed) {
      notify('refusal', `Disarmed: "${entry.label}" adds risk and was not sent.`);
      return;
    }
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.code === 'ArrowDown') setAt(Math.min(found.length - 1, chosen + 1));
    else if (event.code === 'ArrowUp') setAt(Math.max(0, chosen - 1));
    else if (event.code === 'Enter' && !event.repeat) run(found[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog label="Commands">
      <div className="palette">
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={chosen < 0 ? undefined : `palette-${chosen}`}
          aria-label="Command"
          placeholder="What to do"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setAt(event.target.value.trim() === '' ? -1 : 0);
          }}
          onKeyDown={onKeyDown}
        />
        <div id="palette-list" role="listbox" aria-label="Commands found">
          {found.map((entry, i) => (
            <div
              key={entry.label}
              id={`palette-${i}`}
              role="option"
              tabIndex={-1}
              aria-selected={i === chosen}
              className="palette-entry"
              onPointerDown={(event) => {
                event.preventDefault();
                run(entry);
              }}
            >
              <span>{entry.label}</span>
              {entry.risk && <span className="quiet">adds risk</span>}
              <kbd>{entry.hint}</kbd>
            </div>
          ))}
          {found.length === 0 && <p className="empty">Nothing is called that.</p>}
        </div>
      </div>
    </Dialog>
  );
}
