import {
  COMMANDS,
  type CommandErrorCode,
  type CommandName,
  type CommandParams,
  type CommandResult,
} from '../../../shared/contract/messages.ts';
import { type CommandHandler, CommandRefusal } from './command-refusal.ts';

/** Answers that are remembered for duplicates. */
const ANSWERS_KEPT = 1_024;

/**
 * Where the commands of all clients arrive: checks their shape, hands them on, and answers each id once. A duplicate, also
 * one that comes over another line, is given the first one's answer and is not carried out again.
 */
export class CommandDesk {
  readonly #handler: CommandHandler;
  readonly #answers = new Map<string, Promise<CommandResult>>();

  constructor(handler: CommandHandler) {
    this.#handler = handler;
  }

  /** Always resolves: a command that fails is an answer. The handler is called before this returns. */
  answer(id: string, name: string, params: unknown): Promise<CommandResult> {
    const known = this.#answers.get(id);
    if (known !== undefined) return known;
    const answer = this.#carryOut(id, name, params);
    this.#answers.set(id, answer);
    if (this.#answers.size > ANSWERS_KEPT) {
      for (const oldest of this.#answers.keys()) {
        this.#answers.delete(oldest);
        break;
      }
    }
    return answer;
  }

  async #carryOut(id: string, name: string, params: unknown): Promise<CommandResult> {
    if (!isCommand(name)) return failure(id, 'unknown-command', `There is no command "${name}"; reload the terminal.`);
    const shape = COMMANDS[name].safeParse(params);
    if (!shape.success) {
      const issue = shape.error.issues[0];
      const where = issue === undefined || issue.path.length === 0 ? 'parameters' : issue.path.join('.');
      return failure(id, 'invalid', `Command "${name}" was not carried out: ${where}: ${issue?.message ?? 'invalid'}.`);
    }
    try {
      const value = await this.#handler(name, shape.data as CommandParams<typeof name>, id);
      return { kind: 'result', id, ok: true, value: value ?? null };
    } catch (error) {
      if (error instanceof CommandRefusal) return failure(id, error.code, error.message);
      const why = error instanceof Error ? error.message : String(error);
      return failure(
        id,
        'failed',
        `Command "${name}" failed: ${why}. Look at orders and positions before repeating it.`,
      );
    }
  }
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

function failure(id: string, code: CommandErrorCode, words: string): CommandResult {
  return { kind: 'result', id, ok: false, code, words };
}
