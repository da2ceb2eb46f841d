import { deserialize, serialize } from 'node:v8';
import { afterMs } from '../core/clock/wall-timer.ts';
import type { KeepDays } from '../core/store-port.ts';
import { answered, inTime } from './deadline.ts';
import type { Spool } from './spool.ts';
import {
  type InstrumentBinding,
  marketsOf,
  SPOOL_FORM,
  type SpooledBatch,
  type StoreBatch,
  type StoreQuestion,
  type StoreWorkerData,
} from './store-batch.ts';
import type { StoreFault } from './store-fault.ts';
import { type PruneReport, pruneWords } from './tables/retention.ts';
import { compacted } from './tables/row-block.ts';

/** Pause before something that failed is tried again. */
const RETRY_MS = 500;
/** A write that takes longer is given up with its connection. */
const SILENT_MS = 60_000;
/** An answer that takes longer is given up, likewise. */
const READ_MS = 15_000;
/** How long closing waits for a database that answers. */
const CLOSE_MS = 5_000;

const SPOOLED = 'Rows are kept in the spool meanwhile.';

/** What became of a batch: stored, refused (with words), or not stored for now. */
type Outcome = 'stored' | 'waits' | { readonly refused: string };

/** A database as the writer needs it. One that has failed stays so: open anew. */
export interface StoreDatabase {
  /** Stores a batch in whole, unless it is there already. */
  write(spooled: SpooledBatch): Promise<void>;
  answer(question: StoreQuestion): Promise<unknown>;
  /** Removes what is older than it is kept for. */
  prune(keepDays: KeepDays, nowUs: number): Promise<PruneReport>;
  close(): Promise<void>;
}

/** What a kind of database is to the writer. */
export interface StoreDatabaseKind {
  /** Connects and brings the tables up to date. @param onLost called when it is lost while nothing was asked of it */
  open(onLost: () => void): Promise<StoreDatabase>;
  /** Names what is wrong, in words. */
  faultOf(error: unknown): StoreFault;
}

export interface StoreWriterOptions {
  readonly data: StoreWorkerData;
  readonly spool: Spool;
  readonly kind: StoreDatabaseKind;
  /** What is wrong, or empty when all is stored. */
  readonly onState: (trouble: string) => void;
  readonly onNotice: (words: string) => void;
}

/**
 * Brings batches to the database in their order, each once. While it is away, slow or full they are kept in the spool, and
 * nobody waits longer than the spool takes; where that takes nothing either, the batch is held until something does.
 */
export class StoreWriter {
  readonly #options: StoreWriterOptions;
  readonly #bindings = new Map<number, InstrumentBinding>();
  /** Settings that were put while the spool had something in it: newer than what the database says. */
  readonly #settings = new Map<string, string | null>();
  #number = 0;
  #database: StoreDatabase | undefined;
  #fault: StoreFault | undefined;
  /** The work of connecting and emptying the spool, while it goes on. */
  #mending: Promise<void> | undefined;
  #opening: Promise<void> = Promise.resolve();
  /** A write that took too long and may end yet. */
  #late: Promise<Outcome> | undefined;
  #closing = false;
  #closed = false;
  /** A batch could neither be stored nor spooled, and is tried again. */
  #held = false;
  /** Why a batch could neither be stored nor spooled by the end. */
  #unstored = '';
  readonly #wakes = new Set<() => void>();
  #words = '';

  constructor(options: StoreWriterOptions) {
    this.#options = options;
    this.#mend();
  }

  /**
   * Stores or spools a batch.
   * @returns why its rows are refused, or nothing; undefined when closing came before it was stored or spooled
   */
  async write(batch: StoreBatch): Promise<string | undefined> {
    for (const binding of batch.instruments) this.#bindings.set(binding.market, binding);
    const spooled = this.#spooled(batch);
    const { slowMs } = this.#options.data;
    for (let last = false; ; last = this.#closing) {
      if (this.#options.spool.records === 0) await inTime(this.#mending, last ? CLOSE_MS : slowMs);
      let attempt: Promise<Outcome> | undefined;
      if (this.#mending === undefined) {
        attempt = this.#store(spooled);
        const words = wordsOf(await inTime(attempt, slowMs));
        if (words !== undefined) return this.#released(words);
      }
      if (this.#keep(spooled)) {
        this.#held = false;
        this.#late = attempt;
        this.#mend();
        return '';
      }
      this.#held = true;
      const words = wordsOf(await attempt);
      if (words !== undefined) return this.#released(words);
      if (last) {
        this.#unstored = this.#words;
        return undefined;
      }
      this.#mend();
      await this.#pause();
    }
  }

  /** Asks the database; tries once more when the connection turns out to be lost. Throws a sentence. */
  async answer(question: StoreQuestion): Promise<unknown> {
    const put = question.ask === 'setting' ? this.#settings.get(question.name) : undefined;
    const stored = await this.#ask(question);
    return put === undefined ? stored : put === null ? undefined : JSON.parse(put);
  }

  /** Removes what is older than it is kept for. Throws a sentence. @returns what went, in a sentence */
  async prune(keepDays: KeepDays, nowUs: number): Promise<string> {
    const database = await this.#opened();
    try {
      return pruneWords(await database.prune(keepDays, nowUs));
    } catch (error) {
      throw new Error(this.#faultOf(error).words);
    }
  }

  async #opened(): Promise<StoreDatabase> {
    await this.#opening;
    if (this.#database === undefined) throw new Error(this.#fault?.words ?? 'store: closed');
    return this.#database;
  }

  async #ask(question: StoreQuestion): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      const database = await this.#opened();
      try {
        return await answered(database.answer(question), READ_MS);
      } catch (error) {
        const fault = this.#faultOf(error);
        if (fault.kind === 'rows' || attempt > 1) throw new Error(fault.words);
        this.#lost(database, fault);
      }
    }
  }

