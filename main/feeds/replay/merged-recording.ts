import type { Recording } from './recording.ts';

interface Member {
  readonly recording: Recording;
  pieces: AsyncGenerator<void>;
  /** Stands on an input. */
  held: boolean;
  ended: boolean;
}

/**
 * Several sources of one session as one: their inputs in the order in which the engine had them, which is that of arrival
 * and, within a microsecond, of the engine's input sequence.
 */
export class MergedRecording implements Recording {
  readonly #members: Member[];
  #current: Member | undefined;

  constructor(recordings: readonly Recording[]) {
    this.#members = recordings.map((recording) => ({
      recording,
      pieces: recording.pieces(),
      held: false,
      ended: false,
    }));
  }

  get source(): string {
    return this.#members
      .map(({ recording }) => recording.source)
      .filter((source) => source !== '')
      .join(' + ');
  }

  get judged(): boolean {
    return this.#current?.recording.judged ?? false;
  }

  async *pieces(progress?: (bytesRead: number, bytesTotal: number) => void): AsyncGenerator<void> {
    for (const member of this.#members) {
      member.pieces = member.recording.pieces(progress);
      member.held = false;
      member.ended = false;
    }
    this.#current = undefined;
    while (await this.#fill()) yield;
  }

  next(): boolean {
    if (this.#current !== undefined) {
      this.#current.held = this.#current.recording.next();
      this.#current = undefined;
    }
    let first: Member | undefined;
    for (const member of this.#members) {
      if (member.ended) continue;
      if (!member.held) return false;
      if (first === undefined || isBefore(member.recording, first.recording)) first = member;
    }
    this.#current = first;
    return first !== undefined;
  }

  arrivalUs(): number {
    return this.#current!.recording.arrivalUs();
  }

  inputAt(): number {
    return this.#current!.recording.inputAt();
  }

  apply(): void {
    this.#current!.recording.apply();
  }

  snapshot(): unknown {
    return this.#members.map(({ recording }) => recording.snapshot());
  }

  restore(snapshot: unknown): void {
    const states = snapshot as readonly unknown[];
    for (const [index, { recording }] of this.#members.entries()) recording.restore(states[index]);
  }

  /** Makes every member that has not ended stand on an input; false when all have ended. */
  async #fill(): Promise<boolean> {
    for (const member of this.#members) {
      while (!member.held && !member.ended) {
        const { done } = await member.pieces.next();
        if (done === true) member.ended = true;
        else member.held = member.recording.next();
      }
    }
    return this.#members.some((member) => !member.ended);
  }
}

function isBefore(a: Recording, b: Recording): boolean {
  const us = a.arrivalUs() - b.arrivalUs();
  return us !== 0 ? us < 0 : a.inputAt() < b.inputAt();
}
