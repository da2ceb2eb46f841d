import { SIDE } from '../../codec/dbn/layout.ts';
import type { Aggressor } from '../../core/ports.ts';

/** Who traded by the `side` of a trade record, which is the aggressor's: +1 a buyer, −1 a seller, 0 not told. */
export function aggressorOf(sideCode: number): Aggressor {
  return sideCode === SIDE.BID ? 1 : sideCode === SIDE.ASK ? -1 : 0;
}
