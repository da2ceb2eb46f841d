import { decimalsOfTick, formatDecimal } from '../../../shared/units.ts';
import { DbnDecoder } from '../../codec/dbn/decoder.ts';
import { DbnError } from '../../codec/dbn/error.ts';
import { RTYPE } from '../../codec/dbn/layout.ts';
import { METADATA_PREFIX_BYTES, readMetadataPrefix } from '../../codec/dbn/metadata.ts';
import { rtypeName } from '../../codec/dbn/names.ts';
import { TOP_LEVELS } from '../../core/book/depth.ts';
import type { Engine } from '../../core/engine.ts';
import {
  type FeedFrame,
  FrameError,
  type FrameMapper,
  type MapperTally,
  type Resync,
  type SymbolTally,
  type TextBook,
  type TextLevel,
} from '../../core/feed-port.ts';
import type { Market } from '../../core/market.ts';
import { OffTickError } from '../../core/ports.ts';
import type { Roll } from './contract-table.ts';
import { RecordMapper, type RecordMapperSnapshot } from './record-mapper.ts';

export interface LiveMapperOptions {
  /** Asked without a symbol when the stream can't be read on. */
  readonly resync?: Resync;
  /** Called where a continuous symbol has gone over to another contract, before that one's first record. */
  readonly onRoll?: (roll: Roll) => void;
}

/** Record types whose records are book updates. */
const BOOK_RTYPES: ReadonlySet<number> = new Set([RTYPE.MBP_10, RTYPE.MBP_1, RTYPE.MBO, RTYPE.CMBP_1]);

/**
 * Frames of the Databento feed into the engine: a connection is a DBN stream of its own, its first message the metadata, and
 * every record is an input that arrives when its frame was received. So this mapper calls `engine.arrive` itself: once for
 * each record, once for a lost connection (a capture keeps it as a record), and not for an opened one.
 */
export class LiveDatabentoMapper implements FrameMapper {
  readonly arrives = true;
  readonly records: RecordMapper;
  readonly #engine: Engine;
  readonly #resync: Resync | undefined;
  readonly #onRoll: ((roll: Roll) => void) | undefined;
  #decoder: DbnDecoder | undefined;
  /** The metadata of the connection: a decoder that continues is given it again. */
  #metadata: Uint8Array | undefined;
  #begun = false;
  #gaps = 0;
  readonly #counts = new Float64Array(256);
  /** Book updates by the index of the market. */
  readonly #updates: number[] = [];

  constructor(engine: Engine, { resync, onRoll }: LiveMapperOptions = {}) {
    this.#engine = engine;
    this.#resync = resync;
    this.#onRoll = onRoll;
    this.records = new RecordMapper(engine);
  }

  apply(frame: FeedFrame): void {
    const before = this.#engine.gaps;
    try {
      if (frame.kind === 'opened') this.#open(undefined);
      else if (frame.kind === 'lost') this.#lose(frame.localUs);
      else if (frame.kind === 'message') this.#play(frame);
    } finally {
      this.#gaps += this.#engine.gaps - before;
    }
  }

  /** By asked symbol (`6E.v.0`) or raw symbol (`6EZ6`); prices with the decimals of the tick. */
  bookText(symbol: string, levels: number): TextBook | undefined {
    const market = this.#marketOf(symbol);
    if (market === undefined || market.depthSchema === 'none' || market.depthSchema === 'trades') return undefined;
    const { bidPrice, bidSize, askPrice, askSize } = market.depth;
    return { bids: sideText(market, bidPrice, bidSize, levels), asks: sideText(market, askPrice, askSize, levels) };
  }

