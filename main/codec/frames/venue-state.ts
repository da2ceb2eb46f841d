import { DefaultDeserializer, DefaultSerializer } from 'node:v8';
import type { MarketMark } from '../../core/market.ts';

/** How a venue stood at a moment: what reading its frames may begin with. */
export interface VenueState {
  /** Snapshot of its mapper. */
  readonly mapper: unknown;
  /** How its markets stood in the engine, which the mapper does not know; undefined in states of earlier versions. */
  readonly markets: readonly MarketMark[] | undefined;
}

/**
 * Body of a `state` frame: two values as structured clones of Node, one behind the other. Versions that knew of the mapper's
 * alone read the first and are done.
 */
export function encodeVenueState({ mapper, markets }: VenueState): Uint8Array {
  const out = new DefaultSerializer();
  out.writeHeader();
  out.writeValue(mapper);
  out.writeValue(markets);
  return out.releaseBuffer();
}

/** Reads a state back. Throws where the bytes are none that this version of Node can read. */
export function decodeVenueState(bytes: Uint8Array): VenueState {
  const from = new DefaultDeserializer(bytes);
  from.readHeader();
  const mapper: unknown = from.readValue();
  try {
    return { mapper, markets: from.readValue() as readonly MarketMark[] };
  } catch {
    // The mapper's state was all that earlier versions wrote.
    return { mapper, markets: undefined };
  }
}
