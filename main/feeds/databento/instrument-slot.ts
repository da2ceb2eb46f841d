import { instrumentOf } from '../../../shared/instruments.ts';
import { LEVEL } from '../../codec/dbn/layout.ts';
import { TOP_LEVELS } from '../../core/book/depth.ts';
import { OrderBook } from '../../core/book/order-book.ts';
import type { Engine } from '../../core/engine.ts';
import { DEPTH_SCHEMAS, type DepthSchema, type Market } from '../../core/market.ts';
import { OffTickError } from '../../core/ports.ts';

/** Trades counted of one instrument: the sequence of the last, and how many carried it. */
export interface PrintCount {
  sequence: number;
  there: number;
  /** A deeper schema took over and may still repeat them; so many with that last sequence it has repeated. */
  overlaps: boolean;
  repeated: number;
}

/** A field of an image that no record has, so that the first one differs at every level. */
const NO_LEVEL = -1n;

/**
 * What the mapper keeps per instrument of the stream: its market, the raw fields of its last image (to find what changed
 * with integer comparisons), and its order book where the stream is by order.
 */
export class InstrumentSlot {
  readonly publisherId: number;
  readonly venueId: number;
  readonly market: Market;
  /** Ten levels as the last record had them, in fields of 64 bits: bid price, ask price, both sizes, both counts. */
  readonly image = new BigInt64Array((TOP_LEVELS * LEVEL.WORDS) / 2).fill(NO_LEVEL);
  orders: OrderBook | undefined;
  tickNano: number;
  /** Which trades were counted, so that a deeper schema that takes over does not count them again. */
  prints: PrintCount = { sequence: -1, there: 0, overlaps: false, repeated: 0 };
  /** The book by order lost records: it is not to be trusted before the next complete snapshot, which starts with a clear. */
  incomplete = false;
  /** Orders, cancels or modifies that did not fit the book: reported, not hidden. */
  unknownOrders = 0;

  constructor(engine: Engine, publisherId: number, venueId: number, rawSymbol: string, tickNano: number | undefined) {
    this.publisherId = publisherId;
    this.venueId = venueId;
    const instrument = instrumentOf(rawSymbol, publisherId, venueId, tickNano);
    this.tickNano = instrument.tickNano;
    this.market = engine.addMarket(instrument);
  }

  /** Ticks of a price in nano units; `source` tells where it stood. @throws OffTickError: a price is never rounded to its tick */
  ticks(priceNano: number, source: { readonly offset: number }): number {
    const ticks = priceNano / this.tickNano;
    if (ticks !== Math.floor(ticks)) {
      throw new OffTickError(
        this.market.instrument.rawSymbol,
        priceNano,
        this.tickNano,
        `record at byte ${source.offset}`,
      );
    }
    return ticks;
  }

  /** True while the schema is the deepest that was seen of this instrument: only then do its depth and trades count. */
  admits(schema: DepthSchema): boolean {
    const now = this.market.depthSchema;
    if (now === schema) return true;
    if (DEPTH_SCHEMAS.indexOf(schema) < DEPTH_SCHEMAS.indexOf(now)) return false;
    this.prints.overlaps = this.prints.sequence >= 0;
    this.prints.repeated = 0;
    this.market.depthSchema = schema;
    if (schema === 'mbo') this.orders = new OrderBook();
    return true;
  }

  /**
   * Whether a trade counts: after a deeper schema took over, those up to the last one that the shallower schema counted do
   * not, and of several with that one's sequence only as many as it did not have.
   */
  counts(sequence: number): boolean {
    const prints = this.prints;
    if (prints.overlaps) {
      if (sequence < prints.sequence) return false;
      if (sequence === prints.sequence && prints.repeated < prints.there) {
        prints.repeated++;
        return false;
      }
      prints.overlaps = false;
    }
    prints.there = sequence === prints.sequence ? prints.there + 1 : 1;
    prints.sequence = sequence;
    return true;
  }

  /** The instrument's tick became known or changed, or its symbol changed: the book in old ticks is void. */
  describe(engine: Engine, rawSymbol: string, tickNano: number | undefined): void {
    const instrument = instrumentOf(rawSymbol, this.publisherId, this.venueId, tickNano);
    const before = this.market.instrument;
    engine.addMarket(instrument);
    const renamed = before.rawSymbol !== rawSymbol && !before.rawSymbol.startsWith('#');
    if (before.tickNano === instrument.tickNano && !renamed) return;
    this.tickNano = instrument.tickNano;
    if (this.market.depthSchema === 'none') return;
    this.market.depth.clear();
    this.market.lastTradeTicks = Number.NaN;
    this.forget();
    engine.gap(this.market, 'roll');
  }

  /** Nothing of the last image holds: the next record is written whole, a book by order waits for its next snapshot. */
  forget(): void {
    this.image.fill(NO_LEVEL);
    this.orders?.clear();
    this.incomplete = this.orders !== undefined;
  }
}
