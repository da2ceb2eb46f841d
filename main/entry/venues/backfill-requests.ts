import { CommandRefusal } from '../../core/publisher/command-refusal.ts';
import type { TopicBoard } from '../../core/publisher/topic-board.ts';

/** A request to a vendor's history that is so large that the trader is asked first. */
export interface BackfillRequest {
  readonly id: string;
  readonly atUs: number;
  /** What would be fetched, its size and its cost. */
  readonly words: string;
  readonly confirm: () => void;
}

const KEPT = 100;

/** Requests that wait for the trader's word, shown in the topic `backfills`. */
export class BackfillRequests {
  readonly #board: TopicBoard;
  readonly #waiting = new Map<string, BackfillRequest>();

  constructor(board: TopicBoard) {
    this.#board = board;
    board.defineTable('backfills', KEPT);
  }

  ask(request: BackfillRequest): void {
    const { id, atUs, words } = request;
    this.#waiting.set(id, request);
    this.#board.upsert('backfills', { id, atUs, words });
  }

  /** @throws CommandRefusal where no such request waits */
  confirm(id: string): { readonly words: string } {
    const request = this.#waiting.get(id);
    if (request === undefined) throw new CommandRefusal('invalid', 'This request does not wait any longer.');
    this.#waiting.delete(id);
    this.#board.remove('backfills', id);
    request.confirm();
    return { words: `Fetched now: ${request.words}` };
  }
}
