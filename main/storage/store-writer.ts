import type { KeepDays } from '../core/store-port.ts';
import { BatchLane, type BatchLaneOptions, CLOSE_MS } from './batch-lane.ts';
import { KeptDatabase } from './kept-database.ts';
import type { Spool } from './spool.ts';
import {
  emptyBatch,
  type InstrumentBinding,
  isDurable,
  isMarket,
  marketsOf,
  rowsIn,
  SPOOL_FORM,
  type SpooledBatch,
  type StoreBatch,
  type StoreQuestion,
  type StoreWorkerData,
} from './store-batch.ts';
import type { StoreDatabaseKind } from './store-database.ts';

export interface StoreWriterOptions {
  readonly data: StoreWorkerData;
  readonly kind: StoreDatabaseKind;
  /** Opens the spool of a lane: of everything, or of the market rows that are stored apart. */
  readonly spoolOf: (lane: 'all' | 'days') => Spool;
  /** What is wrong, or empty when all is stored. */
  readonly onState: (trouble: string) => void;
  readonly onNotice: (words: string) => void;
  /** Told how many market rows wait here, since they could neither be stored nor spooled. */
  readonly onHeld: (rows: number) => void;
  /** Told how many market rows the database did not take as its own. */
  readonly onPassed: (rows: number) => void;
}

/**
 * Brings batches to the database, in their order and each once. Where market rows have files of their own, they have a lane
 * of their own too: a full or damaged file of a day holds up neither an order nor what is said of it.
 */
export class StoreWriter {
  readonly #options: StoreWriterOptions;
  readonly #kept: KeptDatabase;
  readonly #all: BatchLane;
  readonly #days: BatchLane | undefined;
  readonly #bindings = new Map<number, InstrumentBinding>();
  readonly #trouble = { all: '', days: '' };
  #number = 0;
  #held = 0;

  constructor(options: StoreWriterOptions) {
    this.#options = options;
    const { kind } = options;
    this.#kept = new KeptDatabase(kind, () => {
      this.#all.mend();
      this.#days?.mend();
    });
    this.#all = this.#lane('all', async (database, spooled) => {
      const left = await database.write(spooled);
      // Earlier versions spooled both in one.
      if (database.writeDays === undefined || spooled.batch.blocks.length === 0) return left;
      const { market, passedRows } = await database.writeDays(spooled);
      return { ...left, market: left.market ?? market, passedRows };
    });
    if (kind.daysApart) this.#days = this.#lane('days', (database, spooled) => database.writeDays!(spooled));
  }

  /**
   * Stores or spools a batch; market rows that have a lane of their own may also be held here.
   * @returns why rows are refused that can't be made again, or nothing; undefined when closing came before they were stored
   * or spooled
   */
  async write(batch: StoreBatch): Promise<string | undefined> {
    for (const binding of batch.instruments) this.#bindings.set(binding.market, binding);
    this.#number++;
    if (this.#days === undefined || batch.blocks.length === 0) return this.#all.write(this.#spooled(batch));
    const days = this.#writeDays(this.#days, this.#spooled({ ...emptyBatch(), blocks: batch.blocks }));
    const others = this.#spooled({ ...batch, blocks: [] });
    const some = batch.instruments.length > 0 || isDurable(batch) || isMarket(others.batch);
    const words = some ? await this.#all.write(others) : '';
    await days;
    return words;
  }

  /** Writes market rows in their lane. Resolves when they are stored, spooled or held. */
  async #writeDays(lane: BatchLane, spooled: SpooledBatch): Promise<void> {
    const rows = rowsIn(spooled.batch.blocks);
    let held = false;
    const goOn = Promise.withResolvers<void>();
    const onHeld = () => {
      if (!held) this.#hold(rows);
      held = true;
      goOn.resolve();
    };
    lane.write(spooled, onHeld).then((refused) => {
      if (held) this.#hold(-rows);
      if (refused !== undefined && refused !== '') this.#options.onNotice(refused);
      goOn.resolve();
    }, goOn.reject);
    await goOn.promise;
  }

  /** Asks the database; tries once more when the connection turns out to be lost. Throws a sentence. */
  async answer(question: StoreQuestion): Promise<unknown> {
    const put = question.ask === 'setting' ? this.#all.settingPut(question.name) : undefined;
    const stored = await this.#kept.answer(question);
    return put === undefined ? stored : put === null ? undefined : JSON.parse(put);
  }

  /** Removes what is older than it is kept for. Throws a sentence. @returns what went, in a sentence */
  prune(keepDays: KeepDays, nowUs: number): Promise<string> {
    return this.#kept.prune(keepDays, nowUs);
  }

  /** From now on what fails is not tried again. */
  tryNoMore(): void {
    this.#all.tryNoMore();
    this.#days?.tryNoMore();
  }

  /**
   * Stores what is spooled while the database answers, for a short time; the rest stays in the spool. Writes have ended.
   * @returns why not everything is stored or spooled, or nothing
   */
  async close(): Promise<string> {
    const unstored = await Promise.all([this.#all.close(), this.#days?.close() ?? '']);
    const words = await this.#kept.close(CLOSE_MS);
    return unstored.find((reason) => reason !== '') ?? words;
  }

  #lane(name: 'all' | 'days', store: BatchLaneOptions['store']): BatchLane {
    const { data, spoolOf, onState, onNotice, onPassed } = this.#options;
    const onTrouble = (words: string) => {
      this.#trouble[name] = words;
      // What is wrong with all of it is wrong with the days as well, and said once.
      onState(this.#trouble.all || this.#trouble.days);
    };
    const options = {
      kept: this.#kept,
      spool: spoolOf(name),
      slowMs: data.slowMs,
      store,
      onTrouble,
      onNotice,
      onPassed,
    };
    return new BatchLane(options);
  }

  #spooled(batch: StoreBatch): SpooledBatch {
    const { writer, runId, account } = this.#options.data;
    const bindings = Array.from(marketsOf(batch)).flatMap((market) => this.#bindings.get(market) ?? []);
    return { form: SPOOL_FORM, writer, number: this.#number, runId, account, bindings, batch };
  }

  #hold(rows: number): void {
    this.#held += rows;
    this.#options.onHeld(this.#held);
  }
}
