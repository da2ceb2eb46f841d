import { MessageChannelMain, type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron';
import type { ShellMessage, UtilityMessage } from '../shared/contract/shell-messages.ts';
import { GIVE_UP_WORDS, RestartPolicy } from '../shared/restart-policy.ts';
import type { KeyVault } from './key-vault.ts';

const PING_EVERY_MS = 1_000;
const ANSWER_WITHIN_MS = 5_000;
const START_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 5_000;

export interface EngineEvents {
  /** The engine takes lines now; after a restart, pages need new ones. */
  readonly onReady: () => void;
  /** The engine is away for good, with words for the trader. */
  readonly onGivenUp: (words: string) => void;
}

/** The engine process of the shell: kept running as the restart policy allows, killed when it no longer answers. */
export class ShellEngine {
  readonly #module: string;
  readonly #replay: string | undefined;
  readonly #vault: KeyVault;
  readonly #events: EngineEvents;
  readonly #policy = new RestartPolicy();
  #child: UtilityProcess | undefined;
  #everReady = false;
  /** The engine asked to be started anew: its end is no crash. */
  #planned = false;
  #ready = false;
  #heardMs = 0;
  #failure: string | undefined;
  #pings: NodeJS.Timeout | undefined;
  #stopped: (() => void) | undefined;

  /** @param module path of the built utility entry */
  constructor(module: string, replay: string | undefined, vault: KeyVault, events: EngineEvents) {
    this.#module = module;
    this.#replay = replay;
    this.#vault = vault;
    this.#events = events;
  }

  start(): void {
    this.#pings = setInterval(() => this.#ping(), PING_EVERY_MS);
    this.#launch();
  }

  /** A new line to the engine, for one page; undefined while the engine is away: `onReady` will come. */
  openLine(): MessagePortMain | undefined {
    if (!this.#ready) return undefined;
    const { port1, port2 } = new MessageChannelMain();
    this.#tell({ kind: 'client' }, port1);
    return port2;
  }

  /** Orderly stop; resolves when the process has gone. */
  stop(): Promise<void> {
    clearInterval(this.#pings);
    const child = this.#child;
    if (child === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#stopped = resolve;
      this.#tell({ kind: 'stop' });
      setTimeout(() => child.kill(), STOP_WITHIN_MS).unref();
    });
  }

  #launch(): void {
    this.#ready = false;
    this.#heardMs = performance.now();
    const child = utilityProcess.fork(this.#module, [], { serviceName: 'Fathom engine', stdio: 'inherit' });
    this.#child = child;
    child.on('message', (message: UtilityMessage) => this.#hear(message));
    child.on('exit', () => this.#died());
    const { restarts } = this.#policy;
    this.#tell({ kind: 'start', restarts, replay: this.#replay, keys: this.#vault.read() });
  }

  #hear(message: UtilityMessage): void {
    this.#heardMs = performance.now();
    switch (message.kind) {
      case 'ready':
        this.#ready = true;
        this.#everReady = true;
        this.#events.onReady();
        return;
      case 'failed':
        this.#failure = message.words;
        this.#child?.kill();
        return;
      case 'restart':
        this.#restart();
        return;
      case 'keep-key': {
        const { id, name, value, atUs } = message;
        this.#tell({ kind: 'key-kept', id, trouble: this.#vault.put(name, value, atUs) });
      }
    }
  }

  /** Ends the engine in order and starts it anew, as it asked. */
  #restart(): void {
    const child = this.#child;
    if (this.#planned || child === undefined) return;
    this.#planned = true;
    this.#tell({ kind: 'stop' });
    setTimeout(() => child.kill(), STOP_WITHIN_MS).unref();
  }

  #died(): void {
    this.#child = undefined;
    this.#ready = false;
    const failure = this.#failure;
    this.#failure = undefined;
    const planned = this.#planned;
    this.#planned = false;
    if (this.#stopped !== undefined) this.#stopped();
    else if (planned || (this.#everReady && this.#policy.grant(performance.now()))) this.#launch();
    else {
      clearInterval(this.#pings);
      this.#events.onGivenUp(this.#everReady ? GIVE_UP_WORDS : (failure ?? 'The engine could not be started.'));
    }
  }

  #ping(): void {
    const limitMs = this.#ready ? ANSWER_WITHIN_MS : START_WITHIN_MS;
    if (performance.now() - this.#heardMs > limitMs) this.#child?.kill();
    else this.#tell({ kind: 'ping' });
  }

  #tell(message: ShellMessage, ...ports: MessagePortMain[]): void {
    this.#child?.postMessage(message, ports);
  }
}
