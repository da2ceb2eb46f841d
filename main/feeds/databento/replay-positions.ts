import { MBP_WORD, RTYPE, WORD } from '../../codec/dbn/layout.ts';

/** Publisher and record type of a record's first word; the length is of no matter. */
const KIND_BITS = 0xffffff00 | 0;
const CACHE_SLOTS = 256;

/** Record types whose replay starts by receive time: the sampled quotes, which have no event of their own. */
const SAMPLED: ReadonlySet<number> = new Set([RTYPE.BBO_1S, RTYPE.BBO_1M, RTYPE.CBBO_1S, RTYPE.CBBO_1M]);

/** How far one instrument has come in one schema: the greatest time of a record, and how many records carried it. */
interface Position {
  readonly kind: number;
  readonly instrumentId: number;
  hi: number;
  lo: number;
  count: number;
  /** The chunk that moved it last, and where it stood before that one. */
  chunk: number;
  beforeHi: number;
  beforeLo: number;
  beforeCount: number;
  /** While a replay may repeat records: the position that it had when the replay was asked for. */
  repeats: { readonly hi: number; readonly lo: number; left: number } | undefined;
}

/** A position as it is kept between runs: publisher and record type, instrument, both words of the time, records at it. */
export type PositionRow = readonly [kind: number, instrumentId: number, hi: number, lo: number, count: number];

/**
 * What was received of each schema and instrument, so that a replay after a reconnect continues exactly there. Method 2 of
 * Databento's "Recovering after a disconnection": the last time and how many records had it are remembered; a replay starts
 * at the smallest of them; of what it sends, records older than their instrument's are dropped, and of those with the same
 * time as many as had come before. Schemas are told apart by record type.
 */
export class ReplayPositions {
  readonly #byRtype: (Map<number, Position> | undefined)[] = new Array(256).fill(undefined);
  readonly #cache: (Position | undefined)[] = new Array(CACHE_SLOTS).fill(undefined);
  /** Instruments whose replay has not passed what they had. */
  #repeating = 0;
  #chunk = 0;

  /** Whether a replay may still repeat records. */
  get repeating(): boolean {
    return this.#repeating > 0;
  }

