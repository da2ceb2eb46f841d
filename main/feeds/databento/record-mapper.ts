import type { DbnDecoder } from '../../codec/dbn/decoder.ts';
import { ACTION, ERROR_CODE, FLAG, MBO_WORD, MBP_WORD, RTYPE, WORD } from '../../codec/dbn/layout.ts';
import { priceNano, tsNsRemainder, tsUs } from '../../codec/dbn/read-words.ts';
import { TOP_LEVELS } from '../../core/book/depth.ts';
import { OrderBook, type RestingSnapshot } from '../../core/book/order-book.ts';
import type { Engine } from '../../core/engine.ts';
import type { Market } from '../../core/market.ts';
import { aggressorOf } from './aggressor.ts';
import { ContractTable, type ContractTableSnapshot, type Roll } from './contract-table.ts';
import { type DirectorySnapshot, InstrumentDirectory } from './instrument-directory.ts';
import { InstrumentSlot, type PrintCount } from './instrument-slot.ts';
import { writeImage } from './level-image.ts';
import { readNotice } from './live-notices.ts';
import { applyOrder } from './order-record.ts';
import { venueStatus } from './venue-status.ts';

const CACHE_SLOTS = 256;
const LAST_BITS = FLAG.LAST << 16;
const SUSPECT_BITS = FLAG.MAYBE_BAD_BOOK << 16;

/**
 * Databento records in, engine calls out: pure but for the engine that it drives. Each trade counts once, from the deepest
 * schema of its instrument; depth is written by `level-image.ts` and `order-record.ts`.
 */
export class RecordMapper {
  readonly #engine: Engine;
  readonly #directory: InstrumentDirectory;
  readonly #cache: (InstrumentSlot | undefined)[] = new Array(CACHE_SLOTS).fill(undefined);
  readonly #slots = new Map<number, InstrumentSlot>();
  /** Market of the last record that had one; undefined after a record without (system, mapping …). */
  market: Market | undefined;
  /** Whether the last record ended an event, so that a book and its features were judged. */
  judged = false;
  /** The roll that the last record announced: the old contract's book is void, the new contract has a market of its own. */
  roll: Roll | undefined;
  /** What the symbols that were asked for stand for. */
  readonly contracts = new ContractTable();

  constructor(engine: Engine, directory: InstrumentDirectory = new InstrumentDirectory()) {
    this.#engine = engine;
    this.#directory = directory;
  }

  /** Vendor receive time of the record under the cursor in µs, or its event time where it has none. */
  arrivalUs(decoder: DbnDecoder): number {
    const { words, at, rtype } = decoder;
    const field = ARRIVAL_WORD[rtype]!;
    const us = tsUs(words, at + (field === 0 ? WORD.TS_EVENT : field));
    return Number.isNaN(us) ? this.#engine.nowUs : us;
  }

  /**
   * Has the record under the cursor arrive in the engine at that time. Handed over in a field: as a result or an argument it
   * could be boxed on the heap, record for record.
   */
  arrive(decoder: DbnDecoder): void {
    const { words, at, rtype } = decoder;
    const field = ARRIVAL_WORD[rtype]!;
    const us = tsUs(words, at + (field === 0 ? WORD.TS_EVENT : field));
    this.#engine.arrivalUs = Number.isNaN(us) ? this.#engine.nowUs : us;
    this.#engine.arrived();
  }

  /** Plays the record under the decoder's cursor into the engine, whose time the caller has moved. */
  apply(decoder: DbnDecoder): void {
    const { words, at } = decoder;
    this.judged = false;
    this.market = undefined;
    this.roll = undefined;
    switch (decoder.rtype) {
      case RTYPE.MBP_10:
        this.#levels(words, at, decoder, 'mbp-10', TOP_LEVELS);
        return;
      case RTYPE.MBP_1:
        this.#levels(words, at, decoder, 'mbp-1', 1);
        return;
      case RTYPE.MBO:
        this.#order(words, at, decoder);
        return;
      case RTYPE.MBP_0:
        this.#trade(words, at, decoder);
        return;
      case RTYPE.CMBP_1:
      case RTYPE.TCBBO:
        this.#levels(words, at, decoder, 'mbp-1', 1);
        return;
      case RTYPE.BBO_1S:
      case RTYPE.BBO_1M:
      case RTYPE.CBBO_1S:
      case RTYPE.CBBO_1M:
        this.#sampled(words, at, decoder);
        return;
      default:
        this.#administrative(decoder);
    }
  }

