import { join } from 'node:path';
import { app, type BrowserWindow, dialog, session } from 'electron';
import { ShellEngine } from './engine.ts';
import { KeyVault } from './key-vault.ts';
import { setMenu } from './menu.ts';
import { registerPageScheme, servePage } from './page-files.ts';
import { denyPermissions, handLine, lockNavigation, openWindow } from './window.ts';

/** The desktop shell: windows, menu, and an engine process that it keeps running. It is never in the data path. */

const OUT = join(import.meta.dirname, '..');

app.enableSandbox();
registerPageScheme();

if (app.requestSingleInstanceLock()) start();
else app.quit();

function start(): void {
  let window: BrowserWindow | undefined;
  let stopping = false;
  const engine = new ShellEngine(
    join(OUT, 'main', 'entry', 'utility.js'),
    app.commandLine.getSwitchValue('replay') || undefined,
    new KeyVault(join(app.getPath('userData'), 'keys.json')),
    {
      onReady: () => {
        if (window !== undefined) handLine(window, engine);
      },
      onGivenUp: (words) => {
        dialog.showErrorBox('The engine has stopped', words);
        app.quit();
      },
    },
  );
  const open = (): void => {
    window = openWindow(join(OUT, 'preload', 'preload.cjs'), engine);
    window.once('closed', () => {
      window = undefined;
    });
  };

  app.on('web-contents-created', (_event, contents) => lockNavigation(contents));
  app.on('second-instance', () => {
    if (window === undefined) return;
    if (window.isMinimized()) window.restore();
    window.focus();
  });
  app.on('activate', () => {
    if (window === undefined) open();
  });
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', (event) => {
    if (stopping) return;
    stopping = true;
    event.preventDefault();
    void engine.stop().then(() => app.quit());
  });
  void app.whenReady().then(() => {
    denyPermissions(session.defaultSession);
    servePage(join(OUT, 'renderer'));
    setMenu(process.platform);
    engine.start();
    open();
  });
}
