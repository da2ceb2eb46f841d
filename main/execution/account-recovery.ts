import type { OrderRow } from '../../shared/trading.ts';
import type { JournalEntry } from '../core/journal/journal-entry.ts';
import type { BrokerReport, OrderIntent } from '../core/trading-ports.ts';
import type { AccountBook, AccountBookSnapshot } from './account-book.ts';

/** What a start writes first: everything that the entries before it amount to. */
interface Checkpoint {
  readonly account: AccountBookSnapshot;
  readonly intents: readonly OrderIntent[];
}

/** What was found in a journal beyond the account book itself. */
export interface Recovered {
  /** Entries that rest at the broker. */
  readonly working: readonly OrderIntent[];
  /** Orders that were on their way when the engine stopped: whether they arrived must be asked of the broker. */
  readonly inFlight: readonly OrderRow[];
}

/** Folds a journal into an account book, from its last checkpoint on. The same entries give the same book. */
export function recoverAccount(entries: readonly JournalEntry[], book: AccountBook): Recovered {
  const intents = new Map<string, OrderIntent>();
  const from = entries.findLastIndex((entry) => entry.type === 'checkpoint');
  for (const entry of entries.slice(Math.max(0, from))) {
    switch (entry.type) {
      case 'checkpoint': {
        const { account, intents: kept } = entry.data as Checkpoint;
        book.restore(account);
        for (const intent of kept) intents.set(intent.orderId, intent);
        break;
      }
      case 'order-intent': {
        const intent = entry.data as OrderIntent;
        intents.set(intent.orderId, intent);
        book.intend(intent, entry.atUs);
        break;
      }
      case 'broker-report':
        book.apply(entry.data as BrokerReport);
        break;
      case 'trade-date':
        book.turnTradeDate((entry.data as { tradeDate: string }).tradeDate);
        break;
      case 'day-lock':
        book.lock((entry.data as { reason: string }).reason);
        break;
      default:
        break;
    }
  }
  const live = book.snapshot().orders;
  return {
    working: live.filter((order) => order.state === 'working').flatMap((order) => intents.get(order.id) ?? []),
    inFlight: live.filter((order) => order.state !== 'working'),
  };
}