  /** The slot of an instrument that has appeared, for readers of whole books. */
  slotOf(venueId: number): InstrumentSlot | undefined {
    for (const slot of this.#slots.values()) if (slot.venueId === venueId) return slot;
    return undefined;
  }

  /** Every instrument that has appeared, in the order of appearance. */
  slots(): IterableIterator<InstrumentSlot> {
    return this.#slots.values();
  }

  /** What is known of instruments and orders; images are found again by comparison. */
  snapshot(): RecordMapperSnapshot {
    return {
      directory: this.#directory.snapshot(),
      contracts: this.contracts.snapshot(),
      slots: [...this.#slots.values()].map((slot) => ({
        publisherId: slot.publisherId,
        venueId: slot.venueId,
        prints: { ...slot.prints },
        incomplete: slot.incomplete,
        unknownOrders: slot.unknownOrders,
        orders: slot.orders?.snapshot(),
      })),
    };
  }

  /** Continues from a snapshot, with an engine that was restored to the same moment. */
  restore(snapshot: RecordMapperSnapshot): void {
    this.#directory.restore(snapshot.directory);
    this.contracts.restore(snapshot.contracts);
    this.#slots.clear();
    this.#cache.fill(undefined);
    for (const saved of snapshot.slots) {
      const symbol = this.#directory.rawSymbol(saved.publisherId, saved.venueId, undefined);
      const market = this.#engine.marketOf(saved.publisherId, saved.venueId);
      const slot = new InstrumentSlot(
        this.#engine,
        saved.publisherId,
        saved.venueId,
        market?.instrument.rawSymbol ?? symbol,
        this.#directory.tickNano(saved.publisherId, saved.venueId),
      );
      slot.prints = { ...saved.prints };
      slot.incomplete = saved.incomplete;
      slot.unknownOrders = saved.unknownOrders;
      if (saved.orders !== undefined) {
        slot.orders = new OrderBook();
        slot.orders.restore(saved.orders);
      }
      this.#slots.set(saved.publisherId * 4_294_967_296 + saved.venueId, slot);
    }
  }

  /** The stream lost records: every image is void until its next complete event, every book by order until its next snapshot. */
  lost(): void {
    for (const slot of this.#slots.values()) {
      slot.incomplete = slot.orders !== undefined;
      this.#engine.gap(slot.market, 'feed-gap');
    }
  }

  /** The record under the cursor was refused halfway: what is known of its instrument's book is void until its next event. */
  refuse(decoder: DbnDecoder): void {
    const slot = this.#slot(decoder.words, decoder.at, decoder);
    slot.forget();
    this.#engine.gap(slot.market, 'feed-gap');
  }

  #slot(words: Int32Array, at: number, decoder: DbnDecoder): InstrumentSlot {
    const venueId = words[at + WORD.INSTRUMENT_ID]! >>> 0;
    const publisherId = words[at]! >>> 16;
    const cached = this.#cache[venueId & (CACHE_SLOTS - 1)];
    if (cached !== undefined && cached.venueId === venueId && cached.publisherId === publisherId) return cached;
    const key = publisherId * 4_294_967_296 + venueId;
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      const symbol = this.#directory.rawSymbol(publisherId, venueId, decoder.metadata);
      slot = new InstrumentSlot(
        this.#engine,
        publisherId,
        venueId,
        symbol,
        this.#directory.tickNano(publisherId, venueId),
      );
      this.#slots.set(key, slot);
    }
    this.#cache[venueId & (CACHE_SLOTS - 1)] = slot;
    return slot;
  }

  #levels(words: Int32Array, at: number, decoder: DbnDecoder, schema: 'mbp-10' | 'mbp-1', levels: number): void {
    const slot = this.#slot(words, at, decoder);
    if (!slot.admits(schema)) return;
    number(slot.market, words, at + WORD.TS_EVENT, at + MBP_WORD.TS_RECV, at + MBP_WORD.SEQUENCE);
    if (schema === 'mbp-10') this.#engine.depthRecord(slot.market, words, at);
    const packed = words[at + MBP_WORD.ACTION_SIDE_FLAGS_DEPTH]!;
    const action = packed & 0xff;
    if (action === ACTION.TRADE) this.#print(slot, decoder, packed);
    if (action === ACTION.CLEAR) this.#engine.gap(slot.market, 'clear');
    writeImage(slot, decoder, levels);
    this.#end(slot, words, at + WORD.TS_EVENT, at + MBP_WORD.TS_RECV, packed);
  }

  #order(words: Int32Array, at: number, decoder: DbnDecoder): void {
    const slot = this.#slot(words, at, decoder);
    if (!slot.admits('mbo')) return;
    number(slot.market, words, at + WORD.TS_EVENT, at + MBO_WORD.TS_RECV, at + MBO_WORD.SEQUENCE);
    applyOrder(this.#engine, slot, decoder);
    const flags = words[at + MBO_WORD.FLAGS_CHANNEL_ACTION_SIDE]! & 0xff;
    if ((flags & FLAG.LAST) !== 0) slot.orders!.fill(slot.market.depth);
    if ((flags & FLAG.MAYBE_BAD_BOOK) !== 0) slot.incomplete = true;
    this.#end(slot, words, at + WORD.TS_EVENT, at + MBO_WORD.TS_RECV, flags << 16);
  }

  #trade(words: Int32Array, at: number, decoder: DbnDecoder): void {
    const slot = this.#slot(words, at, decoder);
    if (!slot.admits('trades')) return;
    number(slot.market, words, at + WORD.TS_EVENT, at + MBP_WORD.TS_RECV, at + MBP_WORD.SEQUENCE);
    const packed = words[at + MBP_WORD.ACTION_SIDE_FLAGS_DEPTH]!;
    this.#print(slot, decoder, packed);
    this.#end(slot, words, at + WORD.TS_EVENT, at + MBP_WORD.TS_RECV, packed);
  }

  /** Sampled best bid and offer: each record is complete by itself; its last trade is no new print. */
  #sampled(words: Int32Array, at: number, decoder: DbnDecoder): void {
    const slot = this.#slot(words, at, decoder);
    if (!slot.admits('mbp-1')) return;
    writeImage(slot, decoder, 1);
    const recv = at + MBP_WORD.TS_RECV;
    const event = Number.isNaN(tsUs(words, at + WORD.TS_EVENT)) ? recv : at + WORD.TS_EVENT;
    number(slot.market, words, event, recv, at + MBP_WORD.SEQUENCE);
    this.#end(slot, words, event, recv, LAST_BITS);
  }

  #print(slot: InstrumentSlot, decoder: DbnDecoder, packed: number): void {
    const { words, at } = decoder;
    const nano = priceNano(words, at + MBP_WORD.PRICE);
    const lots = words[at + MBP_WORD.SIZE]! >>> 0;
    if (Number.isNaN(nano) || lots === 0 || !slot.counts(words[at + MBP_WORD.SEQUENCE]! >>> 0)) return;
    const aggressor = aggressorOf((packed >>> 8) & 0xff);
    const tsEventUs = tsUs(words, at + WORD.TS_EVENT);
    const tsRecvUs = tsUs(words, at + MBP_WORD.TS_RECV);
    this.#engine.trade(slot.market, tsEventUs, tsRecvUs, slot.ticks(nano, decoder), lots, aggressor);
  }

  /**
   * Ends the record, and the event where it is the last. The times are read here: as arguments they could be boxed.
   * @param tsEvent, tsRecv word indices of the two times
   * @param flagBits flags shifted to the place that they have in MBP records
   */
  #end(slot: InstrumentSlot, words: Int32Array, tsEvent: number, tsRecv: number, flagBits: number): void {
    this.market = slot.market;
    const suspect = (flagBits & SUSPECT_BITS) !== 0;
    if (suspect) this.#engine.gap(slot.market, 'maybe-bad-book');
    if ((flagBits & LAST_BITS) === 0) return;
    const clean = !suspect && !slot.incomplete;
    this.#engine.endEvent(slot.market, tsUs(words, tsEvent), tsUs(words, tsRecv), clean);
    this.judged = true;
  }

  #administrative(decoder: DbnDecoder): void {
    const venueId = decoder.words[decoder.at + WORD.INSTRUMENT_ID]! >>> 0;
    const publisherId = decoder.words[decoder.at]! >>> 16;
    switch (decoder.rtype) {
      case RTYPE.SYMBOL_MAPPING:
      case RTYPE.INSTRUMENT_DEF: {
        if (decoder.rtype === RTYPE.SYMBOL_MAPPING) this.#mapped(decoder);
        this.#directory.learn(decoder);
        for (const slot of this.#slots.values()) {
          if (slot.venueId !== venueId) continue;
          if (slot.publisherId !== publisherId && decoder.rtype === RTYPE.INSTRUMENT_DEF) continue;
          const symbol = this.#directory.rawSymbol(slot.publisherId, venueId, decoder.metadata);
          slot.describe(this.#engine, symbol, this.#directory.tickNano(slot.publisherId, venueId));
        }
        return;
      }
      case RTYPE.STATUS: {
        const slot = this.#slot(decoder.words, decoder.at, decoder);
        const status = venueStatus(decoder.words, decoder.at);
        if (status !== undefined)
          this.#engine.status(slot.market, status, tsUs(decoder.words, decoder.at + WORD.TS_EVENT));
        this.market = slot.market;
        return;
      }
      case RTYPE.ERROR:
        if (this.#directory.errorCode(decoder) === ERROR_CODE.SKIPPED_RECORDS_AFTER_SLOW_READING) this.lost();
        return;
      default:
        return;
    }
  }

  /** After a roll nothing more comes of the old contract, and its last book must not be taken for the market's. */
  #mapped(decoder: DbnDecoder): void {
    const notice = readNotice(decoder.bytes, decoder.byteAt, decoder.version);
    if (notice.kind !== 'mapping') return;
    this.roll = this.contracts.learn(notice.asked, notice.rawSymbol, notice.instrumentId);
    const old = this.roll && this.slotOf(this.roll.from.instrumentId);
    if (old !== undefined) this.#engine.gap(old.market, 'roll');
  }
}

