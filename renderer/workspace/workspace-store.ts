import type { DockviewApi, SerializedDockview } from 'dockview-react';
import { terminal } from '../engine/page-terminal.ts';
import { changedKeys, keymapWith } from '../keys/keymap.ts';
import { useKeymap } from '../keys/keymap-store.ts';
import { notify } from '../stores/refusal-store.ts';
import { useScreen } from '../stores/screen-store.ts';
import { defaultLayout, PANES, type PaneId, sizeClass } from './default-layout.ts';

const SAVE_AFTER_MS = 800;
/** Rest after a change of size before an untouched layout is arranged anew, so that dragging a window's edge stays smooth. */
const ARRANGE_AFTER_MS = 150;
/** Keys hold for all workspaces, so that the hand needs to learn them once; they are kept under a name of their own. */
const KEYS = 'keys';

let dock: DockviewApi | undefined;
let saveTimer = 0;
/** Whether the trader took hold of the layout. The dock reports changes late and of every origin; only his count. */
let byHand = false;
/** Whether the layout on screen is the default one, which follows the window's size. */
let untouched = true;
/** Size of the dock that the layout was last seen at: the dock also reports changes that only its size made. */
let width = 0;
let height = 0;
let arrangeTimer = 0;
/** Whether the page has shown what was kept. */
let restored = false;

/** The dock is there: from now on the layout is kept. */
export function attachDock(api: DockviewApi): void {
  dock = api;
  arrange();
  document.addEventListener('pointerdown', noticeHand, true);
  api.onDidLayoutChange(() => {
    if (api.width !== width || api.height !== height) {
      followSize();
      return;
    }
    if (!byHand) return;
    untouched = false;
    window.clearTimeout(saveTimer);
    saveTimer = window.setTimeout(() => void save(), SAVE_AFTER_MS);
  });
}

/** Puts the default arrangement for the window's size on screen. */
export function arrange(): void {
  if (!dock) return;
  width = dock.width;
  height = dock.height;
  const size = sizeClass(window.innerWidth, window.innerHeight);
  dock.fromJSON(defaultLayout(width, height, size));
  untouched = true;
  byHand = false;
}

/** The size changed: an untouched default follows it to the arrangement that fits, the trader's own is scaled by the dock. */
export function followSize(): void {
  window.clearTimeout(arrangeTimer);
  arrangeTimer = window.setTimeout(() => {
    if (!dock || (dock.width === width && dock.height === height)) return;
    width = dock.width;
    height = dock.height;
    if (untouched) arrange();
  }, ARRANGE_AFTER_MS);
}

/** Loads the layout of a workspace; one that was never saved starts as the default. */
export async function openWorkspace(name: string): Promise<void> {
  if (dock && !untouched) await save();
  useScreen.setState({ workspace: name });
  const layout = await load(name);
  if (!dock || !isLayout(layout)) {
    arrange();
    return;
  }
  try {
    dock.fromJSON(layout.dock);
    untouched = false;
    byHand = false;
  } catch {
    notify('caution', `Workspace ${name} was saved by another version and is shown in its default arrangement.`);
    arrange();
  }
}

/**
 * Loads keys and the first workspace; called for every engine. Panes that are on screen stay as they are when an engine
 * was restarted: to lay them out anew would close the windows of those that were popped out.
 */
export async function restoreWorkspace(): Promise<void> {
  useKeymap.setState({ keymap: keymapWith(await load(KEYS)) });
  if (restored) return;
  restored = true;
  await openWorkspace(useScreen.getState().workspace);
}

export async function saveKeys(): Promise<void> {
  const layout = JSON.stringify(changedKeys(useKeymap.getState().keymap));
  await terminal.command('saveWorkspace', { name: KEYS, layout });
}

/** Shows a pane: the tab comes to the front, a pane that was closed comes back. */
export function showPane(id: PaneId): void {
  byHand = true;
  const panel = dock?.getPanel(id);
  if (panel) panel.api.setActive();
  else dock?.addPanel({ id, component: id, title: PANES[id] });
}

/** Takes the active pane to a window of its own. */
export async function popOut(id: PaneId): Promise<void> {
  const panel = dock?.getPanel(id);
  if (!panel || !dock) return;
  byHand = true;
  // A change of size that comes with it must not arrange the default anew, which would close the window.
  untouched = false;
  const opened = await dock.addPopoutGroup(panel, { popoutUrl: '/popout.html' });
  if (!opened) notify('caution', 'The browser did not open a window for the pane; allow pop-ups for this address.');
}

async function save(): Promise<void> {
  if (!dock) return;
  const layout = JSON.stringify({ version: 1, dock: dock.toJSON() });
  await terminal.command('saveWorkspace', { name: useScreen.getState().workspace, layout });
}

/** Layout text of a name as the engine keeps it, parsed; undefined where there is none. */
async function load(name: string): Promise<unknown> {
  const answer = await terminal.command('loadWorkspace', { name });
  if (!answer.ok) return undefined;
  const value = answer.value as { readonly layout?: unknown } | string | null;
  const text = typeof value === 'string' ? value : value?.layout;
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isLayout(value: unknown): value is { readonly version: 1; readonly dock: SerializedDockview } {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === 1 && 'dock' in value;
}

/** Edges between panes, tabs and their bars are what a hand changes the layout with. */
function noticeHand({ target }: PointerEvent): void {
  if (target instanceof Element && target.closest('.dv-sash, .dv-tab, .dv-tabs-and-actions-container')) byHand = true;
}
