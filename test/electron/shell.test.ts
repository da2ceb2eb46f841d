import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type * as StandIn from './electron-stand-in.ts';

vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  readdirSync: (root: string) => [
    { name: 'index.html', parentPath: root, isFile: () => true },
    { name: 'popout.html', parentPath: root, isFile: () => true },
  ],
}));

let shell: typeof StandIn;

beforeEach(() => vi.useFakeTimers());

afterEach(() => {
  vi.useRealTimers();
  vi.resetModules();
});

/** A stand-in that nothing has happened to yet. */
async function freshShell(): Promise<typeof StandIn> {
  vi.resetModules();
  vi.doMock('electron', () => import('./electron-stand-in.ts'));
  return (await import('electron')) as unknown as typeof StandIn;
}

async function start(onlyInstance = true): Promise<void> {
  shell = await freshShell();
  shell.app.onlyInstance = onlyInstance;
  await import('../../electron/main.ts');
  shell.app.ready.resolve();
  await vi.advanceTimersByTimeAsync(0);
}

const window = () => shell.BrowserWindow.opened.at(-1)!;
const engine = () => shell.engines.at(-1)!;

describe('shell', () => {
  test('opens one window, sandboxed and isolated, on its own scheme', async () => {
    await start();
    expect(shell.app.enableSandbox).toHaveBeenCalled();
    expect(shell.BrowserWindow.opened.length).toBe(1);
    expect(window().options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
    });
    expect(window().webContents.url).toBe('fathom://terminal/index.html');
    expect(shell.served.privileges).toEqual([
      { scheme: 'fathom', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ]);
  });

  test('a second instance leaves and the first one comes forward', async () => {
    await start(false);
    expect(shell.app.quits).toBe(1);
    expect(shell.BrowserWindow.opened.length).toBe(0);
    await start();
    shell.app.emit('second-instance');
    expect(window().restore).toHaveBeenCalled();
    expect(window().focus).toHaveBeenCalled();
  });

  test('serves only the files of the page, with the strict policy', async () => {
    await start();
    const ask = (url: string) => shell.served.handler!({ url });
    const index = await ask('fathom://terminal/index.html?x=1');
    expect(index.status).toBe(200);
    expect(index.headers.get('content-security-policy')).toMatch(/^default-src 'self'; connect-src 'self';/);
    expect(index.headers.get('content-security-policy')).not.toMatch(/unsafe|\*/);
    for (const url of [
      'fathom://terminal/../main/main.js',
      'fathom://terminal/%2e%2e/x',
      'fathom://other/index.html',
    ]) {
      expect((await ask(url)).status, url).toBe(404);
    }
  });

  test('pages go nowhere and open nothing but popped-out panes; every permission is denied', async () => {
    await start();
    const { webContents } = window();
    expect(webContents.allows('will-navigate')).toBe(false);
    expect(webContents.allows('will-redirect')).toBe(false);
    expect(webContents.allows('will-attach-webview')).toBe(false);
    expect(webContents.openHandler!({ url: 'https://attacker.example/' }).action).toBe('deny');
    expect(webContents.openHandler!({ url: 'fathom://terminal/popout.html' }).action).toBe('allow');
    const answer = vi.fn();
    shell.permissions.request!(undefined, 'media', answer);
    expect(answer).toHaveBeenCalledWith(false);
    expect(shell.permissions.check!()).toBe(false);
    expect(shell.permissions.device!()).toBe(false);
  });

  test('a page gets a line when it has loaded and the engine is ready, and only if it is ours', async () => {
    await start();
    expect(engine().said[0]).toMatchObject({ kind: 'start', restarts: 0 });
    window().webContents.emit('did-finish-load');
    expect(window().webContents.posted).toEqual([]);
    engine().emit('message', { kind: 'ready' });
    expect(window().webContents.posted).toEqual([{ channel: 'fathom-port', ports: [{ end: 2 }] }]);
    expect(engine().ports).toEqual([{ end: 1 }]);
    window().webContents.url = 'https://attacker.example/';
    window().webContents.emit('did-finish-load');
    expect(window().webContents.posted.length).toBe(1);
  });

  test('a dead engine is restarted three times a minute, the page gets a new line, then the trader is told', async () => {
    await start();
    for (let life = 1; life <= 4; life++) {
      engine().emit('message', { kind: 'ready' });
      expect(window().webContents.posted.length).toBe(life);
      engine().die();
      expect(shell.engines.length).toBe(Math.min(life + 1, 4));
    }
    expect(engine().said[0]).toMatchObject({ kind: 'start', restarts: 3 });
    expect(shell.dialog.showErrorBox).toHaveBeenCalledWith('The engine has stopped', expect.stringContaining('broker'));
    expect(shell.app.quits).toBeGreaterThan(0);
  });

  test('an engine that asks to be started anew is, as often as it asks, and that counts as no crash', async () => {
    await start();
    for (let life = 1; life <= 6; life++) {
      engine().emit('message', { kind: 'ready' });
      expect(window().webContents.posted.length).toBe(life);
      engine().emit('message', { kind: 'restart' });
      expect(shell.engines.length).toBe(life + 1);
    }
    expect(engine().said[0]).toMatchObject({ kind: 'start', restarts: 0 });
    expect(shell.dialog.showErrorBox).not.toHaveBeenCalled();
  });

  test('an engine that no longer answers is killed and restarted; one that answers is not', async () => {
    await start();
    const first = engine();
    first.emit('message', { kind: 'ready' });
    for (let second = 0; second < 20; second++) {
      await vi.advanceTimersByTimeAsync(1_000);
      first.emit('message', { kind: 'pong' });
    }
    expect(first.kill).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(7_000);
    expect(first.kill).toHaveBeenCalledOnce();
    expect(shell.engines.length).toBe(2);
  });

  test('an engine that can not start says why and is not tried again', async () => {
    await start();
    engine().emit('message', { kind: 'failed', words: 'settings.json: risk: unknown key' });
    expect(shell.dialog.showErrorBox).toHaveBeenCalledWith(
      'The engine has stopped',
      'settings.json: risk: unknown key',
    );
    expect(shell.engines.length).toBe(1);
  });

  test('quitting waits for the engine to stop in order', async () => {
    await start();
    engine().emit('message', { kind: 'ready' });
    shell.app.emit('window-all-closed');
    expect(engine().said.at(-1)).toEqual({ kind: 'stop' });
    await vi.advanceTimersByTimeAsync(0);
    expect(shell.app.quits).toBe(2);
    expect(shell.engines.length).toBe(1);
  });
});

test('the preload script hands ports to the page and nothing else', async () => {
  shell = await freshShell();
  const postMessage = vi.fn();
  vi.stubGlobal('window', { postMessage, location: { origin: 'fathom://terminal' } });
  await import('../../electron/preload.ts');
  const port = { end: 2 };
  shell.ipcRenderer.emit('fathom-port', { ports: [port] });
  expect(postMessage).toHaveBeenCalledExactlyOnceWith({ kind: 'fathom-port' }, 'fathom://terminal', [port]);
  vi.unstubAllGlobals();
});
