import { type Cancel, everyMs } from '../../core/clock/wall-timer.ts';
import { ClientSession, type ClientTransport, type SessionParts } from '../../core/publisher/client-session.ts';
import { CommandDesk } from '../../core/publisher/command-desk.ts';
import { FrameAssembler } from '../../core/publisher/frame-assembler.ts';
import type { TerminalPort } from '../terminal-port.ts';

/** Least time between two flushes, in whole milliseconds: no more than 60 a second. */
const FLUSH_EVERY_MS = 17;

/** All clients of one terminal, whatever their lines, and the pump that keeps them up to date while there are any. */
export class ClientHub {
  readonly #parts: SessionParts;
  readonly #sessions = new Set<ClientSession>();
  #stopPump: Cancel | undefined;

  constructor(terminal: TerminalPort) {
    this.#parts = {
      board: terminal.board,
      assembler: new FrameAssembler(terminal.views),
      desk: new CommandDesk(terminal.command),
      engineId: terminal.engineId,
    };
  }

  get clients(): number {
    return this.#sessions.size;
  }

  join(line: ClientTransport): ClientSession {
    const session = new ClientSession(this.#parts, line);
    this.#sessions.add(session);
    this.#stopPump ??= everyMs(FLUSH_EVERY_MS, () => this.#flush());
    return session;
  }

  leave(session: ClientSession): void {
    session.closed();
    this.#sessions.delete(session);
    if (this.#sessions.size === 0) this.stop();
  }

  /** Sends nothing more until another client joins. */
  stop(): void {
    this.#stopPump?.();
    this.#stopPump = undefined;
  }

  #flush(): void {
    for (const session of this.#sessions) session.flush();
  }
}
