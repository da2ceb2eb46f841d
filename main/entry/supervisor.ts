import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { extname, join } from 'node:path';
import { GIVE_UP_WORDS, RestartPolicy } from '../../shared/restart-policy.ts';
import { LiveClock } from '../core/clock/live-clock.ts';
import { afterMs, type Cancel, everyMs } from '../core/clock/wall-timer.ts';
import { dataFolder } from './data-folder.ts';
import type { EngineMessage, SupervisorMessage } from './host/engine-messages.ts';

/** Port of the browser host when none is asked for. */
export const DEFAULT_PORT = 8414;

/** An engine that has not answered a ping for this long is frozen. While it starts it has more time. */
const ANSWER_WITHIN_MS = 5_000;
const START_WITHIN_MS = 30_000;
const PING_EVERY_MS = 1_000;

/** How long an orderly stop may take before the engine is killed. */
const STOP_WITHIN_MS = 5_000;

export interface SuperviseOptions {
  /** Port asked for, which must then be free; undefined = the default one, or any when that is taken. */
  readonly port: number | undefined;
  /** File to replay instead of the live source. */
  readonly replay?: string | undefined;
  /** Module of the engine process; the one beside this file when absent. */
  readonly enginePath?: string;
  readonly answerWithinMs?: number;
  /** The page can be opened at this address, which holds the token: called at the start, and again should the port have to move. */
  readonly onReady: (url: string) => void;
  /** A sentence for the trader. */
  readonly log: (words: string) => void;
}

/**
 * Runs the engine in a process of its own and keeps it running: one that dies or freezes is started again on the same
 * port, with the same keys, as the restart policy allows. Ends with SIGINT or SIGTERM.
 * @returns exit code: 0 after an orderly stop, 1 when the engine could not be started or kept running
 */
export function supervise(options: SuperviseOptions): Promise<number> {
  return new Promise((resolve) => new Supervisor(options, resolve).start());
}

class Supervisor {
  readonly #options: SuperviseOptions;
  readonly #finish: (code: number) => void;
  readonly #clock = new LiveClock();
  readonly #policy = new RestartPolicy();
  readonly #token = randomBytes(32).toString('base64url');
  readonly #cookieKey = randomBytes(32).toString('base64url');
  #child: ChildProcess | undefined;
  #port: number | undefined;
  #heardMs = 0;
  #ready = false;
  #failure: string | undefined;
  #stopping = false;
  /** The engine asked to be started anew: its end is no crash. */
  #planned = false;
  #stopPings: Cancel = () => undefined;

  constructor(options: SuperviseOptions, finish: (code: number) => void) {
    this.#options = options;
    this.#finish = finish;
  }

  start(): void {
    process.on('SIGINT', this.#stop);
    process.on('SIGTERM', this.#stop);
    this.#stopPings = everyMs(PING_EVERY_MS, () => this.#ping());
    this.#launch();
  }

  #launch(): void {
    const path =
      this.#options.enginePath ?? join(import.meta.dirname, `engine-process${extname(import.meta.filename)}`);
    const child = fork(path, [], {
      stdio: ['ignore', 2, 2, 'ipc'],
      // Compiled code that is kept halves the time that a restart takes; in the user's own folder, since it is executed.
      env: { NODE_COMPILE_CACHE: join(dataFolder(process.env), 'cache'), ...process.env },
    });
    this.#child = child;
    this.#ready = false;
    this.#heardMs = this.#nowMs();
    child.on('message', (message: EngineMessage) => this.#hear(message));
    child.on('error', (error) => {
      this.#failure = error.message;
    });
    child.on('exit', (code, signal) => this.#died(signal ?? `exit code ${code}`));
    this.#tell({
      kind: 'serve',
      token: this.#token,
      cookieKey: this.#cookieKey,
      port: this.#port ?? this.#options.port ?? DEFAULT_PORT,
      // A restart that finds its port taken meanwhile moves: there may be deals to look after.
      portMayMove: this.#port !== undefined || this.#options.port === undefined,
      restarts: this.#policy.restarts,
      replay: this.#options.replay,
    });
  }

  #hear(message: EngineMessage): void {
    this.#heardMs = this.#nowMs();
    if (message.kind === 'failed') this.#failure = message.words;
    if (message.kind === 'notice') this.#options.log(message.words);
    if (message.kind === 'restart') this.#restart();
    if (message.kind !== 'ready') return;
    this.#ready = true;
    if (this.#port !== undefined)
      this.#options.log('The engine is back. It is disarmed; look at positions and orders before arming.');
    if (this.#port !== undefined && this.#port !== message.port)
      this.#options.log(`Port ${this.#port} was taken by another program meanwhile: open the new address.`);
    if (this.#port !== message.port) this.#options.onReady(message.url);
    this.#port = message.port;
  }

  #died(how: string): void {
    const failure = this.#failure;
    this.#failure = undefined;
    this.#child = undefined;
    const planned = this.#planned;
    this.#planned = false;
    if (this.#stopping) {
      this.#end(0);
    } else if (planned) {
      this.#launch();
    } else if (this.#port === undefined && failure !== undefined) {
      this.#options.log(failure);
      this.#end(1);
    } else if (this.#policy.grant(this.#nowMs())) {
      this.#options.log(`The engine died (${failure ?? how}) and is started again.`);
      this.#launch();
    } else {
      this.#options.log(GIVE_UP_WORDS);
      this.#end(1);
    }
  }

  #ping(): void {
    const limitMs = this.#ready ? (this.#options.answerWithinMs ?? ANSWER_WITHIN_MS) : START_WITHIN_MS;
    if (this.#nowMs() - this.#heardMs > limitMs && !this.#stopping) {
      this.#failure ??= `no answer for ${limitMs / 1_000} s`;
      this.#child?.kill('SIGKILL');
    } else {
      this.#tell({ kind: 'ping' });
    }
  }

  /** Ends the engine in order and starts it anew, as it asked. */
  #restart(): void {
    if (this.#planned || this.#stopping) return;
    this.#planned = true;
    this.#options.log('The engine is started anew, as was asked for.');
    this.#tell({ kind: 'stop' });
    const child = this.#child;
    afterMs(STOP_WITHIN_MS, () => child?.kill('SIGKILL'), { unref: true });
  }

  /** The first signal asks for an orderly stop, the next one does not wait for it. */
  readonly #stop = (): void => {
    if (this.#stopping) {
      this.#child?.kill('SIGKILL');
      return;
    }
    this.#stopping = true;
    this.#tell({ kind: 'stop' });
    afterMs(STOP_WITHIN_MS, () => this.#child?.kill('SIGKILL'), { unref: true });
  };

  #tell(message: SupervisorMessage): void {
    // A child that is dying closes its channel before it exits; its exit is what counts.
    if (this.#child?.connected) this.#child.send(message, () => undefined);
  }

  #end(code: number): void {
    this.#stopPings();
    process.off('SIGINT', this.#stop);
    process.off('SIGTERM', this.#stop);
    this.#finish(code);
  }

  #nowMs(): number {
    return this.#clock.monotonicUs() / 1_000;
  }
}
