import { deserialize, serialize } from 'node:v8';
import { afterMs } from '../core/clock/wall-timer.ts';
import { answered, inTime } from './deadline.ts';
import type { KeptDatabase } from './kept-database.ts';
import type { Spool } from './spool.ts';
import { SPOOL_FORM, type SpooledBatch } from './store-batch.ts';
import type { LeftOut, StoreDatabase } from './store-database.ts';
import { DayFileError, type StoreFault } from './store-fault.ts';
import { compacted } from './tables/row-block.ts';

/** Pause before something that failed is tried again. */
const RETRY_MS = 500;
/** A write that takes longer is given up with its connection. */
const SILENT_MS = 60_000;
/** How long closing waits for a database that answers. */
export const CLOSE_MS = 5_000;

const SPOOLED = 'Rows are kept in the spool meanwhile.';

/** What became of a batch: nothing yet, or stored; then it says what refused rows that can't be made again, or is empty. */
type Outcome = 'waits' | { readonly refused: string };

export interface BatchLaneOptions {
  readonly kept: KeptDatabase;
  readonly spool: Spool;
  /** Milliseconds after which a write that still runs is spooled as well. */
  readonly slowMs: number;
  /** Stores what batches of this lane hold. */
  readonly store: (database: StoreDatabase, spooled: SpooledBatch) => Promise<LeftOut>;
  /** What is wrong, or empty when all is stored. */
  readonly onTrouble: (words: string) => void;
  readonly onNotice: (words: string) => void;
  /** Told how many market rows the database did not take as its own. */
  readonly onPassed: (rows: number) => void;
}

/**
 * Brings batches to the database in their order, each once. While it is away, slow or full they are kept in the spool, and
 * nobody waits longer than the spool takes; where that takes nothing either, the batch is held until something does.
 */
export class BatchLane {
  readonly #options: BatchLaneOptions;
  /** Settings that were put while the spool had something in it: newer than what the database says. */
  readonly #settings = new Map<string, string | null>();
  #queue: Promise<unknown> = Promise.resolve();
  #fault: StoreFault | undefined;
  /** The work of connecting and emptying the spool, while it goes on. */
  #mending: Promise<void> | undefined;
  /** A write that took too long and may end yet. */
  #late: Promise<Outcome> | undefined;
  #closing = false;
  #closed = false;
  /** A batch could neither be stored nor spooled, and is tried again. */
  #held = false;
  /** Why a batch could neither be stored nor spooled by the end. */
  #unstored = '';
  readonly #wakes = new Set<() => void>();
  /** Of batches that are not done: told when one is held, and the others behind it. */
  readonly #onHeld = new Set<() => void>();
  #words = '';

  constructor(options: BatchLaneOptions) {
    this.#options = options;
    this.mend();
  }

  /**
   * Stores or spools a batch, after those before it.
   * @param onHeld called when it has to wait because it, or one before it, could neither be stored nor spooled
   * @returns why its rows are refused, or nothing; undefined when closing came before it was stored or spooled
   */
  write(spooled: SpooledBatch, onHeld: () => void = () => undefined): Promise<string | undefined> {
    if (this.#held) onHeld();
    this.#onHeld.add(onHeld);
    const written = this.#queue.then(() => this.#write(spooled)).finally(() => this.#onHeld.delete(onHeld));
    this.#queue = written.catch(() => undefined);
    return written;
  }

  /** A setting as it waits in the spool: null = taken away, undefined = none does. */
  settingPut(name: string): string | null | undefined {
    return this.#settings.get(name);
  }

  /** From now on what fails is not tried again. */
  tryNoMore(): void {
    this.#closing = true;
    for (const wake of this.#wakes) wake();
  }

  /**
   * Stores what is spooled while the database answers, for a short time; the rest stays in the spool. Trying has ended.
   * @returns why not everything is stored or spooled, or nothing
   */
  async close(): Promise<string> {
    await this.#queue;
    await inTime(this.#mending, CLOSE_MS);
    this.#closed = true;
    this.#options.spool.close();
    return this.#unstored;
  }

  /** Connects and empties the spool, for as long as that takes. */
  mend(): void {
    if (this.#mending !== undefined) return;
    this.#mending = this.#mendAll().finally(() => {
      this.#mending = undefined;
    });
  }

  async #write(spooled: SpooledBatch): Promise<string | undefined> {
    const { spool, slowMs } = this.#options;
    for (let last = false; ; last = this.#closing) {
      if (spool.records === 0) await inTime(this.#mending, last ? CLOSE_MS : slowMs);
      let attempt: Promise<Outcome> | undefined;
      if (this.#mending === undefined) {
        attempt = this.#store(spooled);
        const words = wordsOf(await inTime(attempt, slowMs));
        if (words !== undefined) return this.#released(words);
      }
      if (this.#keep(spooled)) {
        this.#held = false;
        this.#late = attempt;
        this.mend();
        return '';
      }
      this.#hold();
      const words = wordsOf(await attempt);
      if (words !== undefined) return this.#released(words);
      if (last) {
        this.#unstored = this.#words;
        return undefined;
      }
      this.mend();
      await this.#pause();
    }
  }

  /** Puts a batch into the spool; false where it takes none. */
  #keep(spooled: SpooledBatch): boolean {
    // This program will never be able to write there.
    if (this.#options.kept.fault?.kind === 'newer') return false;
    try {
      this.#options.spool.append(serialize(compactedBatch(spooled)));
      for (const { name, value } of spooled.batch.settings) this.#settings.set(name, value);
      this.#tell(this.#reason, SPOOLED);
      return true;
    } catch (error) {
      this.#tell(this.#reason, `Rows wait in memory: ${(error as Error).message}.`);
      return false;
    }
  }

  #hold(): void {
    this.#held = true;
    for (const onHeld of this.#onHeld) onHeld();
  }

  /** The batch that was held is no longer. */
  #released(words: string): string {
    if (this.#held) {
      this.#held = false;
      if (this.#mending === undefined) this.#tell('');
    }
    return words;
  }

  /** Why rows don't go to the database now. */
  get #reason(): string {
    const { kept } = this.#options;
    const fault = kept.database === undefined ? kept.fault : this.#fault;
    if (fault !== undefined) return fault.words;
    return kept.database === undefined ? 'store: opening.' : 'store: the database answers too slowly.';
  }

  /** Writes a batch to the database; one at a time. */
  async #store(spooled: SpooledBatch): Promise<Outcome> {
    const { kept, spool, store, onNotice, onPassed } = this.#options;
    const { database } = kept;
    if (database === undefined) return 'waits';
    try {
      const { durable, market, passedRows } = await answered(store(database, spooled), SILENT_MS);
      this.#fault = undefined;
      if (market !== undefined) onNotice(kept.faultOf(market).words);
      if (passedRows > 0) onPassed(passedRows);
      return { refused: durable === undefined ? '' : kept.faultOf(durable).words };
    } catch (error) {
      const fault = kept.faultOf(error);
      if (fault.kind === 'rows') return { refused: fault.words };
      this.#fault = fault;
      this.#tell(fault.words, spool.records > 0 ? SPOOLED : '');
      // A full disk, what another program holds, and the file of a day are no better on another connection.
      if (fault.kind !== 'full' && fault.kind !== 'locked' && !(error instanceof DayFileError))
        kept.lost(database, fault);
      return 'waits';
    }
  }

