import { useEffect, useRef, useState } from 'react';
import type { KeyState } from '../../shared/contract/setup.ts';
import { dayText } from '../format/time-text.ts';
import { forgetKey, setKey, useSetup } from './setup-store.ts';

/** A key of a vendor: where it is held, and how it is set or forgotten. What it is cannot be seen from here. */
export function KeyRow({ state }: { readonly state: KeyState }) {
  const refused = useSetup(({ view }) => view?.keysRefused !== '');
  const [entering, setEntering] = useState(false);
  const setter = useRef<HTMLButtonElement>(null);
  const { name, place } = state;
  const leave = (): void => {
    setEntering(false);
    window.requestAnimationFrame(() => setter.current?.focus());
  };
  return (
    <div className="key-row-setup">
      <code>{name}</code>
      <span className={place === 'none' ? 'quiet' : ''} role="status">
        {placeWords(state)}
      </span>
      {entering ? (
        <KeyEntry name={name} onDone={leave} />
      ) : (
        <span className="key-buttons">
          {place !== 'environment' && (
            <button
              type="button"
              ref={setter}
              disabled={refused}
              aria-label={`Set ${name}`}
              onClick={() => setEntering(true)}
            >
              {place === 'none' ? 'Set' : 'Change'}
            </button>
          )}
          {(place === 'keyring' || place === 'desktop') && (
            <button type="button" aria-label={`Forget ${name}`} onClick={() => void forgetKey(name)}>
              Forget
            </button>
          )}
        </span>
      )}
    </div>
  );
}

/** The field that a key is typed into; it is sent and gone. */
function KeyEntry({ name, onDone }: { readonly name: KeyState['name']; readonly onDone: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [filled, setFilled] = useState(false);
  useEffect(() => field.current?.focus(), []);
  const keep = async (): Promise<void> => {
    const input = field.current;
    if (!input || input.value.trim() === '') return;
    const { value } = input;
    input.value = '';
    setFilled(false);
    if (await setKey(name, value)) onDone();
  };
  return (
    <span className="key-buttons">
      <input
        ref={field}
        type="password"
        autoComplete="off"
        spellCheck={false}
        aria-label={name}
        onInput={(event) => setFilled(event.currentTarget.value.trim() !== '')}
        onKeyDown={(event) => {
          if (event.code === 'Enter' && !event.repeat) void keep();
          if (event.code !== 'Escape') return;
          event.preventDefault();
          event.stopPropagation();
          onDone();
        }}
      />
      <button type="button" disabled={!filled} onClick={() => void keep()}>
        Keep
      </button>
      <button type="button" onClick={onDone}>
        Leave
      </button>
    </span>
  );
}

function placeWords({ place, changedUs }: KeyState): string {
  const since = changedUs === null ? '' : `, changed ${dayText(changedUs)}`;
  switch (place) {
    case 'environment':
      return 'set in the environment';
    case 'keyring':
      return `in the keyring${since}`;
    case 'desktop':
      return `in the vault of this program${since}`;
    case 'none':
      return 'not set';
  }
}