  /**
   * Stores what is spooled while the database answers, for a short time; the rest stays in the spool. Writes have ended.
   * @returns why not everything is stored or spooled, or nothing
   */
  async close(): Promise<string> {
    await inTime(this.#mending, CLOSE_MS);
    this.#closed = true;
    this.#options.spool.close();
    const database = this.#database;
    this.#database = undefined;
    const closing = database?.close().then(
      () => '',
      (error) => this.#faultOf(error).words,
    );
    const words = await inTime(closing, CLOSE_MS);
    return this.#unstored || (words ?? '');
  }

  /** From now on what fails is not tried again. */
  tryNoMore(): void {
    this.#closing = true;
    for (const wake of this.#wakes) wake();
  }

  #spooled(batch: StoreBatch): SpooledBatch {
    const { writer, runId, account } = this.#options.data;
    const bindings = Array.from(marketsOf(batch)).flatMap((market) => this.#bindings.get(market) ?? []);
    return { form: SPOOL_FORM, writer, number: ++this.#number, runId, account, bindings, batch };
  }

  /** Puts a batch into the spool; false where it takes none. */
  #keep(spooled: SpooledBatch): boolean {
    if (this.#fault?.kind === 'newer') return false;
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
    if (this.#fault !== undefined) return this.#fault.words;
    return this.#database === undefined ? 'store: opening.' : 'store: the database answers too slowly.';
  }

  /** Writes a batch to the database; one at a time. */
  async #store(spooled: SpooledBatch): Promise<Outcome> {
    const database = this.#database;
    if (database === undefined) return 'waits';
    try {
      await answered(database.write(spooled), SILENT_MS);
      this.#fault = undefined;
      return 'stored';
    } catch (error) {
      const fault = this.#faultOf(error);
      if (fault.kind === 'rows') return { refused: fault.words };
      // A full disk, and what another program holds, are no better on another connection.
      if (fault.kind === 'full' || fault.kind === 'locked') {
        this.#fault = fault;
        this.#tell(fault.words);
      } else this.#lost(database, fault);
      return 'waits';
    }
  }

  #faultOf(error: unknown): StoreFault {
    return this.#options.kind.faultOf(error);
  }

  /** Lets go of connections that are of no use any more, and makes new ones. */
  #lost(database: StoreDatabase, fault: StoreFault): void {
    if (this.#database !== database) return;
    this.#database = undefined;
    this.#fault = fault;
    database.close().catch(() => undefined);
    this.#tell(fault.words);
    this.#mend();
  }

  /** Connects and empties the spool, for as long as that takes. */
  #mend(): void {
    if (this.#mending !== undefined) return;
    this.#mending = this.#mendAll().finally(() => {
      this.#mending = undefined;
    });
  }

  async #mendAll(): Promise<void> {
    const { spool } = this.#options;
    for (;;) {
      if (this.#database === undefined) {
        this.#opening = this.#open();
        await this.#opening;
      }
      await this.#late;
      this.#late = undefined;
      if (this.#closed) return;
      if (this.#database !== undefined) {
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

  /** Stores a batch of the spool; says so where it can never be stored. */
  async #unspool(record: Buffer): Promise<Outcome> {
    const spooled = spooledIn(record);
    const outcome: Outcome =
      spooled === undefined
        ? { refused: 'store: rows that another version spooled were left out; they are in captures and journal.' }
        : await this.#store(spooled);
    if (typeof outcome === 'object') this.#options.onNotice(outcome.refused);
    return outcome;
  }

  /** Tries to connect; says what is wrong where that fails. */
  async #open(): Promise<void> {
    try {
      let database: StoreDatabase | undefined;
      const onLost = () => {
        if (database !== undefined)
          this.#lost(database, this.#faultOf(Object.assign(new Error(), { code: 'ECONNRESET' })));
      };
      database = await answered(this.#options.kind.open(onLost), SILENT_MS);
      this.#database = database;
      this.#fault = undefined;
      if (this.#options.spool.records > 0)
        this.#tell('store: the database is there; what was spooled is being stored.');
    } catch (error) {
      this.#fault = this.#faultOf(error);
      this.#tell(this.#fault.words, this.#options.spool.records > 0 ? SPOOLED : '');
    }
  }

  #tell(trouble: string, meanwhile = ''): void {
    this.#words = meanwhile === '' ? trouble : `${trouble} ${meanwhile}`;
    this.#options.onState(this.#words);
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
  if (outcome === 'stored') return '';
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
