import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EconomicEvent, NewsItem } from '../../shared/economic-calendar.ts';
import type { Instrument } from '../../shared/instruments.ts';
import type { DealRow, FillRow, OrderRow, SignalRow } from '../../shared/trading.ts';
import { afterMs, type Cancel, soon } from '../core/clock/wall-timer.ts';
import {
  type CalendarQuestion,
  type CalendarSpan,
  type Decision,
  type FeatureQuestion,
  type FeatureSeries,
  type InstrumentKey,
  type KeepDays,
  type MarketTable,
  type NewsGate,
  type RangeQuestion,
  type RowPlace,
  type Store,
  type StoredBar,
  type StoredMapping,
  type StoredNote,
  type StoredProposal,
  type StoredSession,
  type StoredVerdict,
  StoreError,
  type StoreState,
  type TimeSpan,
  type TradeSeries,
} from '../core/store-port.ts';
import { emptyBatch, type StoreQuestion, type StoreReply, type StoreRequest } from './store-batch.ts';
import type { StoreOptions } from './store-options.ts';
import { RowGatherers } from './tables/row-gatherers.ts';
import { lineOf } from './tables/table-rows.ts';

/** A batch goes out when it has this many rows, or is this old, or someone waits for it. */
const BATCH_ROWS = 4_000;
const BATCH_MS = 250;
/** A batch of so many rows goes to the worker while it still writes the one before. */
const AHEAD_ROWS = 16_000;
/** Rows that may wait, some tens of megabytes: beyond, market rows are dropped and counted, and beyond twice as many
 * those of orders, fills and deals are refused. */
const MOST_WAITING_ROWS = 400_000;

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: StoreError) => void;
}

/** A batch that is with the worker. */
interface Flight {
  readonly rows: number;
  readonly waiting: readonly Waiting[];
}

interface Question {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: StoreError) => void;
}

/**
 * A store whose database lives in a worker thread. This side only gathers rows; one batch, under load two, is with the worker, and
 * what comes meanwhile waits here, in bounds.
 */
export class WorkerStore implements Store {
  readonly #options: StoreOptions;
  readonly #worker: Worker;
  readonly #questions = new Map<number, Question>();
  /** The line of each market that was described. */
  readonly #lines = new Map<number, string>();
  readonly #flights: Flight[] = [];
  readonly #gatherers = new RowGatherers();
  #batch = emptyBatch();
  /** Rows of the batch that is gathered, and who waits for them. */
  #rows = 0;
  #rowsInFlight = 0;
  /** Market rows that the worker has and could neither store nor spool. */
  #rowsHeld = 0;
  #waiting: Waiting[] = [];
  #timer: Cancel | undefined;
  #pressing = false;
  #nextQuestion = 1;
  #state: StoreState = { ok: true, words: 'store: opening', waitingRows: 0, droppedRows: 0, passedRows: 0 };
  #closing: { resolve: () => void; reject: (error: StoreError) => void } | undefined;
  #gone: StoreError | undefined;

  /**
   * @param worker name of the module in this folder that is the worker; it takes `StoreRequest` and tells `StoreReply`
   * @param data what the worker is started with
   */
  constructor(options: StoreOptions, worker: string, data: object) {
    this.#options = options;
    const url = new URL(`../storage/${worker}${extname(import.meta.filename)}`, import.meta.url);
    this.#worker = new Worker(url, { workerData: data, name: 'fathom-store' });
    this.#worker.on('message', (reply: StoreReply) => this.#take(reply));
    this.#worker.on('error', (error: Error) => this.#stop(`store: its thread failed (${error.message})`));
    this.#worker.on('exit', () => this.#stop('store: closed'));
  }

