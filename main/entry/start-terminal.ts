import { randomUUID } from 'node:crypto';
import { LiveClock } from '../core/clock/live-clock.ts';
import { dataFolder } from './data-folder.ts';
import { fileWords, isFileFault } from './file-words.ts';
import { DataFolderError, makeDataFolder } from './made-data-folder.ts';
import { environmentKeys } from './setup/feed-keys.ts';
import { KeyDesk } from './setup/key-desk.ts';
import { openOsKeyring } from './setup/os-keyring.ts';
import { openSettings } from './setup/settings-file.ts';
import { SetupDesk } from './setup/setup-desk.ts';
import { createTerminal } from './terminal.ts';
import type { RunningTerminal, TerminalStart } from './terminal-port.ts';
import { checkVendor } from './venues/vendor-checks.ts';

/** Starts the trader's terminal with the settings of the data folder. What a disk refuses is thrown as a sentence. */
export async function startTerminal(start: TerminalStart): Promise<RunningTerminal> {
  const folder = dataFolder(process.env);
  await makeDataFolder(folder);
  try {
    return await startIn(folder, start);
  } catch (error) {
    throw isFileFault(error) ? new DataFolderError(`${fileWords(error, folder)}.`) : error;
  }
}

async function startIn(folder: string, start: TerminalStart): Promise<RunningTerminal> {
  const { replay, restarts, restart, tell } = start;
  const { settings, unusable } = await openSettings(folder);
  if (unusable !== undefined) tell?.(unusable);
  const clock = new LiveClock();
  const keeper = start.keeper ?? (await openOsKeyring(folder));
  const keys = new KeyDesk(environmentKeys(process.env), keeper, () => clock.nowUs());
  const setup = new SetupDesk({
    folder,
    running: settings,
    unusable,
    keys,
    checkVendor,
    fixed:
      replay === undefined ? undefined : 'A recording is being replayed; settings are changed in the running terminal.',
    restart,
  });
  const options = { replay, restarts, folder, settings, setup, keys: keys.keys, engineId: randomUUID() };
  return createTerminal({ ...options, held: unusable });
}
