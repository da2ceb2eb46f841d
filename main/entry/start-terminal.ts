import { randomUUID } from 'node:crypto';
import { dataFolder } from './data-folder.ts';
import { environmentKeys } from './feed-keys.ts';
import { readSettings } from './settings-file.ts';
import { createTerminal } from './terminal.ts';
import type { RunningTerminal, TerminalStart } from './terminal-port.ts';

/** Starts the trader's terminal with the settings of the data folder. @throws SettingsError */
export async function startTerminal(start: TerminalStart): Promise<RunningTerminal> {
  const folder = dataFolder(process.env);
  const settings = await readSettings(folder);
  return createTerminal({ ...start, folder, settings, keys: environmentKeys(process.env), engineId: randomUUID() });
}
