import type { JsonCursor } from '../../codec/json/json-cursor.ts';
import type { Engine } from '../../core/engine.ts';
import { FrameError, type Resync } from '../../core/feed-port.ts';
import type { VenueStatus } from '../../core/market.ts';
import { CRC_START, crcOf, crcOver } from './crc32.ts';
import { idOfSymbol, KrakenSymbol, type KrakenSymbolSnapshot } from './kraken-symbol.ts';
import type { PairDigits } from './pair-form.ts';

/** Which of the two connections something came by: `public` or `level3`. */
export type Connection = 'public' | 'level3';

/** What the venue says of a pair, whether or not it is subscribed to. */
interface PairNote {
  readonly digits: PairDigits;
  readonly status: VenueStatus;
}

/** The symbols that have appeared, what is known of every pair, and the holes in their books. */
export class SymbolDirectory {
  readonly #engine: Engine;
  readonly #resync: Resync;
  readonly #byId = new Map<number, KrakenSymbol>();
  readonly #pairs = new Map<string, PairNote>();
  /** By symbol, in the order of appearance. */
  readonly symbols = new Map<string, KrakenSymbol>();
  /** Symbol of the item that is being read: what goes wrong concerns its book. */
  current: KrakenSymbol | undefined;
  /** Depth that the feed asks for on each connection; 0 = not known. An acknowledgement says it by symbol. */
  readonly depths: Record<Connection, number> = { public: 0, level3: 0 };
  gaps = 0;
  checksumFailures = 0;
  #system: VenueStatus = 'trading';

  constructor(engine: Engine, resync: Resync) {
    this.#engine = engine;
    this.#resync = resync;
  }

  /** The symbol that is the cursor's last text; from now on it is the current one. */
  find(cursor: JsonCursor): KrakenSymbol {
    const { bytes, textStart, textEnd } = cursor;
    let found = this.#byId.get(crcOf(crcOver(CRC_START, bytes, textStart, textEnd)));
    if (found === undefined || !cursor.is(found.bytes)) found = this.named(cursor.text());
    this.current = found;
    return found;
  }

  /** The symbol of a name; made when it appears for the first time. @throws FrameError when another symbol has the same number */
  named(symbol: string): KrakenSymbol {
    const known = this.symbols.get(symbol);
    if (known !== undefined) return known;
    const id = idOfSymbol(symbol);
    const rival = this.#byId.get(id);
    if (rival !== undefined) {
      throw new FrameError('Kraken', `${symbol} and ${rival.symbol} have the same number, use one of them`);
    }
    const made = new KrakenSymbol(symbol);
    this.symbols.set(symbol, made);
    this.#byId.set(id, made);
    const note = this.#pairs.get(symbol);
    if (note !== undefined) this.#describe(made, note.digits);
    return made;
  }

  /** The `instrument` channel describes a pair. */
  note(symbol: string, digits: PairDigits, status: VenueStatus): void {
    this.#pairs.set(symbol, { digits, status });
    const known = this.symbols.get(symbol);
    if (known === undefined) return;
    if (known.form === undefined) this.#describe(known, digits);
    else if (known.form.sameAs(digits)) known.confirm(digits);
    else {
      this.lose(known, 'its tick or lot changed', true);
      this.#describe(known, digits);
    }
    this.#tell(known);
  }

  /** A book or trade shows digits that were not expected: the form learned so far is widened, never narrowed. */
  learn(symbol: KrakenSymbol, priceDecimals: number, qtyDecimals: number): void {
    const { form } = symbol;
    const wider: PairDigits = {
      priceDecimals: Math.max(priceDecimals, form?.priceDecimals ?? 0),
      qtyDecimals: Math.max(qtyDecimals, form?.qtyDecimals ?? 0),
      tickUnits: form?.digits.defined ? form.tickUnits : 1,
      defined: form?.digits.defined ?? false,
    };
    if (form?.sameAs(wider)) return;
    if (symbol.trust === 'true') this.lose(symbol, 'its numbers became finer', true);
    this.#describe(symbol, wider);
  }

  /** The venue as a whole trades, or does not. */
  system(status: VenueStatus): void {
    this.#system = status;
    for (const symbol of this.symbols.values()) this.#tell(symbol);
  }

  /**
   * The book of a symbol is void: updates are passed over until a snapshot comes.
   * @param ask whether that snapshot has to be asked for, or comes by itself
   */
  lose(symbol: KrakenSymbol, why: string, ask: boolean): void {
    if (symbol.trust !== 'awaited') this.#gap(symbol);
    symbol.trust = 'awaited';
    if (ask) this.#resync(symbol.symbol, why);
  }

  /** The book of a symbol is void and known to be wrong: nothing of it is shown any more. */
  discard(symbol: KrakenSymbol, why: string): void {
    this.lose(symbol, why, true);
    symbol.levels = undefined;
    symbol.orders = undefined;
  }

  /** A connection is gone, or frames of it are lost; undefined = it is not known of which. */
  loseAll(connection: Connection | undefined, why: string, ask: boolean): void {
    for (const symbol of this.symbols.values()) {
      if (symbol.trust === 'none') continue;
      const own: Connection = symbol.orders === undefined ? 'public' : 'level3';
      if (connection === undefined || connection === own) this.lose(symbol, why, ask);
      // A book by order stands without the public connection, but its trades have a hole.
      else if (connection === 'public') this.#gap(symbol);
    }
  }

  snapshot(): SymbolDirectorySnapshot {
    return {
      symbols: [...this.symbols.values()].map((symbol) => symbol.snapshot()),
      pairs: [...this.#pairs].map(([symbol, note]) => ({ symbol, ...note })),
      depths: { ...this.depths },
      gaps: this.gaps,
      checksumFailures: this.checksumFailures,
      system: this.#system,
    };
  }

  restore(snapshot: SymbolDirectorySnapshot): void {
    this.symbols.clear();
    this.#byId.clear();
    this.#pairs.clear();
    this.current = undefined;
    for (const saved of snapshot.symbols) this.named(saved.symbol).restore(this.#engine, saved);
    for (const { symbol, digits, status } of snapshot.pairs) this.#pairs.set(symbol, { digits, status });
    Object.assign(this.depths, snapshot.depths);
    this.gaps = snapshot.gaps;
    this.checksumFailures = snapshot.checksumFailures;
    this.#system = snapshot.system;
  }

  #describe(symbol: KrakenSymbol, digits: PairDigits): void {
    symbol.describe(this.#engine, digits);
    this.#tell(symbol);
  }

  /** Tells the engine of a change in trading. */
  #tell(symbol: KrakenSymbol): void {
    if (symbol.market === undefined) return;
    const own = this.#pairs.get(symbol.symbol)?.status ?? 'trading';
    const status = this.#system === 'trading' ? own : this.#system;
    if (status === symbol.status) return;
    symbol.status = status;
    this.#engine.status(symbol.market, status, this.#engine.nowUs);
  }

  #gap(symbol: KrakenSymbol): void {
    if (symbol.market === undefined) return;
    if (!symbol.market.gapped) this.gaps++;
    this.#engine.gap(symbol.market, 'feed-gap');
  }
}

export interface SymbolDirectorySnapshot {
  readonly symbols: readonly KrakenSymbolSnapshot[];
  readonly pairs: readonly { readonly symbol: string; readonly digits: PairDigits; readonly status: VenueStatus }[];
  readonly depths: Readonly<Record<Connection, number>>;
  readonly gaps: number;
  readonly checksumFailures: number;
  readonly system: VenueStatus;
}
