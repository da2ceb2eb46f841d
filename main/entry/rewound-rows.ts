import type { TopicBoard } from '../core/publisher/topic-board.ts';
import type { AccountBook } from '../execution/account-book.ts';

/**
 * Brings the rows of the trade loop to a time that a replay has gone back to: what came later leaves, and orders and deals
 * stand as the restored account has them. @param nowUs engine time of the restored state
 */
export function rewindRows(board: TopicBoard, book: Pick<AccountBook, 'order' | 'deal'>, nowUs: number): void {
  for (const topic of ['signals', 'markers', 'fills'] as const) {
    for (const row of board.rows(topic)) if (row.atUs > nowUs) board.remove(topic, row.id);
  }
  for (const { id } of board.rows('orders')) {
    const order = book.order(id);
    if (order === undefined) board.remove('orders', id);
    else board.upsert('orders', order);
  }
  for (const { id } of board.rows('deals')) {
    const deal = book.deal(id);
    if (deal === undefined) board.remove('deals', id);
    else board.upsert('deals', deal);
  }
}
