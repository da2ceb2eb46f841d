import type {
  ClientMessage,
  CommandName,
  CommandParams,
  CommandResult,
  ServerMessage,
} from '../../shared/contract/messages.ts';
import { isFastTopic, PROTOCOL_VERSION } from '../../shared/contract/protocol.ts';
import { TopicSequence } from './topic-sequence.ts';
import type { OpenTransport, Transport } from './transport.ts';

type RecordMessage = Extract<ServerMessage, { kind: 'record' }>;
export type TableMessage = Extract<ServerMessage, { kind: 'table' }>;

/** Who takes in what the engine says. `frame` returns the frame's sequence number, which is then acknowledged. */
export interface EngineSink {
  connected(engineId: string, restarted: boolean): void;
  away(reason: string): void;
  record(message: RecordMessage): void;
  table(message: TableMessage): void;
  frame(buffer: ArrayBuffer): number;
  /** A sequence gap was seen and the topic asked for again. */
  gap(topic: string): void;
}

const BACK_OFF_MS = [100, 200, 400, 800, 1_500];
const ANSWER_LIMIT_MS = 5_000;
/** Commands that ask others, who may take their time, and those that run through hours of a recording. */
const LONG_ANSWERS_MS: Partial<Record<CommandName, number>> = {
  testConnection: 12_000,
  replayStep: 60_000,
  replaySeek: 600_000,
};

interface Pending {
  readonly resolve: (result: CommandResult) => void;
  readonly timer: number;
}

/** The engine as the page sees it: one line that opens itself again, subscriptions, commands with their answers. */
export class EngineConnection {
  readonly #open: OpenTransport;
  readonly #sink: EngineSink;
  readonly #sequence = new TopicSequence();
  readonly #pending = new Map<string, Pending>();
  #topics: ReadonlySet<string> = new Set();
  #line: Transport | undefined;
  #engineId: string | undefined;
  #welcomed = false;
  #attempts = 0;

  constructor(open: OpenTransport, sink: EngineSink) {
    this.#open = open;
    this.#sink = sink;
  }

  start(): void {
    this.#line = this.#open({
      opened: () => this.#send({ kind: 'hello', protocol: PROTOCOL_VERSION }),
      text: (text) => this.#receive(JSON.parse(text) as ServerMessage),
      frame: (buffer) => this.#send({ kind: 'ack', frame: this.#sink.frame(buffer) }),
      closed: (reason) => this.#lost(reason),
    });
  }

  /** Makes the subscriptions what the screen needs now; what was subscribed before stays as it is. */
  setTopics(wanted: ReadonlySet<string>): void {
    const before = this.#topics;
    this.#topics = wanted;
    if (!this.#welcomed) return;
    const gone = [...before].filter((topic) => !wanted.has(topic));
    const added = [...wanted].filter((topic) => !before.has(topic));
    for (const topic of gone) this.#sequence.forget(topic);
    if (gone.length > 0) this.#send({ kind: 'unsubscribe', topics: gone });
    this.#subscribe(added);
  }

  /** Asks for a topic anew, e.g. since rows of a frame section were lost. */
  resubscribe(topic: string): void {
    if (!this.#welcomed || !this.#topics.has(topic)) return;
    this.#send({ kind: 'unsubscribe', topics: [topic] });
    this.#subscribe([topic]);
  }

  /** Sends a command; the promise always resolves, with the engine's answer or with words saying that there was none. */
  command<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult> {
    const id = crypto.randomUUID();
    if (!this.#welcomed) {
      return Promise.resolve(noAnswer(id, 'The engine is away; nothing was sent.'));
    }
    const limitMs = LONG_ANSWERS_MS[name] ?? ANSWER_LIMIT_MS;
    return new Promise((resolve) => {
      const timer = window.setTimeout(() => {
        this.#answer(
          noAnswer(
            id,
            `The engine has not answered "${name}" for ${limitMs / 1000} s; look at orders before repeating it.`,
          ),
        );
      }, limitMs);
      this.#pending.set(id, { resolve, timer });
      this.#send({ kind: 'command', id, name, params });
    });
  }

  #receive(message: ServerMessage): void {
    switch (message.kind) {
      case 'welcome':
        this.#welcome(message.protocol, message.engineId);
        return;
      case 'result':
        this.#answer(message);
        return;
      case 'record':
      case 'table': {
        const verdict = this.#sequence.receive(message.topic, message.seq, message.snapshot);
        if (verdict === 'resubscribe') {
          this.#sink.gap(message.topic);
          this.resubscribe(message.topic);
        } else if (verdict === 'take') {
          if (message.kind === 'record') this.#sink.record(message);
          else this.#sink.table(message);
        }
      }
    }
  }

  #welcome(protocol: number, engineId: string): void {
    if (protocol !== PROTOCOL_VERSION) {
      this.#sink.away(`the engine speaks protocol ${protocol}, this page ${PROTOCOL_VERSION}; reload the terminal`);
      return;
    }
    const restarted = this.#engineId !== undefined && this.#engineId !== engineId;
    this.#engineId = engineId;
    this.#welcomed = true;
    this.#attempts = 0;
    this.#sequence.clear();
    this.#sink.connected(engineId, restarted);
    this.#subscribe([...this.#topics]);
  }

  #subscribe(topics: readonly string[]): void {
    if (topics.length === 0) return;
    for (const topic of topics) if (!isFastTopic(topic)) this.#sequence.expectSnapshot(topic);
    this.#send({ kind: 'subscribe', topics: [...topics] });
  }

  #answer(result: CommandResult): void {
    const waiting = this.#pending.get(result.id);
    if (!waiting) return;
    this.#pending.delete(result.id);
    window.clearTimeout(waiting.timer);
    waiting.resolve(result);
  }

  #lost(reason: string): void {
    this.#welcomed = false;
    this.#line = undefined;
    this.#sink.away(reason);
    for (const id of [...this.#pending.keys()]) {
      this.#answer(noAnswer(id, 'The engine went away before it answered; look at orders before repeating this.'));
    }
    const wait = BACK_OFF_MS[Math.min(this.#attempts, BACK_OFF_MS.length - 1)]!;
    this.#attempts++;
    window.setTimeout(() => this.start(), wait);
  }

  #send(message: ClientMessage): void {
    this.#line?.send(JSON.stringify(message));
  }
}

function noAnswer(id: string, words: string): CommandResult {
  return { kind: 'result', id, ok: false, code: 'failed', words };
}