  get state(): StoreState {
    const { droppedRows, passedRows } = this.#state;
    let { words } = this.#state;
    const and = (more: string) => {
      words += words.endsWith('.') ? ` ${more}.` : `; ${more}`;
    };
    if (droppedRows > 0) and(`${droppedRows} market rows were not kept, since too many waited`);
    if (passedRows > 0) and(`${passedRows} market rows were left out, which are not this program's to store`);
    return { ...this.#state, words, waitingRows: this.#waitingRows };
  }

  instrument(market: number, instrument: Instrument, symbol = lineOf(instrument)): void {
    // What was gathered of the market belongs to what it was until now.
    if ((this.#lines.get(market) ?? symbol) !== symbol) this.#send();
    this.#lines.set(market, symbol);
    this.#batch.instruments.push({ market, instrument, symbol });
    this.#gathered(1);
  }

  row(table: MarketTable): RowPlace {
    if (this.#gone === undefined && this.#waitingRows < this.#mostWaiting) {
      this.#gathered(1);
      return this.#gatherers.place(table);
    }
    this.#dropped(1);
    return this.#gatherers.nowhere;
  }

  bars(rows: readonly StoredBar[]): void {
    for (const { market } of rows) this.#check(market);
    if (this.#room(rows.length)) this.#batch.bars.push(...rows);
  }

  signals(rows: readonly SignalRow[]): void {
    if (this.#room(rows.length)) this.#batch.signals.push(...rows);
  }

  proposals(rows: readonly StoredProposal[]): void {
    for (const { proposal } of rows) this.#check(proposal.market);
    if (this.#room(rows.length)) this.#batch.proposals.push(...rows);
  }

  orders(rows: readonly OrderRow[]): Promise<void> {
    return this.#durable(rows, this.#batch.orders);
  }

  fills(rows: readonly FillRow[]): Promise<void> {
    return this.#durable(rows, this.#batch.fills);
  }

  deals(rows: readonly DealRow[]): Promise<void> {
    return this.#durable(rows, this.#batch.deals);
  }

  verdicts(rows: readonly StoredVerdict[]): Promise<void> {
    this.#batch.verdicts.push(...rows);
    return this.#soonDurable(rows.length);
  }

  newsGates(rows: readonly NewsGate[], told?: TimeSpan): Promise<void> {
    this.#batch.gates.push({ rows, told });
    return this.#soonDurable(rows.length + 1);
  }

  mappings(rows: readonly StoredMapping[]): Promise<void> {
    for (const { signal, execution } of rows) for (const market of [signal, execution]) this.#check(market);
    this.#batch.mappings.push(...rows);
    return this.#soonDurable(rows.length);
  }

  notes(rows: readonly StoredNote[]): Promise<void> {
    this.#batch.notes.push(...rows);
    return this.#soonDurable(rows.length);
  }

  session(row: StoredSession): Promise<void> {
    this.#batch.sessions.push(row);
    return this.#soonDurable(1);
  }

  settingGet(name: string): Promise<unknown> {
    return this.#ask({ ask: 'setting', name });
  }

  settingPut(name: string, value: unknown): Promise<void> {
    this.#batch.settings.push({ name, value: value === undefined ? null : JSON.stringify(value) });
    return this.#soonDurable(1);
  }

  latestBars(key: InstrumentKey, count: number): Promise<readonly StoredBar[]> {
    return this.#ask({ ask: 'bars', key, count });
  }

  calendar(rows: readonly EconomicEvent[], told?: CalendarSpan): Promise<void> {
    this.#batch.calendar.push({ rows, told });
    return this.#soonDurable(rows.length + 1);
  }

  calendarBetween(question: CalendarQuestion): Promise<readonly EconomicEvent[]> {
    return this.#ask({ ask: 'calendar', question });
  }

  news(rows: readonly NewsItem[]): Promise<void> {
    this.#batch.news.push(...rows);
    return this.#soonDurable(rows.length);
  }

  latestNews(count: number): Promise<readonly NewsItem[]> {
    return this.#ask({ ask: 'news', count });
  }

  featuresBetween(question: FeatureQuestion): Promise<FeatureSeries> {
    return this.#ask({ ask: 'features', question });
  }

  tradesBetween(question: RangeQuestion, most: number): Promise<TradeSeries> {
    return this.#ask({ ask: 'trades', question, most });
  }

  gatesAt(us: number): Promise<readonly NewsGate[]> {
    return this.#ask({ ask: 'gates', us });
  }

  decisionsBetween(fromUs: number, toUs: number): Promise<readonly Decision[]> {
    return this.#ask({ ask: 'decisions', fromUs, toUs });
  }

  prune(keepDays: KeepDays, nowUs: number): Promise<string> {
    return this.#request((id) => ({ type: 'prune', id, keepDays, nowUs }));
  }

  async close(): Promise<void> {
    if (this.#gone !== undefined) return;
    this.#timer?.();
    this.#timer = undefined;
    const closed = new Promise<void>((resolve, reject) => {
      this.#closing = { resolve, reject };
    });
    this.#send();
    this.#post({ type: 'close' });
    await closed;
  }

  #durable<Row extends { readonly market: number }>(rows: readonly Row[], into: Row[]): Promise<void> {
    for (const { market } of rows) this.#check(market);
    if (this.#waitingRows > 2 * this.#mostWaiting) {
      return Promise.reject(new StoreError(`${this.#state.words} Too many rows wait already; this one is not stored.`));
    }
    into.push(...rows);
    return this.#soonDurable(rows.length);
  }

  #soonDurable(rows: number): Promise<void> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    const promise = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
    this.#gathered(rows);
    return promise;
  }

  #check(market: number): void {
    if (!this.#lines.has(market))
      throw new Error(`store: market ${market} was never described; call instrument() first`);
  }

  get #mostWaiting(): number {
    return this.#options.mostWaitingRows ?? MOST_WAITING_ROWS;
  }

  get #waitingRows(): number {
    return this.#rowsInFlight + this.#rowsHeld + this.#rows;
  }

  /** Counts rows in, or counts them as dropped when too many wait. */
  #room(rows: number): boolean {
    if (this.#gone === undefined && this.#waitingRows + rows <= this.#mostWaiting) {
      this.#gathered(rows);
      return true;
    }
    this.#dropped(rows);
    return false;
  }

  #dropped(rows: number): void {
    const first = this.#state.droppedRows === 0;
    this.#state = { ...this.#state, droppedRows: this.#state.droppedRows + rows };
    if (first) this.#options.onState?.(this.state);
  }

  #gathered(rows: number): void {
    this.#rows += rows;
    if (this.#gone !== undefined || this.#pressing) return;
    if (this.#flights.length > 0) {
      // Under load the next batch is there already when the worker has done with this one.
      if (this.#flights.length > 1 || this.#rows < AHEAD_ROWS) return;
    }
    if (this.#waiting.length > 0 || this.#rows >= BATCH_ROWS) {
      // Rows that are told together in one turn of the engine go together.
      this.#timer?.();
      this.#pressing = true;
      this.#timer = soon(() => this.#send());
    } else this.#timer ??= afterMs(BATCH_MS, () => this.#send(), { unref: true });
  }

  #send(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#pressing = false;
    if (this.#rows === 0 && this.#waiting.length === 0) return;
    const batch = this.#batch;
    this.#gatherers.take(batch.blocks);
    this.#flights.push({ rows: this.#rows, waiting: this.#waiting });
    this.#rowsInFlight += this.#rows;
    this.#post(
      { type: 'write', batch },
      batch.blocks.map(({ values }) => values.buffer as ArrayBuffer),
    );
    this.#batch = emptyBatch();
    this.#rows = 0;
    this.#waiting = [];
  }

  /** The oldest batch is with the worker no longer. */
  #landed(): readonly Waiting[] {
    const flight = this.#flights.shift();
    this.#rowsInFlight -= flight?.rows ?? 0;
    return flight?.waiting ?? [];
  }

