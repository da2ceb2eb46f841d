import type { KeepDays } from '../core/store-port.ts';
import { answered, inTime } from './deadline.ts';
import type { StoreQuestion } from './store-batch.ts';
import type { StoreDatabase, StoreDatabaseKind } from './store-database.ts';
import type { StoreFault } from './store-fault.ts';
import { pruneWords } from './tables/retention.ts';

/** Connecting that takes longer is given up. */
const SILENT_MS = 60_000;
/** An answer that takes longer is given up with its connection. */
const READ_MS = 15_000;

/** The database while it comes and goes: one at a time, made anew when it is lost and somebody asks for it. */
export class KeptDatabase {
  readonly #kind: StoreDatabaseKind;
  readonly #onLost: () => void;
  #database: StoreDatabase | undefined;
  #fault: StoreFault | undefined;
  /** The last attempt to connect, and whether it goes on. */
  #opening: Promise<void> = Promise.resolve();
  #isOpening = false;

  /** @param onLost called when the database was lost: it is to be opened again */
  constructor(kind: StoreDatabaseKind, onLost: () => void) {
    this.#kind = kind;
    this.#onLost = onLost;
  }

  get database(): StoreDatabase | undefined {
    return this.#database;
  }

  /** Why there is none, where that is known. */
  get fault(): StoreFault | undefined {
    return this.#fault;
  }

  faultOf(error: unknown): StoreFault {
    return this.#kind.faultOf(error);
  }

  /** Tries to connect, once for all who ask meanwhile; `fault` says why where that fails. */
  open(): Promise<void> {
    if (this.#database !== undefined || this.#isOpening) return this.#opening;
    this.#isOpening = true;
    this.#opening = this.#open().finally(() => {
      this.#isOpening = false;
    });
    return this.#opening;
  }

  async #open(): Promise<void> {
    try {
      let database: StoreDatabase | undefined;
      const onLost = () => {
        if (database !== undefined)
          this.lost(database, this.faultOf(Object.assign(new Error(), { code: 'ECONNRESET' })));
      };
      database = await answered(this.#kind.open(onLost), SILENT_MS);
      this.#database = database;
      this.#fault = undefined;
    } catch (error) {
      this.#fault = this.faultOf(error);
    }
  }

  /** Lets go of connections that are of no use any more. */
  lost(database: StoreDatabase, fault: StoreFault): void {
    if (this.#database !== database) return;
    this.#database = undefined;
    this.#fault = fault;
    database.close().catch(() => undefined);
    this.#onLost();
  }

  /** Asks the database; tries once more when the connection turns out to be lost. Throws a sentence. */
  async answer(question: StoreQuestion): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      const database = await this.#opened();
      try {
        return await answered(database.answer(question), READ_MS);
      } catch (error) {
        const fault = this.faultOf(error);
        if (fault.kind === 'rows' || attempt > 1) throw new Error(fault.words);
        this.lost(database, fault);
      }
    }
  }

  /** Removes what is older than it is kept for. Throws a sentence. @returns what went, in a sentence */
  async prune(keepDays: KeepDays, nowUs: number): Promise<string> {
    const database = await this.#opened();
    try {
      return pruneWords(await database.prune(keepDays, nowUs));
    } catch (error) {
      throw new Error(this.faultOf(error).words);
    }
  }

  /** Closes it, within a time. @returns why that went wrong, or nothing */
  async close(ms: number): Promise<string> {
    const database = this.#database;
    this.#database = undefined;
    const closing = database?.close().then(
      () => '',
      (error) => this.faultOf(error).words,
    );
    return (await inTime(closing, ms)) ?? '';
  }

  async #opened(): Promise<StoreDatabase> {
    await this.#opening;
    if (this.#database === undefined) throw new Error(this.#fault?.words ?? 'store: closed');
    return this.#database;
  }
}
