import { instrumentOf } from '../../../shared/instruments.ts';
import { LEVEL } from '../../codec/dbn/layout.ts';
import { TOP_LEVELS } from '../../core/book/depth.ts';
import { OrderBook } from '../../core/book/order-book.ts';
import type { Engine } from '../../core/engine.ts';
import { DEPTH_SCHEMAS, type DepthSchema, type Market } from '../../core/market.ts';
import { OffTickError } from '../../core/ports.ts';

/**
 * What the mapper keeps per instrument of the stream: its market, the raw words of its last image (to find what changed
 * with integer comparisons), and its order book where the stream is by order.
 */
export class InstrumentSlot {
  readonly publisherId: number;
  readonly venueId: number;
  readonly market: Market;
  /** Ten levels as the last record had them. */
  readonly image = new Int32Array(TOP_LEVELS * LEVEL.WORDS);
  orders: OrderBook | undefined;
  tickNano: number;
  /** Sequence of the last trade that was counted from the trades schema. */
  tradesSequence = -1;
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
    this.market.depthSchema = schema;
    if (schema === 'mbo') this.orders = new OrderBook();
    return true;
  }

  /** The instrument's tick or symbol became known or changed: the book in old ticks is void. */
  describe(engine: Engine, rawSymbol: string, tickNano: number | undefined): void {
    const instrument = instrumentOf(rawSymbol, this.publisherId, this.venueId, tickNano);
    const before = this.market.instrument;
    engine.addMarket(instrument);
    if (before.tickNano === instrument.tickNano && before.rawSymbol === rawSymbol) return;
    this.tickNano = instrument.tickNano;
    if (this.market.events === 0) return;
    this.market.depth.clear();
    this.image.fill(0);
    this.orders?.clear();
    engine.gap(this.market, 'roll');
  }
}
