import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EconomicEvent, NewsItem } from '../../shared/economic-calendar.ts';
import type { Instrument } from '../../shared/instruments.ts';
import type { DealRow, FillRow, OrderRow, SignalRow } from '../../shared/trading.ts';
import { afterMs, type Cancel, soon } from '../core/clock/wall-timer.ts';
import {
  type CalendarQuestion,
  type CalendarSpan,
  type InstrumentKey,
  type Store,
  type StoredBar,
  type StoredFeatures,
  type StoredProposal,
  StoreError,
  type StoreState,
} from '../core/store-port.ts';
import { emptyBatch, type StoreReply, type StoreRequest } from './store-batch.ts';

/** A batch goes out when it has this many rows, or is this old, or someone waits for it. */
const BATCH_ROWS = 500;
const BATCH_MS = 250;
/** Rows that may wait, some hours of a few markets: beyond, market rows are dropped and counted, and beyond twice as many
 * those of orders, fills and deals are refused. */
const MOST_WAITING_ROWS = 200_000;

/** What every kind of store is told. */
export interface StoreOptions {
  /** Name of this run of the engine: signals and proposals are numbered anew in each. */
  readonly runId: string;
  /** Account that orders, fills and deals belong to. */
  readonly account: string;
  /** Called when the state changes. */
  readonly onState?: (state: StoreState) => void;
  /** A sentence for the trader, such as that a damaged database was set aside. */
  readonly onNotice?: (words: string) => void;
  /** Rows that may wait. */
  readonly mostWaitingRows?: number;
}

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
 * A store whose database lives in a worker thread. This side only gathers rows; one batch is with the worker at a time, and
 * what comes meanwhile waits here, in bounds.
 */
export class WorkerStore implements Store {
  readonly #options: StoreOptions;
  readonly #worker: Worker;
  readonly #questions = new Map<number, Question>();
  readonly #known = new Set<number>();
  readonly #flights: Flight[] = [];
  #batch = emptyBatch();
  /** Rows of the batch that is gathered, and who waits for them. */
  #rows = 0;
  #waiting: Waiting[] = [];
  #timer: Cancel | undefined;
  #nextQuestion = 1;
  #state: StoreState = { ok: true, words: 'store: opening', waitingRows: 0, droppedRows: 0 };
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
    return { ...this.#state, waitingRows: this.#flights.reduce((sum, { rows }) => sum + rows, this.#rows) };
  }

  instrument(market: number, instrument: Instrument, source: string): void {
    this.#known.add(market);
    this.#batch.instruments.push({ market, instrument, source });
    this.#gathered(1);
  }

  bars(rows: readonly StoredBar[]): void {
    if (this.#admits(rows)) this.#batch.bars.push(...rows);
  }

  features(rows: readonly StoredFeatures[]): void {
    if (this.#admits(rows)) this.#batch.features.push(...rows);
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

  settingGet(name: string): Promise<unknown> {
    return this.#ask((id) => ({ type: 'setting', id, name }));
  }

  settingPut(name: string, value: unknown): Promise<void> {
    this.#batch.settings.push({ name, value: value === undefined ? null : JSON.stringify(value) });
    return this.#soonDurable(1);
  }

  latestBars(key: InstrumentKey, count: number): Promise<readonly StoredBar[]> {
    return this.#ask((id) => ({ type: 'bars', id, key, count })) as Promise<readonly StoredBar[]>;
  }

  calendar(rows: readonly EconomicEvent[], told?: CalendarSpan): Promise<void> {
    this.#batch.calendar.push({ rows, told });
    return this.#soonDurable(rows.length + 1);
  }

  calendarBetween(question: CalendarQuestion): Promise<readonly EconomicEvent[]> {
    return this.#ask((id) => ({ type: 'calendar', id, question })) as Promise<readonly EconomicEvent[]>;
  }

  news(rows: readonly NewsItem[]): Promise<void> {
    this.#batch.news.push(...rows);
    return this.#soonDurable(rows.length);
  }

  latestNews(count: number): Promise<readonly NewsItem[]> {
    return this.#ask((id) => ({ type: 'news', id, count })) as Promise<readonly NewsItem[]>;
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
    if (this.state.waitingRows > 2 * this.#mostWaiting) {
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

  #admits(rows: readonly { readonly market: number }[]): boolean {
    for (const { market } of rows) this.#check(market);
    return this.#room(rows.length);
  }

  #check(market: number): void {
    if (!this.#known.has(market))
      throw new Error(`store: market ${market} was never described; call instrument() first`);
  }

  get #mostWaiting(): number {
    return this.#options.mostWaitingRows ?? MOST_WAITING_ROWS;
  }

  /** Counts rows in, or counts them as dropped when too many wait. */
  #room(rows: number): boolean {
    if (this.#gone === undefined && this.state.waitingRows + rows <= this.#mostWaiting) {
      this.#gathered(rows);
      return true;
    }
    const droppedRows = this.#state.droppedRows + rows;
    const first = this.#state.droppedRows === 0;
    this.#state = { ...this.#state, droppedRows };
    if (first) this.#options.onState?.(this.state);
    return false;
  }

  #gathered(rows: number): void {
    this.#rows += rows;
    if (this.#flights.length > 0 || this.#gone !== undefined) return;
    const pressing = this.#waiting.length > 0 || this.#rows >= BATCH_ROWS;
    if (pressing) {
      // Rows that are told together in one turn of the engine go together.
      this.#timer?.();
      this.#timer = soon(() => this.#send());
    } else this.#timer ??= afterMs(BATCH_MS, () => this.#send(), { unref: true });
  }

  #send(): void {
    this.#timer?.();
    this.#timer = undefined;
    if (this.#rows === 0) return;
    this.#flights.push({ rows: this.#rows, waiting: this.#waiting });
    this.#post({ type: 'write', batch: this.#batch });
    this.#batch = emptyBatch();
    this.#rows = 0;
    this.#waiting = [];
  }

  #take(reply: StoreReply): void {
    switch (reply.type) {
      case 'written':
        for (const { resolve } of this.#flights.shift()?.waiting ?? []) resolve();
        if (this.#rows > 0) this.#gathered(0);
        return;
      case 'unwritable': {
        const error = new StoreError(reply.words);
        for (const { reject } of this.#flights.shift()?.waiting ?? []) reject(error);
        this.#options.onNotice?.(reply.words);
        if (this.#rows > 0) this.#gathered(0);
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

  #ask(question: (id: number) => StoreRequest): Promise<unknown> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    const id = this.#nextQuestion++;
    return new Promise((resolve, reject) => {
      this.#questions.set(id, { resolve, reject });
      this.#post(question(id));
    });
  }

  #post(request: StoreRequest): void {
    this.#worker.postMessage(request);
  }
}
