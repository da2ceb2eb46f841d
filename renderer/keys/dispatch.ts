import { notify } from '../stores/refusal-store.ts';
import { type ActionId, actionOf, chordOf, chordText, type Keymap } from './keymap.ts';

/** What decides whether a key may act. */
export interface KeyContext {
  readonly keymap: () => Keymap;
  readonly armed: () => boolean;
  /**
   * Whether a dialog is open: then keys belong to it, except chords with Ctrl that take risk away, and in one that is only
   * read all keys that do; while it captures a key for editing, all of them.
   */
  readonly dialog: () => 'none' | 'reading' | 'open' | 'capturing';
  readonly run: (id: ActionId, event: KeyboardEvent) => void;
}

const TEXT_INPUTS = new Set(['text', 'search', 'number', 'email', 'url', 'password', 'tel']);

/** Keys that are down, so that the ladder keeps still while one is held. */
const held = new Set<string>();

export function isKeyHeld(): boolean {
  return held.size > 0;
}

/** Listens to the keys of a window. @returns a function that stops listening */
export function listenToKeys(target: Window, context: KeyContext): () => void {
  const down = (event: KeyboardEvent): void => {
    held.add(event.code);
    handleKey(event, context);
  };
  const up = (event: KeyboardEvent): void => {
    held.delete(event.code);
    // A button presses on the release of Space: Space must never also press what has the focus.
    if (event.code === 'Space' && !isTextField(event.target) && context.dialog() === 'none') event.preventDefault();
  };
  const blur = (): void => held.clear();
  target.addEventListener('keydown', down, true);
  target.addEventListener('keyup', up, true);
  target.addEventListener('blur', blur);
  return () => {
    target.removeEventListener('keydown', down, true);
    target.removeEventListener('keyup', up, true);
    target.removeEventListener('blur', blur);
  };
}

/** Decides about one key event: run its action, refuse it visibly, or leave it to the browser. */
function handleKey(event: KeyboardEvent, context: KeyContext): void {
  const chord = chordOf(event);
  const info = actionOf(context.keymap(), chord);
  const dialog = context.dialog();
  if (dialog !== 'none') {
    const heard = dialog === 'reading' ? info?.id !== 'escape' : dialog === 'open' && event.ctrlKey;
    if (heard && info?.risk === 'safety') run(event, info.id, context);
    return;
  }
  if (isTextField(event.target)) {
    inTextField(event, chord, context);
    return;
  }
  // Enter and Space act through the keymap only, whatever has the focus.
  if (chord === 'Enter' || chord === 'Space') claim(event);
  if (!info) return;
  if (isSlider(event.target) && /^Arrow/.test(event.code)) return;
  if (info.risk === 'risk' && !context.armed() && !event.repeat) {
    claim(event);
    const arm = chordText(context.keymap().arm);
    notify('refusal', `Disarmed: "${info.label}" adds risk and was not sent. ${arm} arms.`);
    return;
  }
  run(event, info.id, context);
}

/** In a text field keys type; those that add risk say that they did nothing, those that take it away still work. */
function inTextField(event: KeyboardEvent, chord: string, context: KeyContext): void {
  const info = actionOf(context.keymap(), chord);
  const field = event.target as HTMLElement;
  // Such a field ends its typing itself: it takes what was typed on Enter and forgets it on Esc.
  if (field.dataset['ends'] === 'itself' && (chord === 'Enter' || event.code === 'Escape')) return;
  if (event.code === 'Escape') {
    event.preventDefault();
    field.blur();
    return;
  }
  if (!info) return;
  if (info.risk === 'safety' || event.ctrlKey || event.altKey) run(event, info.id, context);
  else if (info.risk === 'risk') {
    notify('refusal', `A text field has the focus: "${info.label}" was not sent. Esc leaves the field.`);
  }
}

/** Keeps a key from everything else that listens: the focused control, the dock, the browser. */
function claim(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
}

function run(event: KeyboardEvent, id: ActionId, context: KeyContext): void {
  claim(event);
  // A held key acts once, when it goes down.
  if (event.repeat) return;
  context.run(id, event);
}

/** Whether an element takes typed text. */
function isTextField(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  if (!element || typeof element.tagName !== 'string') return false;
  if (element.isContentEditable || element.tagName === 'TEXTAREA') return true;
  return element.tagName === 'INPUT' && TEXT_INPUTS.has((element as HTMLInputElement).type);
}

function isSlider(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return (
    element?.tagName === 'SELECT' || (element?.tagName === 'INPUT' && (element as HTMLInputElement).type === 'range')
  );
}
