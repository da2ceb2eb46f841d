/** Actions that keys trigger. `risk` adds risk and needs an armed terminal; `safety` takes risk away and always works. */
export const ACTIONS = [
  action('confirm', 'Confirm ticket', 'Ticket', 'risk', 'Enter'),
  action('escape', 'Dismiss ticket, then cancel entries', 'Ticket', 'safety', 'Escape'),
  action('buyMarket', 'Stage buy at market', 'Ticket', 'risk', 'KeyB'),
  action('sellMarket', 'Stage sell at market', 'Ticket', 'risk', 'KeyS'),
  action('buyBid', 'Stage buy at best bid', 'Ticket', 'risk', 'Shift+KeyB'),
  action('sellAsk', 'Stage sell at best ask', 'Ticket', 'risk', 'Shift+KeyS'),
  action('reverse', 'Stage a reversal at market', 'Ticket', 'risk', 'KeyV'),
  action('size1', 'Size preset 1', 'Ticket', 'neutral', 'Digit1'),
  action('size2', 'Size preset 2', 'Ticket', 'neutral', 'Digit2'),
  action('size3', 'Size preset 3', 'Ticket', 'neutral', 'Digit3'),
  action('size4', 'Size preset 4', 'Ticket', 'neutral', 'Digit4'),
  action('size5', 'Size preset 5', 'Ticket', 'neutral', 'Digit5'),
  action('nudgeUp', 'Focused price up a tick', 'Ticket', 'neutral', 'ArrowUp'),
  action('nudgeDown', 'Focused price down a tick', 'Ticket', 'neutral', 'ArrowDown'),
  action('nudgeUp5', 'Focused price up five ticks', 'Ticket', 'neutral', 'Shift+ArrowUp'),
  action('nudgeDown5', 'Focused price down five ticks', 'Ticket', 'neutral', 'Shift+ArrowDown'),
  action('stopCloser', 'Stop closer', 'Ticket', 'neutral', 'BracketLeft'),
  action('stopWider', 'Stop wider', 'Ticket', 'neutral', 'BracketRight'),
  action('targetCloser', 'Target closer', 'Ticket', 'neutral', 'Semicolon'),
  action('targetWider', 'Target wider', 'Ticket', 'neutral', 'Quote'),
  action('flatten', 'Flatten this instrument', 'Position', 'safety', 'KeyF'),
  action('flattenAll', 'Flatten everything', 'Position', 'safety', 'Ctrl+Shift+KeyF'),
  action('cancelAll', 'Cancel all entries', 'Position', 'safety', 'KeyX'),
  action('breakEven', 'Stops to break-even', 'Position', 'neutral', 'KeyE'),
  action('lockDay', 'Lock for the day', 'Position', 'safety', 'KeyL'),
  action('arm', 'Arm or disarm', 'Position', 'neutral', 'Space'),
  action('recentre', 'Recentre ladder and heatmap', 'View', 'neutral', 'KeyC'),
  action('coarserRows', 'Coarser price rows', 'View', 'neutral', 'Equal'),
  action('finerRows', 'Finer price rows', 'View', 'neutral', 'Minus'),
  action('adaptRows', 'Automatic price rows', 'View', 'neutral', 'Shift+Equal'),
  action('nextLink', 'Next instrument', 'View', 'neutral', 'KeyN'),
  action('settings', 'Settings', 'View', 'neutral', 'Ctrl+Comma'),
  action('health', 'Health in words', 'View', 'neutral', 'Shift+KeyH'),
  action('palette', 'Command palette', 'View', 'neutral', 'Ctrl+KeyK'),
  action('cheatSheet', 'Keys', 'View', 'neutral', 'Shift+Slash'),
  action('press', 'Press the focused control', 'View', 'neutral', 'Ctrl+Enter'),
  action('replayToggle', 'Replay: play or pause', 'Replay', 'neutral', 'KeyR'),
  action('replayBack', 'Replay: back one second', 'Replay', 'neutral', 'Comma'),
  action('replayStep', 'Replay: step one event', 'Replay', 'neutral', 'Period'),
  action('workspace1', 'Workspace 1', 'View', 'neutral', 'Alt+Digit1'),
  action('workspace2', 'Workspace 2', 'View', 'neutral', 'Alt+Digit2'),
  action('workspace3', 'Workspace 3', 'View', 'neutral', 'Alt+Digit3'),
  action('workspace4', 'Workspace 4', 'View', 'neutral', 'Alt+Digit4'),
  action('workspace5', 'Workspace 5', 'View', 'neutral', 'Alt+Digit5'),
  action('workspace6', 'Workspace 6', 'View', 'neutral', 'Alt+Digit6'),
  action('workspace7', 'Workspace 7', 'View', 'neutral', 'Alt+Digit7'),
  action('workspace8', 'Workspace 8', 'View', 'neutral', 'Alt+Digit8'),
  action('workspace9', 'Workspace 9', 'View', 'neutral', 'Alt+Digit9'),
] as const;

