import { BrowserWindow, type Session, type WebContents } from 'electron';
import { PORT_MESSAGE } from '../shared/contract/shell-messages.ts';
import type { ShellEngine } from './engine.ts';
import { PAGE_ORIGIN, PAGE_URL } from './page-files.ts';

/** Panes that the page opens in windows of their own load this file. */
const POPOUT_URL = `${PAGE_ORIGIN}/popout.html`;

/** Opens the terminal's window, hidden until there is something to see. */
export function openWindow(preload: string, engine: ShellEngine): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 1280,
    minHeight: 720,
    show: false,
    backgroundColor: '#0b0f14',
    title: 'Fathom',
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
      backgroundThrottling: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  window.webContents.on('did-finish-load', () => handLine(window, engine));
  void window.loadURL(PAGE_URL);
  return window;
}

/** Gives the window's page a line to the engine. The page may be ours only, and only its main frame is given one. */
export function handLine(window: BrowserWindow, engine: ShellEngine): void {
  if (window.isDestroyed() || window.webContents.isLoadingMainFrame() || window.webContents.getURL() !== PAGE_URL)
    return;
  const port = engine.openLine();
  if (port !== undefined) window.webContents.postMessage(PORT_MESSAGE, undefined, [port]);
}

/** A page goes nowhere, embeds nothing, and opens no window but the popped-out panes. */
export function lockNavigation(contents: WebContents): void {
  contents.on('will-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (url !== POPOUT_URL) return { action: 'deny' };
    return { action: 'allow', overrideBrowserWindowOptions: { backgroundColor: '#0b0f14', title: 'Fathom' } };
  });
}

/** The page needs no permission that a browser could give, and is given none. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
}