  /** Symbols are named as they were asked for where the gateway said how; a continuous symbol counts on through its rolls. */
  get tally(): MapperTally {
    const recordCounts: Record<string, number> = {};
    for (const [rtype, count] of this.#counts.entries()) if (count > 0) recordCounts[rtypeName(rtype)] = count;
    const symbols = new Map<string, SymbolTally>();
    for (const { market, venueId } of this.records.slots()) {
      const symbol = this.records.contracts.askedOf(venueId) ?? market.instrument.rawSymbol;
      const { updates, trades } = symbols.get(symbol) ?? { updates: 0, trades: 0 };
      symbols.set(symbol, {
        updates: updates + (this.#updates[market.index] ?? 0),
        trades: trades + market.trades,
      });
    }
    return { gaps: this.#gaps, checksumFailures: 0, recordCounts, symbols };
  }

  snapshot(): LiveMapperSnapshot {
    return {
      records: this.records.snapshot(),
      metadata: this.#metadata?.slice(),
      begun: this.#begun,
      gaps: this.#gaps,
      counts: this.#counts.slice(),
      updates: [...this.#updates],
    };
  }

  restore(snapshot: LiveMapperSnapshot): void {
    this.records.restore(snapshot.records);
    this.#open(snapshot.metadata?.slice());
    this.#begun = snapshot.begun;
    this.#gaps = snapshot.gaps;
    this.#counts.set(snapshot.counts);
    this.#updates.splice(0, this.#updates.length, ...snapshot.updates);
  }

  /** A new stream; with its metadata where it continues one. */
  #open(metadata: Uint8Array | undefined): void {
    this.#decoder = new DbnDecoder();
    this.#metadata = metadata;
    if (metadata === undefined) return;
    this.#decoder.push(metadata);
    this.#decoder.next();
  }

  #lose(localUs: number): void {
    if (!this.#begun) return;
    this.#engine.arrive(localUs);
    this.records.lost();
  }

  #play(frame: FeedFrame): void {
    const decoder = this.#decoder;
    if (decoder === undefined) throw new FrameError('Databento', 'a message before a connection was opened');
    if (frame.bytes.length > 0) this.#begun = true;
    let refused: OffTickError | undefined;
    try {
      decoder.push(frame.bytes);
      if (this.#metadata === undefined) this.#keepMetadata(frame.bytes);
      while (decoder.next()) {
        this.#engine.arrive(frame.localUs);
        refused = this.#record(decoder) ?? refused;
      }
    } catch (error) {
      if (!(error instanceof DbnError)) throw error;
      this.#decoder = undefined;
      this.records.lost();
      this.#resync?.('', 'the stream cannot be read on');
      throw new FrameError('Databento', error.message);
    }
    if (refused !== undefined) throw refused;
  }

  #record(decoder: DbnDecoder): OffTickError | undefined {
    const { records } = this;
    const { rtype } = decoder;
    this.#counts[rtype]!++;
    try {
      records.apply(decoder);
    } catch (error) {
      if (!(error instanceof OffTickError)) throw error;
      records.refuse(decoder);
      return error;
    }
    if (records.roll !== undefined) this.#onRoll?.(records.roll);
    if (records.market !== undefined && BOOK_RTYPES.has(rtype)) {
      const { index } = records.market;
      while (this.#updates.length <= index) this.#updates.push(0);
      this.#updates[index]!++;
    }
    return undefined;
  }

  #keepMetadata(bytes: Uint8Array): void {
    if (bytes.length < METADATA_PREFIX_BYTES) return;
    this.#metadata = bytes.slice(0, readMetadataPrefix(bytes));
  }

  #marketOf(symbol: string): Market | undefined {
    const contract = this.records.contracts.contractOf(symbol);
    const slot = contract && this.records.slotOf(contract.instrumentId);
    if (slot !== undefined) return slot.market;
    return [...this.records.slots()].findLast(({ market }) => market.instrument.rawSymbol === symbol)?.market;
  }
}

export interface LiveMapperSnapshot {
  readonly records: RecordMapperSnapshot;
  readonly metadata: Uint8Array | undefined;
  readonly begun: boolean;
  readonly gaps: number;
  readonly counts: Float64Array;
  readonly updates: readonly number[];
}

function sideText(market: Market, prices: Float64Array, sizes: Float64Array, levels: number): TextLevel[] {
  const { tickNano } = market.instrument;
  const decimals = decimalsOfTick(tickNano);
  const side: TextLevel[] = [];
  for (let level = 0; level < Math.min(levels, TOP_LEVELS); level++) {
    const ticks = prices[level]!;
    if (!Number.isFinite(ticks) || sizes[level] === 0) continue;
    side.push([formatDecimal(ticks * tickNano, 9, decimals), String(sizes[level])]);
  }
  return side;
}
