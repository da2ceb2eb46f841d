import { InvalidArgumentError } from 'commander';
import { ProgressBar } from './progress-bar.ts';
import type { TextOutput } from './text-output.ts';

/** What every command is given. */
export interface CommandContext {
  /** Results. */
  readonly out: TextOutput;
  /** A sentence to stderr. */
  readonly log: (words: string) => void;
  /** Set by SIGINT: the command stops at the next piece and writes what it has. */
  readonly stop: AbortSignal;
}

/** Runs long work under a progress bar, which goes whatever happens. */
export async function withProgress<T>(label: string, work: (bar: ProgressBar) => Promise<T>): Promise<T> {
  const bar = new ProgressBar(process.stderr, label);
  try {
    return await work(bar);
  } finally {
    bar.end();
  }
}

/** What went wrong is the caller's to know, not a defect: shown as a sentence, without a stack. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
}

/** An option whose value can't be, whatever the files and the database hold: wrong usage. */
export class UsageError extends CommandError {
  override readonly name: string = 'UsageError';
}

/** Parses a whole number ≥ 0 of an option. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError(`Expected a whole number, got "${text}".`);
  }
  return value;
}

/** Parses a number > 0 of an option. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || !(value > 0)) {
    throw new InvalidArgumentError(`Expected a number above 0, got "${text}".`);
  }
  return value;
}
