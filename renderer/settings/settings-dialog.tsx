import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { Dialog } from '../palette/dialog.tsx';
import { openDialog } from '../stores/screen-store.ts';
import { FieldGroup } from './field-row.tsx';
import { keepFocusWithin } from './keep-focus.ts';
import { MarketDataSection } from './market-data-section.tsx';
import { ACCOUNT_FIELDS, CAPTURE_FIELDS, RISK_FIELDS } from './settings-fields.ts';
import { openSetup, saveSettings, useSetup } from './setup-store.ts';

const SECTIONS = ['Market data', 'Risk', 'Paper account', 'Capture'] as const;
type Section = (typeof SECTIONS)[number];

/** The settings over the workspace. Nothing is applied before it is saved, which starts the engine anew. */
export function SettingsDialog() {
  const [section, setSection] = useState<Section>('Market data');
  const [leaving, setLeaving] = useState(false);
  const there = useSetup(({ view }) => view !== null);
  const edited = useSetup(({ edits }) => edits.size > 0);
  useEffect(() => void openSetup(), []);
  const leave = (): void => {
    if (edited && !leaving) setLeaving(true);
    else openDialog(null);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDialogElement>): void => {
    if (event.code === 'Tab') keepFocusWithin(event);
    if (event.code !== 'Escape') return;
    event.preventDefault();
    leave();
  };
  return (
    <Dialog label="Settings" onLeave={leave} onKeyDown={onKeyDown}>
      <div className="settings">
        <Tabs section={section} onChoose={setSection} />
        <div className="settings-body scroll" role="tabpanel" id="settings-panel" aria-label={section}>
          {!there ? <p className="empty">Reading the settings.</p> : <SectionBody section={section} />}
        </div>
        <Footer leaving={leaving && edited} onLeave={leave} />
      </div>
    </Dialog>
  );
}

function SectionBody({ section }: { readonly section: Section }) {
  switch (section) {
    case 'Market data':
      return <MarketDataSection />;
    case 'Risk':
      return <FieldGroup fields={RISK_FIELDS} />;
    case 'Paper account':
      return <FieldGroup fields={ACCOUNT_FIELDS} />;
    case 'Capture':
      return <FieldGroup fields={CAPTURE_FIELDS} />;
  }
}

function Tabs({ section, onChoose }: { readonly section: Section; readonly onChoose: (section: Section) => void }) {
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent): void => {
    const step = event.code === 'ArrowDown' ? 1 : event.code === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = (SECTIONS.indexOf(section) + step + SECTIONS.length) % SECTIONS.length;
    onChoose(SECTIONS[at]!);
    list.current?.querySelectorAll('button')[at]?.focus();
  };
  return (
    <div className="settings-tabs" role="tablist" aria-label="Settings" aria-orientation="vertical" ref={list}>
      {SECTIONS.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          aria-selected={name === section}
          aria-controls="settings-panel"
          tabIndex={name === section ? 0 : -1}
          onClick={() => onChoose(name)}
          onKeyDown={move}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

function Footer({ leaving, onLeave }: { readonly leaving: boolean; readonly onLeave: () => void }) {
  const words = useSetup((state) => state.words);
  const fault = useSetup((state) => state.fault);
  const file = useSetup(({ view }) => view?.file ?? '');
  const unusable = useSetup(({ view }) => view?.unusable ?? '');
  const ready = useSetup(({ edits, view, saving }) => {
    return !saving && (edits.size > 0 || view?.keysChanged === true || unusable !== '');
  });
  const told = leaving ? 'Changes are not saved. Esc again leaves without them.' : words || unusable;
  const caution = leaving || fault || unusable !== '';
  return (
    <footer>
      <span role="status" className={`settings-words ${caution ? 'caution' : 'quiet'}`} title={told || file}>
        {told || file}
      </span>
      <button type="button" onClick={onLeave}>
        {leaving ? 'Leave without saving' : 'Close'} <kbd>Esc</kbd>
      </button>
      <button type="button" className="save" disabled={!ready} onClick={() => void saveSettings()}>
        Save · restarts the engine
      </button>
    </footer>
  );
}
