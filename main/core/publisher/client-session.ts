import {
  type ClientMessage,
  clientMessage,
  isFastTopic,
  PROTOCOL_VERSION,
  type ServerMessage,
} from '../../../shared/contract/messages.ts';
import type { FastTopic } from '../../../shared/contract/topics.ts';
import type { CommandDesk } from './command-desk.ts';
import { FastCursor, type FrameAssembler } from './frame-assembler.ts';
import { SlowCursor } from './slow-cursor.ts';
import type { TopicBoard } from './topic-board.ts';

/** Frames that a client may have been sent and not yet acknowledged. */
const FRAME_CREDITS = 2;

/** Topics that one client may subscribe to; more is a client out of control. */
const TOPICS_MAX = 500;

/** Close codes of RFC 6455 §7.4.1, used on every transport. */
const CLOSE = { protocolError: 1002, policy: 1008 } as const;

/** The line to one client. `close` is final; nothing is sent afterwards. */
export interface ClientTransport {
  sendText(text: string): void;
  sendBinary(bytes: Uint8Array<ArrayBuffer>): void;
  close(code: number, reason: string): void;
}

export interface SessionParts {
  readonly board: TopicBoard;
  readonly assembler: FrameAssembler;
  readonly desk: CommandDesk;
  /** Names this run of the engine: another id tells the client that everything it holds is void. */
  readonly engineId: string;
}

/**
 * One client's view of the engine. Between two flushes everything conflates: rows and fields to their latest value, depth
 * to its latest state, trades and columns to what is kept of them. A client that stops acknowledging is sent nothing and
 * costs nothing; when it wakes, one flush brings it up to date.
 */
export class ClientSession {
  readonly #parts: SessionParts;
  readonly #line: ClientTransport;
  readonly #slow = new Map<string, SlowCursor>();
  readonly #fast = new Map<string, FastCursor>();
  #welcomed = false;
  #closed = false;
  #framesSent = 0;
  #framesTaken = 0;
  #boardVersion = -1;

  constructor(parts: SessionParts, line: ClientTransport) {
    this.#parts = parts;
    this.#line = line;
  }

  /** Frames sent and not yet acknowledged. */
  get unacknowledged(): number {
    return this.#framesSent - this.#framesTaken;
  }

  /** Takes a text message in. What is no message of the contract ends the session with the reason. */
  receive(text: string): void {
    if (this.#closed) return;
    const message = parse(text);
    if (message === undefined)
      this.#end(CLOSE.protocolError, 'message is not one of the contract; reload the terminal');
    else this.#take(message);
  }

  /**
   * Sends what changed since the last flush, if the client has credit: first texts, then one frame.
   * @returns whether anything was sent
   */
  flush(): boolean {
    if (this.#closed || !this.#welcomed || this.unacknowledged >= FRAME_CREDITS) return false;
    const texts = this.#texts();
    const frame = this.#parts.assembler.assemble(this.#framesSent + 1, this.#fast.values(), texts.length > 0);
    if (frame === undefined) return false;
    for (const text of texts) this.#line.sendText(text);
    this.#framesSent++;
    this.#line.sendBinary(frame);
    return true;
  }

  /** The line is gone: nothing more is sent. */
  closed(): void {
    this.#closed = true;
    this.#slow.clear();
    this.#fast.clear();
  }

  #texts(): readonly string[] {
    const { board } = this.#parts;
    if (this.#boardVersion === board.version) return [];
    this.#boardVersion = board.version;
    const texts: string[] = [];
    for (const cursor of this.#slow.values()) {
      const message = cursor.read(board);
      if (message !== undefined) texts.push(JSON.stringify(message));
    }
    return texts;
  }

  #take(message: ClientMessage): void {
    if (message.kind === 'hello') {
      this.#hello(message.protocol);
      return;
    }
    if (!this.#welcomed) {
      this.#end(CLOSE.protocolError, `message "${message.kind}" came before hello`);
      return;
    }
    switch (message.kind) {
      case 'subscribe':
        this.#subscribe(message.topics);
        return;
      case 'unsubscribe':
        for (const topic of message.topics) {
          this.#slow.delete(topic);
          this.#fast.delete(topic);
        }
        return;
      case 'ack':
        if (message.frame > this.#framesSent) this.#end(CLOSE.protocolError, `frame ${message.frame} was never sent`);
        else if (message.frame > this.#framesTaken) this.#framesTaken = message.frame;
        return;
      case 'command':
        void this.#command(message.id, message.name, message.params);
    }
  }

  #hello(protocol: number): void {
    this.#send({ kind: 'welcome', protocol: PROTOCOL_VERSION, engineId: this.#parts.engineId });
    if (protocol === PROTOCOL_VERSION) this.#welcomed = true;
    else this.#end(CLOSE.policy, `protocol ${protocol} is not ${PROTOCOL_VERSION}; reload the terminal`);
  }

  /** A topic that is subscribed already starts again with its snapshot. */
  #subscribe(topics: readonly string[]): void {
    for (const topic of topics) {
      if (isFastTopic(topic)) this.#fast.set(topic, new FastCursor(topic as FastTopic));
      else this.#slow.set(topic, new SlowCursor(topic));
    }
    this.#boardVersion = -1;
    if (this.#slow.size + this.#fast.size > TOPICS_MAX) {
      this.#end(CLOSE.policy, `more than ${TOPICS_MAX} topics are subscribed`);
    }
  }

  async #command(id: string, name: string, params: unknown): Promise<void> {
    const result = await this.#parts.desk.answer(id, name, params);
    if (!this.#closed) this.#send(result);
  }

  #send(message: ServerMessage): void {
    this.#line.sendText(JSON.stringify(message));
  }

  #end(code: number, reason: string): void {
    this.closed();
    this.#line.close(code, reason);
  }
}

function parse(text: string): ClientMessage | undefined {
  try {
    return clientMessage.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