export type RiskClass = 'risk' | 'safety' | 'neutral';
export type ActionId = (typeof ACTIONS)[number]['id'];

export interface ActionInfo {
  readonly id: ActionId;
  readonly label: string;
  readonly group: string;
  readonly risk: RiskClass;
  /** Default chord: modifiers in the order Ctrl, Alt, Shift, then `event.code`. */
  readonly chord: string;
}

function action<I extends string>(id: I, label: string, group: string, risk: RiskClass, chord: string) {
  return { id, label, group, risk, chord };
}

/** Chord of every action: defaults with the trader's changes on top. */
export type Keymap = Readonly<Record<ActionId, string>>;

export const DEFAULT_KEYMAP: Keymap = Object.fromEntries(ACTIONS.map(({ id, chord }) => [id, chord])) as Keymap;

/** What a key event is, independent of the keyboard's layout: `Ctrl+Shift+KeyF`. Meta counts as Ctrl. */
export function chordOf(event: Pick<KeyboardEvent, 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const code = event.code === 'NumpadEnter' ? 'Enter' : event.code;
  const ctrl = event.ctrlKey || event.metaKey ? 'Ctrl+' : '';
  return `${ctrl}${event.altKey ? 'Alt+' : ''}${event.shiftKey ? 'Shift+' : ''}${code}`;
}

export function actionOf(keymap: Keymap, chord: string): ActionInfo | undefined {
  return ACTIONS.find(({ id }) => keymap[id] === chord);
}

const RESERVED = new Set(['Tab', 'Shift+Tab', 'Ctrl+KeyW', 'Ctrl+KeyT', 'Ctrl+KeyR', 'F5', 'F11', 'F12']);
const MODIFIERS = /^(Control|Shift|Alt|Meta)(Left|Right)$/;

export type Rebinding = { readonly ok: true; readonly keymap: Keymap } | { readonly ok: false; readonly words: string };

/** Gives an action another chord; refused when another action has it, or when the browser or Tab order needs it. */
export function rebind(keymap: Keymap, id: ActionId, chord: string): Rebinding {
  if (chord === '' || MODIFIERS.test(chord.split('+').at(-1)!)) {
    return { ok: false, words: 'A modifier alone is no key; press it together with another.' };
  }
  if (RESERVED.has(chord))
    return { ok: false, words: `${chordText(chord)} stays with the browser or with moving the focus.` };
  const owner = actionOf(keymap, chord);
  if (owner && owner.id !== id) {
    return { ok: false, words: `${chordText(chord)} is taken by "${owner.label}". Give that another key first.` };
  }
  return { ok: true, keymap: { ...keymap, [id]: chord } };
}

/** What differs from the defaults, for storing. */
export function changedKeys(keymap: Keymap): Partial<Record<ActionId, string>> {
  return Object.fromEntries(ACTIONS.filter(({ id, chord }) => keymap[id] !== chord).map(({ id }) => [id, keymap[id]]));
}

/** Defaults with stored changes on top; unknown actions and conflicting chords in the stored text are left out. */
export function keymapWith(changes: unknown): Keymap {
  let keymap = DEFAULT_KEYMAP;
  if (typeof changes !== 'object' || changes === null) return keymap;
  for (const [id, chord] of Object.entries(changes)) {
    if (!(id in keymap) || typeof chord !== 'string') continue;
    const rebound = rebind(keymap, id as ActionId, chord);
    if (rebound.ok) keymap = rebound.keymap;
  }
  return keymap;
}

const NAMES: Readonly<Record<string, string>> = {
  Escape: 'Esc',
  BracketLeft: '[',
  BracketRight: ']',
  Semicolon: ';',
  Quote: "'",
  Comma: ',',
  Period: '.',
  Slash: '/',
  Equal: '=',
  Minus: '\u2212',
  ArrowUp: '↑',
  ArrowDown: '↓',
};

/** A chord as printed on a key cap; `?` where Shift and slash make one. */
export function chordText(chord: string): string {
  if (chord === 'Shift+Slash') return '?';
  return chord
    .split('+')
    .map((part) => NAMES[part] ?? part.replace(/^(Key|Digit)/, ''))
    .join(' ');
}
