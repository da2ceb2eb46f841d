import type { DbnDecoder } from '../../codec/dbn/decoder.ts';
import { ACTION, FLAG, MBO_WORD, SIDE, WORD } from '../../codec/dbn/layout.ts';
import { priceNano, tsUs, u64, u64Number } from '../../codec/dbn/read-words.ts';
import type { OrderKey } from '../../core/book/order-book.ts';
import type { Engine } from '../../core/engine.ts';
import { aggressorOf } from './aggressor.ts';
import type { InstrumentSlot } from './instrument-slot.ts';

/**
 * Plays the MBO record under the cursor into its instrument's book by order. `A`, `M`, `C` and `R` change the book; a trade
 * is told to the engine and, like `F` and `N`, never changes it.
 * @throws OffTickError
 */
export function applyOrder(engine: Engine, slot: InstrumentSlot, decoder: DbnDecoder): void {
  const { words, at } = decoder;
  const book = slot.orders!;
  const packed = words[at + MBO_WORD.FLAGS_CHANNEL_ACTION_SIDE]!;
  const action = (packed >>> 16) & 0xff;
  const sideCode = packed >>> 24;
  const lots = words[at + MBO_WORD.SIZE]! >>> 0;
  const nano = priceNano(words, at + MBO_WORD.PRICE);
  switch (action) {
    case ACTION.ADD:
    case ACTION.MODIFY: {
      if (sideCode !== SIDE.BID && sideCode !== SIDE.ASK) return;
      const side = sideCode === SIDE.BID ? 'bid' : 'ask';
      if ((packed & FLAG.TOB) !== 0) book.clearSide(side);
      if (Number.isNaN(nano)) return;
      const ticks = slot.ticks(nano, decoder);
      if (action === ACTION.ADD) book.add(orderKey(words, at), side, ticks, lots);
      else book.modify(orderKey(words, at), side, ticks, lots);
      return;
    }
    case ACTION.CANCEL:
      if (!book.cancel(orderKey(words, at), lots)) slot.unknownOrders++;
      return;
    case ACTION.CLEAR:
      book.clear();
      slot.incomplete = false;
      engine.gap(slot.market, 'clear');
      return;
    case ACTION.TRADE:
      if (!Number.isNaN(nano) && lots > 0 && slot.counts(words[at + MBO_WORD.SEQUENCE]! >>> 0)) {
        const tsEventUs = tsUs(words, at + WORD.TS_EVENT);
        const tsRecvUs = tsUs(words, at + MBO_WORD.TS_RECV);
        engine.trade(slot.market, tsEventUs, tsRecvUs, slot.ticks(nano, decoder), lots, aggressorOf(sideCode));
      }
      return;
    default:
      return;
  }
}

/** Order ids are plain numbers wherever they fit, which is everywhere seen; the rest keep all their bits. */
function orderKey(words: Int32Array, at: number): OrderKey {
  const id = u64Number(words, at + MBO_WORD.ORDER_ID);
  return id <= Number.MAX_SAFE_INTEGER ? id : u64(words, at + MBO_WORD.ORDER_ID);
}
