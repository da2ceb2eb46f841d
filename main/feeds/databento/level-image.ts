import type { DbnDecoder } from '../../codec/dbn/decoder.ts';
import { LEVEL, MBP_WORD } from '../../codec/dbn/layout.ts';
import { priceNano } from '../../codec/dbn/read-words.ts';
import type { InstrumentSlot } from './instrument-slot.ts';

const LEVEL_BYTES = LEVEL.WORDS * 4;
/** Fields of 64 bits a level. */
const IMAGE_FIELDS = LEVEL.WORDS / 2;

/**
 * Writes the levels of the record under the cursor that differ from the instrument's last image into its depth. Compared as
 * integers of 64 bits, so that only what has changed is converted.
 * @param levels levels that the record has: 1 or 10
 * @throws OffTickError
 */
export function writeImage(slot: InstrumentSlot, decoder: DbnDecoder, levels: number): void {
  const image = slot.image;
  const view = decoder.view;
  let byte = (decoder.at + MBP_WORD.LEVELS) * 4;
  for (let field = 0; field < levels * IMAGE_FIELDS; field += IMAGE_FIELDS, byte += LEVEL_BYTES) {
    if (
      view.getBigInt64(byte, true) === image[field] &&
      view.getBigInt64(byte + 8, true) === image[field + 1] &&
      view.getBigInt64(byte + 16, true) === image[field + 2] &&
      view.getBigInt64(byte + 24, true) === image[field + 3]
    )
      continue;
    writeLevel(slot, decoder, byte, field);
  }
}

/** Writes one level that differs; a price is converted only when it has changed itself. */
function writeLevel(slot: InstrumentSlot, decoder: DbnDecoder, byte: number, field: number): void {
  const image = slot.image;
  const depth = slot.market.depth;
  const { view, words } = decoder;
  const w = byte >> 2;
  const level = field / IMAGE_FIELDS;
  const bidMoved = view.getBigInt64(byte, true) !== image[field];
  const askMoved = view.getBigInt64(byte + 8, true) !== image[field + 1];
  image[field] = view.getBigInt64(byte, true);
  image[field + 1] = view.getBigInt64(byte + 8, true);
  image[field + 2] = view.getBigInt64(byte + 16, true);
  image[field + 3] = view.getBigInt64(byte + 24, true);
  const bidLots = words[w + LEVEL.BID_SZ]! >>> 0;
  const bidOrders = words[w + LEVEL.BID_CT]! >>> 0;
  if (bidMoved) {
    const nano = priceNano(words, w + LEVEL.BID_PX);
    if (Number.isNaN(nano)) depth.clearBid(level);
    else depth.setBid(level, slot.ticks(nano, decoder), bidLots, bidOrders);
  } else depth.resizeBid(level, bidLots, bidOrders);
  const askLots = words[w + LEVEL.ASK_SZ]! >>> 0;
  const askOrders = words[w + LEVEL.ASK_CT]! >>> 0;
  if (askMoved) {
    const nano = priceNano(words, w + LEVEL.ASK_PX);
    if (Number.isNaN(nano)) depth.clearAsk(level);
    else depth.setAsk(level, slot.ticks(nano, decoder), askLots, askOrders);
  } else depth.resizeAsk(level, askLots, askOrders);
}
