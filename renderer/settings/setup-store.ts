import { create } from 'zustand';
import type { CommandName, CommandParams } from '../../shared/contract/messages.ts';
import type {
  KeyChanged,
  SettingsChecked,
  SettingsIssue,
  SettingsWritten,
  SetupView,
  VendorFinding,
} from '../../shared/contract/setup.ts';
import type { KeyName, Vendor } from '../../shared/vendors.ts';
import { terminal } from '../engine/page-terminal.ts';
import { notify } from '../stores/refusal-store.ts';
import { openDialog } from '../stores/screen-store.ts';
import { type Edits, ownIssues, patchOf, withEdit } from './setting-edits.ts';
import type { SettingField } from './settings-fields.ts';

/** The settings page between opening and saving. Keys pass through on their way to the engine and are never held. */
export interface SetupState {
  readonly view: SetupView | null;
  readonly edits: Edits;
  readonly issues: readonly SettingsIssue[];
  /** What vendors answered when they were tried; `null` while one is being asked. */
  readonly findings: ReadonlyMap<Vendor, VendorFinding | null>;
  /** Words below the page: what went wrong, or what was done. */
  readonly words: string;
  readonly fault: boolean;
  readonly saving: boolean;
}

const FRESH: SetupState = {
  view: null,
  edits: new Map(),
  issues: [],
  findings: new Map(),
  words: '',
  fault: false,
  saving: false,
};

export const useSetup = create<SetupState>(() => FRESH);

/** Time after the last change before the engine is asked whether the settings can be so. */
const CHECK_AFTER_MS = 250;
let checkTimer = 0;

/** Reads the settings anew; what was changed before and not saved is gone. */
export async function openSetup(): Promise<void> {
  window.clearTimeout(checkTimer);
  useSetup.setState(FRESH);
  const view = await ask<SetupView>('settingsRead', {});
  if (view) useSetup.setState({ view });
}

/** Takes a control's change in, and has it checked soon. */
export function editSetting(field: SettingField, shown: string | boolean): void {
  const { edits, view } = useSetup.getState();
  useSetup.setState({ edits: withEdit(edits, view?.settings, field, shown), words: '', fault: false });
  window.clearTimeout(checkTimer);
  checkTimer = window.setTimeout(() => void checkSettings(), CHECK_AFTER_MS);
}

/** Asks the engine what is wrong with the settings as changed. @returns whether nothing is */
async function checkSettings(): Promise<boolean> {
  const { edits } = useSetup.getState();
  const checked = await ask<SettingsChecked>('settingsCheck', { patch: patchOf(edits) });
  // What was typed meanwhile has a check of its own on its way.
  if (edits !== useSetup.getState().edits) return false;
  const issues = [...ownIssues(edits), ...(checked?.issues ?? [])];
  useSetup.setState({ issues });
  return checked !== undefined && issues.length === 0;
}

/** Saves, which makes the engine start anew; what is wrong is shown at its field and nothing is saved. */
export async function saveSettings(): Promise<void> {
  window.clearTimeout(checkTimer);
  useSetup.setState({ saving: true, words: '', fault: false });
  const { edits } = useSetup.getState();
  if (await checkSettings()) {
    const written = await ask<SettingsWritten>('settingsWrite', { patch: patchOf(edits) });
    if (written) {
      openDialog(null);
      notify('info', written.words);
    }
  } else if (useSetup.getState().words === '') {
    useSetup.setState({ words: 'Nothing was saved: see the words at the fields.', fault: true });
  }
  useSetup.setState({ saving: false });
}

/** Tries a vendor with the settings as changed, saved or not. */
export async function testConnection(vendor: Vendor): Promise<void> {
  setFinding(vendor, null);
  const finding = await ask<VendorFinding>('testConnection', { vendor, patch: patchOf(useSetup.getState().edits) });
  const { words } = useSetup.getState();
  setFinding(vendor, finding ?? { vendor, state: 'failing', words });
}

/** Gives a key to the engine's keeper. @returns whether it was kept */
export async function setKey(name: KeyName, value: string): Promise<boolean> {
  return takeKey(await ask<KeyChanged>('keySet', { name, value }));
}

export async function forgetKey(name: KeyName): Promise<void> {
  takeKey(await ask<KeyChanged>('keyForget', { name }));
}

function takeKey(changed: KeyChanged | undefined): boolean {
  const { view } = useSetup.getState();
  if (!changed || !view) return false;
  const keys = view.keys.map((key) => (key.name === changed.key.name ? changed.key : key));
  useSetup.setState({ view: { ...view, keys, keysChanged: true }, words: changed.words, fault: false });
  return true;
}

function setFinding(vendor: Vendor, finding: VendorFinding | null): void {
  useSetup.setState(({ findings }) => ({ findings: new Map(findings).set(vendor, finding) }));
}

/** Sends a command; a refusal's words stand below the page. */
async function ask<V>(name: CommandName, params: CommandParams<CommandName>): Promise<V | undefined> {
  const result = await terminal.ask(name, params);
  if (result.ok) return result.value as V;
  useSetup.setState({ words: result.words, fault: true });
  return undefined;
}