  /**
   * Takes in a market record. True: it is new; false: it was there before and is to be dropped.
   * @param at word index of the record
   */
  admit(words: Int32Array, at: number): boolean {
    const kind = words[at]! & KIND_BITS;
    const instrumentId = words[at + WORD.INSTRUMENT_ID]!;
    const slot = (instrumentId + ((kind >>> 8) & 0xff)) & (CACHE_SLOTS - 1);
    const cached = this.#cache[slot];
    const position =
      cached !== undefined && cached.instrumentId === instrumentId && cached.kind === kind
        ? cached
        : this.#position(kind, instrumentId, slot);
    const rtype = (kind >>> 8) & 0xff;
    const field = at + (SAMPLED.has(rtype) ? MBP_WORD.TS_RECV : WORD.TS_EVENT);
    const hi = words[field + 1]! >>> 0;
    const lo = words[field]! >>> 0;
    if (position.repeats !== undefined && this.#repeated(position, hi, lo)) return false;
    if (position.chunk !== this.#chunk) this.#mark(position);
    if (hi === position.hi && lo === position.lo) position.count++;
    else if (hi > position.hi || (hi === position.hi && lo > position.lo)) {
      position.hi = hi;
      position.lo = lo;
      position.count = 1;
    }
    return true;
  }

  /** Records of another chunk follow: `undoChunk` takes back what they change. */
  beginChunk(): void {
    this.#chunk++;
  }

  /** The records of the chunk never got to where they were to go: everything stands as before them. */
  undoChunk(): void {
    for (const positions of this.#byRtype) {
      for (const [key, position] of positions ?? []) {
        if (position.chunk !== this.#chunk) continue;
        position.hi = position.beforeHi;
        position.lo = position.beforeLo;
        position.count = position.beforeCount;
        if (position.count === 0) positions?.delete(key);
      }
    }
    this.#cache.fill(undefined);
    this.forgetRepeats();
  }

  /** How far everything has come, to go on from in another run. */
  rows(): PositionRow[] {
    return this.#byRtype.flatMap((positions) =>
      [...(positions?.values() ?? [])].map(
        ({ kind, instrumentId, hi, lo, count }): PositionRow => [kind, instrumentId, hi, lo, count],
      ),
    );
  }

  /** Puts positions of an earlier run in the place of all that is known. */
  restore(rows: readonly PositionRow[]): void {
    this.#byRtype.fill(undefined);
    this.#cache.fill(undefined);
    this.#repeating = 0;
    for (const [kind, instrumentId, hi, lo, count] of rows) {
      const slot = (instrumentId + ((kind >>> 8) & 0xff)) & (CACHE_SLOTS - 1);
      Object.assign(this.#position(kind, instrumentId, slot), { hi, lo, count });
    }
  }

  /** The latest time of any record, ns; undefined while there was none. */
  latestNs(): bigint | undefined {
    let latest: bigint | undefined;
    for (const positions of this.#byRtype) {
      for (const position of positions?.values() ?? []) {
        const ns = timeOf(position);
        if (latest === undefined || ns > latest) latest = ns;
      }
    }
    return latest;
  }

  /**
   * Where a replay of a record type has to start, ns: the smallest last time of its instruments, but not further back than
   * `reachUs` before the latest: a schema is delivered in order, so an instrument without a record since then had none.
   * Undefined while there was no record.
   */
  startNs(rtype: number, reachUs: number): bigint | undefined {
    let smallest: bigint | undefined;
    let greatest = 0n;
    for (const position of this.#byRtype[rtype]?.values() ?? []) {
      const ns = timeOf(position);
      if (smallest === undefined || ns < smallest) smallest = ns;
      if (ns > greatest) greatest = ns;
    }
    if (smallest === undefined) return undefined;
    const floor = greatest - BigInt(reachUs) * 1000n;
    return smallest > floor ? smallest : floor;
  }

  /** A replay of these record types begins: what they had up to now comes again and is to be dropped. */
  expectRepeats(rtypes: readonly number[]): void {
    this.forgetRepeats();
    for (const rtype of rtypes) {
      for (const position of this.#byRtype[rtype]?.values() ?? []) {
        position.repeats = { hi: position.hi, lo: position.lo, left: position.count };
        this.#repeating++;
      }
    }
  }

  /** The replay of a record type is complete, or none will come: from now on every record is new. */
  forgetRepeats(rtype?: number): void {
    for (const [type, positions] of this.#byRtype.entries()) {
      if (rtype !== undefined && type !== rtype) continue;
      for (const position of positions?.values() ?? []) this.#pass(position);
    }
  }

  #mark(position: Position): void {
    position.chunk = this.#chunk;
    position.beforeHi = position.hi;
    position.beforeLo = position.lo;
    position.beforeCount = position.count;
  }

  #repeated(position: Position, hi: number, lo: number): boolean {
    const { repeats } = position;
    if (repeats === undefined || hi < repeats.hi || (hi === repeats.hi && lo < repeats.lo)) return true;
    if (hi === repeats.hi && lo === repeats.lo && repeats.left > 0) {
      repeats.left--;
      return true;
    }
    this.#pass(position);
    return false;
  }

  #pass(position: Position): void {
    if (position.repeats === undefined) return;
    position.repeats = undefined;
    this.#repeating--;
  }

  #position(kind: number, instrumentId: number, slot: number): Position {
    const rtype = (kind >>> 8) & 0xff;
    let positions = this.#byRtype[rtype];
    if (positions === undefined) {
      positions = new Map();
      this.#byRtype[rtype] = positions;
    }
    const key = (kind >>> 16) * 4_294_967_296 + (instrumentId >>> 0);
    let position = positions.get(key);
    if (position === undefined) {
      const before = { chunk: -1, beforeHi: 0, beforeLo: 0, beforeCount: 0 };
      position = { kind, instrumentId, hi: 0, lo: 0, count: 0, ...before, repeats: undefined };
      positions.set(key, position);
    }
    this.#cache[slot] = position;
    return position;
  }
}

function timeOf(position: Position): bigint {
  return (BigInt(position.hi) << 32n) | BigInt(position.lo);
}

/** Record type of a kept position. */
export function rtypeOf([kind]: PositionRow): number {
  return (kind >>> 8) & 0xff;
}