  async #mendAll(): Promise<void> {
    const { kept, spool } = this.#options;
    for (;;) {
      if (kept.database === undefined) await this.#open();
      await this.#late;
      this.#late = undefined;
      if (this.#closed) return;
      if (kept.database !== undefined) {
        const next = spool.peek();
        if (next === undefined) break;
        const outcome = await this.#unspool(next);
        if (this.#closed) return;
        if (outcome !== 'waits') {
          spool.shift();
          continue;
        }
      }
      if (this.#closing) return;
      await this.#pause();
    }
    this.#settings.clear();
    if (!this.#held) this.#tell('');
  }

  /** Tries to connect; says what is wrong where that fails. */
  async #open(): Promise<void> {
    const { kept, spool } = this.#options;
    await kept.open();
    if (kept.database === undefined) this.#tell(this.#reason, spool.records > 0 ? SPOOLED : '');
    else {
      this.#fault = undefined;
      if (spool.records > 0) this.#tell('store: the database is there; what was spooled is being stored.');
    }
  }

  /** Stores a batch of the spool; says so where it can never be stored. */
  async #unspool(record: Buffer): Promise<Outcome> {
    const spooled = spooledIn(record);
    const outcome: Outcome =
      spooled === undefined
        ? { refused: 'store: rows that another version spooled were left out; they are in captures and journal.' }
        : await this.#store(spooled);
    if (outcome !== 'waits' && outcome.refused !== '') this.#options.onNotice(outcome.refused);
    return outcome;
  }

  #tell(trouble: string, meanwhile = ''): void {
    this.#words = meanwhile === '' ? trouble : `${trouble} ${meanwhile}`;
    this.#options.onTrouble(this.#words);
  }

  async #pause(): Promise<void> {
    if (this.#closing) return;
    const over = Promise.withResolvers<void>();
    const cancel = afterMs(RETRY_MS, over.resolve);
    this.#wakes.add(over.resolve);
    await over.promise;
    cancel();
    this.#wakes.delete(over.resolve);
  }
}

/** Why a batch is refused, or nothing when it is stored; undefined when it is neither. */
function wordsOf(outcome: Outcome | undefined): string | undefined {
  return outcome === undefined || outcome === 'waits' ? undefined : outcome.refused;
}

/** A batch as it is kept on disk: without room for rows that never came. */
function compactedBatch(spooled: SpooledBatch): SpooledBatch {
  return { ...spooled, batch: { ...spooled.batch, blocks: spooled.batch.blocks.map(compacted) } };
}

/** The batch in a record of the spool, or undefined where another version of the program wrote it. */
function spooledIn(record: Buffer): SpooledBatch | undefined {
  try {
    const spooled = deserialize(record) as SpooledBatch;
    return spooled.form === SPOOL_FORM ? spooled : undefined;
  } catch {
    return undefined;
  }
}
