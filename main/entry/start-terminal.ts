import { randomUUID } from 'node:crypto';
import { LiveClock } from '../core/clock/live-clock.ts';
import { dataFolder } from './data-folder.ts';
import { environmentKeys } from './setup/feed-keys.ts';
import { KeyDesk } from './setup/key-desk.ts';
import { openOsKeyring } from './setup/os-keyring.ts';
import { openSettings } from './setup/settings-file.ts';
import { SetupDesk } from './setup/setup-desk.ts';
import { createTerminal } from './terminal.ts';
import type { RunningTerminal, TerminalStart } from './terminal-port.ts';
import { checkVendor } from './venues/vendor-checks.ts';

/** Starts the trader's terminal with the settings of the data folder. */
export async function startTerminal(start: TerminalStart): Promise<RunningTerminal> {
  const { replay, restarts, restart } = start;
  const folder = dataFolder(process.env);
  const { settings, unusable } = await openSettings(folder);
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