  #take(reply: StoreReply): void {
    switch (reply.type) {
      case 'written':
        for (const { resolve } of this.#landed()) resolve();
        if (this.#rows > 0 || this.#waiting.length > 0) this.#gathered(0);
        return;
      case 'unwritable': {
        const error = new StoreError(reply.words);
        for (const { reject } of this.#landed()) reject(error);
        this.#options.onNotice?.(reply.words);
        if (this.#rows > 0 || this.#waiting.length > 0) this.#gathered(0);
        return;
      }
      case 'answer':
        this.#questions.get(reply.id)?.resolve(reply.value);
        this.#questions.delete(reply.id);
        return;
      case 'refusal':
        this.#questions.get(reply.id)?.reject(new StoreError(reply.words));
        this.#questions.delete(reply.id);
        return;
      case 'state':
        this.#state = { ...this.#state, ok: reply.ok, words: reply.words };
        this.#options.onState?.(this.state);
        return;
      case 'notice':
        this.#options.onNotice?.(reply.words);
        return;
      case 'held':
        this.#rowsHeld = reply.rows;
        return;
      case 'passed':
        this.#state = { ...this.#state, passedRows: this.#state.passedRows + reply.rows };
        return;
      case 'closed':
        this.#stop(reply.words);
    }
  }

  /** The worker is gone: nobody waits for it any longer. */
  #stop(words: string): void {
    if (this.#gone !== undefined) return;
    const clean = words === '';
    this.#gone = new StoreError(clean ? 'store: closed' : words);
    const waiting = [...this.#flights.flatMap((flight) => flight.waiting), ...this.#waiting];
    for (const { reject } of waiting) reject(this.#gone);
    for (const { reject } of this.#questions.values()) reject(this.#gone);
    this.#questions.clear();
    this.#state = { ...this.#state, ok: clean, words: this.#gone.message };
    if (this.#closing === undefined) this.#options.onState?.(this.state);
    else if (clean) this.#closing.resolve();
    else this.#closing.reject(this.#gone);
  }

  #ask<Answer>(question: StoreQuestion): Promise<Answer> {
    return this.#request((id) => ({ type: 'ask', id, question }));
  }

  #request<Answer>(request: (id: number) => StoreRequest): Promise<Answer> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    const id = this.#nextQuestion++;
    return new Promise<Answer>((resolve, reject) => {
      this.#questions.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#post(request(id));
    });
  }

  /** @param given arrays that are the worker's from now on */
  #post(request: StoreRequest, given: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, given);
  }
}
