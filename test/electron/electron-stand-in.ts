import { EventEmitter } from 'node:events';
import { type Mock, vi } from 'vitest';

/** A stand-in for the parts of Electron that the shell uses: remembers what it was told and lets a test raise events. */

interface Event {
  prevented: boolean;
  preventDefault(): void;
}

function event(): Event {
  return {
    prevented: false,
    preventDefault() {
      this.prevented = true;
    },
  };
}

export class Contents extends EventEmitter {
  url = '';
  readonly posted: { readonly channel: string; readonly ports: readonly unknown[] }[] = [];
  openHandler: ((details: { readonly url: string }) => { readonly action: string }) | undefined;

  setWindowOpenHandler(handler: (details: { readonly url: string }) => { readonly action: string }): void {
    this.openHandler = handler;
  }

  postMessage(channel: string, _message: unknown, ports: readonly unknown[]): void {
    this.posted.push({ channel, ports });
  }

  getURL(): string {
    return this.url;
  }

  isLoadingMainFrame(): boolean {
    return false;
  }

  /** Whether the shell lets the page do this. */
  allows(what: 'will-navigate' | 'will-redirect' | 'will-attach-webview'): boolean {
    const raised = event();
    this.emit(what, raised);
    return !raised.prevented;
  }
}

export class BrowserWindow extends EventEmitter {
  static readonly opened: BrowserWindow[] = [];
  readonly webContents = new Contents();
  readonly options: { readonly webPreferences: Readonly<Record<string, unknown>> };
  readonly show: Mock<() => void> = vi.fn();
  readonly focus: Mock<() => void> = vi.fn();
  readonly restore: Mock<() => void> = vi.fn();

  constructor(options: BrowserWindow['options']) {
    super();
    this.options = options;
    BrowserWindow.opened.push(this);
    app.emit('web-contents-created', event(), this.webContents);
  }

  loadURL(url: string): Promise<void> {
    this.webContents.url = url;
    return Promise.resolve();
  }

  isDestroyed(): boolean {
    return false;
  }

  isMinimized(): boolean {
    return true;
  }
}

export class EngineChild extends EventEmitter {
  readonly said: { readonly kind: string; readonly restarts?: number; readonly keys?: unknown }[] = [];
  readonly ports: unknown[] = [];
  readonly kill: Mock<() => void> = vi.fn(() => this.die());

  postMessage(message: { readonly kind: string }, ports: readonly unknown[]): void {
    this.said.push(message);
    this.ports.push(...ports);
    if (message.kind === 'stop') this.die();
  }

  die(): void {
    this.emit('exit', 1);
  }
}

class App extends EventEmitter {
  readonly enableSandbox: Mock<() => void> = vi.fn();
  readonly ready = Promise.withResolvers<void>();
  onlyInstance = true;
  readonly commandLine = { getSwitchValue: () => '' };
  quits = 0;
  userData = '';

  getPath(): string {
    return this.userData;
  }

  whenReady(): Promise<void> {
    return this.ready.promise;
  }

  requestSingleInstanceLock(): boolean {
    return this.onlyInstance;
  }

  quit(): void {
    this.quits++;
    this.emit('will-quit', event());
  }
}

export const app = new App();

export const engines: EngineChild[] = [];
export const utilityProcess = {
  fork: (): EngineChild => {
    const child = new EngineChild();
    engines.push(child);
    return child;
  },
};

export class MessageChannelMain {
  readonly port1 = { end: 1 };
  readonly port2 = { end: 2 };
}

type Serve = (request: { readonly url: string }) => Promise<Response>;
export const served: { handler: Serve | undefined; privileges: unknown } = {
  handler: undefined,
  privileges: undefined,
};
export const protocol = {
  registerSchemesAsPrivileged: (schemes: unknown) => {
    served.privileges = schemes;
  },
  handle: (_scheme: string, handler: Serve) => {
    served.handler = handler;
  },
};

export const net = {
  fetch: (url: string) => Promise.resolve(new Response(url, { headers: { 'content-type': 'text/html' } })),
};

type Decide = (...args: unknown[]) => unknown;
export const permissions: { request?: Decide; check?: Decide; device?: Decide } = {};
export const session = {
  defaultSession: {
    setPermissionRequestHandler: (decide: Decide) => {
      permissions.request = decide;
    },
    setPermissionCheckHandler: (decide: Decide) => {
      permissions.check = decide;
    },
    setDevicePermissionHandler: (decide: Decide) => {
      permissions.device = decide;
    },
  },
};

/** Seals by turning the text round: enough to see that nothing lies in clear text. */
export const safeStorage = {
  available: true,
  backend: 'gnome_libsecret',
  isEncryptionAvailable(): boolean {
    return this.available;
  },
  getSelectedStorageBackend(): string {
    return this.backend;
  },
  encryptString: (text: string) => Buffer.from([...text].reverse().join('')),
  decryptString: (sealed: Buffer) => [...sealed.toString()].reverse().join(''),
};

export const dialog: { readonly showErrorBox: Mock<(title: string, words: string) => void> } = {
  showErrorBox: vi.fn(),
};
export const Menu = { setApplicationMenu: () => undefined, buildFromTemplate: (template: unknown) => template };
export const ipcRenderer = new EventEmitter();