export interface RecordMapperSnapshot {
  readonly directory: DirectorySnapshot;
  readonly contracts: ContractTableSnapshot;
  readonly slots: readonly {
    readonly publisherId: number;
    readonly venueId: number;
    readonly prints: PrintCount;
    readonly incomplete: boolean;
    readonly unknownOrders: number;
    readonly orders: readonly RestingSnapshot[] | undefined;
  }[];
}

/** Word of the vendor's receive time by record type; 0 = the record has none. */
const ARRIVAL_WORD = (() => {
  const table = new Uint8Array(256);
  for (const rtype of [RTYPE.MBP_0, RTYPE.MBP_1, RTYPE.MBP_10, RTYPE.CMBP_1, RTYPE.TCBBO])
    table[rtype] = MBP_WORD.TS_RECV;
  for (const rtype of [RTYPE.BBO_1S, RTYPE.BBO_1M, RTYPE.CBBO_1S, RTYPE.CBBO_1M]) table[rtype] = MBP_WORD.TS_RECV;
  table[RTYPE.MBO] = MBO_WORD.TS_RECV;
  for (const rtype of [RTYPE.STATUS, RTYPE.INSTRUMENT_DEF, RTYPE.STATISTICS, RTYPE.IMBALANCE]) table[rtype] = 4;
  return table;
})();

/** Notes what a record has beyond the microseconds that the engine goes by; the last three are word indices. */
function number(market: Market, words: Int32Array, tsEvent: number, tsRecv: number, sequence: number): void {
  market.venueNano = tsNsRemainder(words, tsEvent);
  market.tsRecvNano = tsNsRemainder(words, tsRecv);
  market.sequence = words[sequence]! >>> 0;
}
