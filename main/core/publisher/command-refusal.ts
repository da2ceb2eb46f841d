import type { CommandErrorCode, CommandName, CommandParams } from '../../../shared/contract/messages.ts';

/** A command that is not carried out; its words are for the trader. */
export class CommandRefusal extends Error {
  override readonly name = 'CommandRefusal';
  readonly code: CommandErrorCode;

  constructor(code: CommandErrorCode, words: string) {
    super(words);
    this.code = code;
  }
}

/**
 * Carries commands out. What it returns, or what its promise resolves to, is the value of the answer (JSON); a
 * `CommandRefusal` is the answer's code and words, any other error is answered as `failed`.
 * @param commandId unique per client and command
 */
export type CommandHandler = <N extends CommandName>(name: N, params: CommandParams<N>, commandId: string) => unknown;
