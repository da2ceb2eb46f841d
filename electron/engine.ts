import { MessageChannelMain, type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron';
import type { ShellMessage, UtilityMessage } from '../shared/contract/shell-messages.ts';
import { GIVE_UP_WORDS, RestartPolicy } from '../shared/restart-policy.ts';

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
  readonly #events: EngineEvents;
  readonly #policy = new RestartPolicy();
  #child: UtilityProcess | undefined;
  #everReady = false;
  #ready = false;
  #heardMs = 0;
  #failure: string | undefined;
  #pings: NodeJS.Timeout | undefined;
  #stopped: (() => void) | undefined;

  /** @param module path of the built utility entry */
  constructor(module: string, replay: string | undefined, events: EngineEvents) {
    this.#module = module;
    this.#replay = replay;
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
    this.#tell({ kind: 'start', restarts: this.#policy.restarts, replay: this.#replay });
  }

  #hear(message: UtilityMessage): void {
    this.#heardMs = performance.now();
    if (message.kind === 'ready') {
      this.#ready = true;
      this.#everReady = true;
      this.#events.onReady();
    } else if (message.kind === 'failed') {
      this.#failure = message.words;
      this.#child?.kill();
    }
  }

  #died(): void {
    this.#child = undefined;
    this.#ready = false;
    const failure = this.#failure;
    this.#failure = undefined;
    if (this.#stopped !== undefined) this.#stopped();
    else if (this.#everReady && this.#policy.grant(performance.now())) this.#launch();
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
