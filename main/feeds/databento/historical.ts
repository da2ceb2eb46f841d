import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { decompressZstd } from '../../codec/dbn/zstd.ts';
import type { Clock } from '../../core/clock/clock.ts';
import type { Random } from '../../core/clock/random.ts';
import { afterMs } from '../../core/clock/wall-timer.ts';
import { Backoff } from '../socket/backoff.ts';
import { HttpFault, type HttpRequest, type HttpStream, httpStream, retryAfterMs } from '../socket/http-request.ts';
import { errorOfAnswer, HistoricalError } from './historical-error.ts';
import type { LiveStype } from './live-handshake.ts';

const DEFAULT_URL = 'https://hist.databento.com';
/** Symbols that one request may name. */
const MOST_SYMBOLS = 2_000;
/** Larger requests are refused unless they are confirmed. */
const CONFIRM_BYTES = 50_000_000;
/** Who is told to wait longer gives up for now: nobody looks at a request that hangs for minutes. */
const MOST_ASKED_MS = 120_000;

export interface HistoricalOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly key: string | undefined;
  /** Default Databento's own. */
  readonly url?: string;
  /** Time to the head of an answer, and between the pieces of its body. Default 60 s. */
  readonly timeoutMs?: number;
  /** Attempts at a request that fails for no fault of its own. Default 5. */
  readonly attempts?: number;
  readonly baseMs?: number;
  readonly mostMs?: number;
  /** Bytes of uncompressed records above which a request must be confirmed. Default 50 MB. */
  readonly confirmBytes?: number;
}

/** What is asked for; the end is exclusive. Compared with receive times where the schema has them, else event times. */
export interface HistoricalSelection {
  readonly dataset: string;
  readonly schema: string;
  readonly stypeIn: LiveStype;
  readonly symbols: readonly string[];
  readonly startNs: bigint;
  readonly endNs: bigint;
  /** Most records. */
  readonly limit?: number;
}

/** What a request would cost and bring. */
export interface HistoricalEstimate {
  readonly costUsd: number;
  /** Uncompressed, as billed. */
  readonly bytes: number;
}

/** What a symbol stood for from a date to another (exclusive), `YYYY-MM-DD`. */
export interface ResolvedInterval {
  readonly fromDate: string;
  readonly toDate: string;
  readonly symbol: string;
}

export interface Resolution {
  readonly intervals: ReadonlyMap<string, readonly ResolvedInterval[]>;
  readonly partial: readonly string[];
  readonly notFound: readonly string[];
}

const AMOUNT = z.number();
const DATASET_RANGE = z.object({ start: z.string(), end: z.string() });
const RESOLUTION = z.object({
  result: z.record(z.string(), z.array(z.object({ d0: z.string(), d1: z.string(), s: z.string() }))),
  partial: z.array(z.string()).default([]),
  not_found: z.array(z.string()).default([]),
});

/**
 * Databento's historical HTTP interface. What fails for a moment (429, 5xx, no answer) is asked again, after the wait that
 * the vendor asks for or with back-off; everything else is a HistoricalError at once.
 */
export class DatabentoHistory {
  readonly #options: HistoricalOptions;
  readonly #key: string;

  constructor(options: HistoricalOptions) {
    this.#options = options;
    this.#key = options.key?.trim() ?? '';
  }

  /** Price of a request, US dollars. */
  cost(selection: HistoricalSelection): Promise<number> {
    return this.#json('metadata.get_cost', 'POST', selectionFields(selection), AMOUNT);
  }

  /** Records that a request would bring. */
  recordCount(selection: HistoricalSelection): Promise<number> {
    return this.#json('metadata.get_record_count', 'POST', selectionFields(selection), AMOUNT);
  }

  /** Bytes of uncompressed records that a request would bring: what is billed. */
  billableSize(selection: HistoricalSelection): Promise<number> {
    return this.#json('metadata.get_billable_size', 'POST', selectionFields(selection), AMOUNT);
  }

  /** Cost and size together, to be shown before a large request. */
  async estimate(selection: HistoricalSelection): Promise<HistoricalEstimate> {
    const [costUsd, bytes] = await Promise.all([this.cost(selection), this.billableSize(selection)]);
    return { costUsd, bytes };
  }

  /** First and last instant (exclusive) that the dataset's history has, ns. */
  async datasetRange(dataset: string): Promise<{ readonly startNs: bigint; readonly endNs: bigint }> {
    const { start, end } = await this.#json('metadata.get_dataset_range', 'GET', { dataset }, DATASET_RANGE);
    return { startNs: isoNs(start), endNs: isoNs(end) };
  }

  /** What symbols stood for, day by day; free of charge. Dates are `YYYY-MM-DD`, the end exclusive. */
  async resolve(request: {
    readonly dataset: string;
    readonly symbols: readonly string[];
    readonly stypeIn: LiveStype;
    readonly stypeOut: LiveStype;
    readonly startDate: string;
    readonly endDate: string;
  }): Promise<Resolution> {
    const fields = {
      dataset: request.dataset,
      symbols: joined(request.symbols),
      stype_in: request.stypeIn,
      stype_out: request.stypeOut,
      start_date: request.startDate,
      end_date: request.endDate,
    };
    const { result, partial, not_found } = await this.#json('symbology.resolve', 'POST', fields, RESOLUTION);
    const intervals = Object.entries(result).map(
      ([symbol, parts]) => [symbol, parts.map(({ d0, d1, s }) => ({ fromDate: d0, toDate: d1, symbol: s }))] as const,
    );
    return { intervals: new Map(intervals), partial, notFound: not_found };
  }

  /**
   * The records of a selection as a DBN stream, decompressed, metadata first. Cost and size are asked before.
   * @param confirmed the estimate was shown and accepted; without it a large request is refused as `unconfirmed`
   */
  async *range(selection: HistoricalSelection, confirmed = false): AsyncGenerator<Uint8Array> {
    if (!confirmed) this.check(await this.estimate(selection));
    try {
      yield* decompressZstd((await this.#rangeAnswer(selection)).body);
    } catch (error) {
      throw brokenOff(error);
    }
  }

  /** Writes the records of a selection to a `.dbn.zst` file as they come; the file appears when it is complete. */
  async save(selection: HistoricalSelection, path: string, confirmed = false): Promise<void> {
    if (!confirmed) this.check(await this.estimate(selection));
    const answer = await this.#rangeAnswer(selection);
    const partial = `${path}.partial`;
    try {
      await pipeline(Readable.from(answer.body), createWriteStream(partial));
      await rename(partial, path);
    } catch (error) {
      await rm(partial, { force: true });
      throw brokenOff(error);
    }
  }

  /** @throws HistoricalError `unconfirmed`, with cost and size, where they are above what may be asked for unasked */
  check({ bytes, costUsd }: HistoricalEstimate): void {
    const { confirmBytes = CONFIRM_BYTES } = this.#options;
    if (bytes <= confirmBytes) return;
    const size = `${(bytes / 1e6).toFixed(0)} MB for USD ${costUsd.toFixed(2)}`;
    const limit = `${(confirmBytes / 1e6).toFixed(0)} MB`;
    throw new HistoricalError('unconfirmed', `This is ${size}, more than ${limit}: confirm it to have it fetched.`);
  }

  #rangeAnswer(selection: HistoricalSelection): Promise<HttpStream> {
    const fields = { ...selectionFields(selection), stype_out: 'instrument_id', encoding: 'dbn', compression: 'zstd' };
    return this.#ask('timeseries.get_range', 'POST', fields);
  }

  async #json<T>(method: string, verb: 'GET' | 'POST', fields: Fields, schema: z.ZodType<T>): Promise<T> {
    const { body } = await this.#ask(method, verb, fields);
    const text = new TextDecoder().decode(await whole(body));
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      value = undefined;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const sentence = `Databento answered ${method} with something that is no such answer: try again later.`;
    throw new HistoricalError('vendor', sentence);
  }

  /** A successful answer; asks again what failed for a moment. */
  async #ask(method: string, verb: 'GET' | 'POST', fields: Fields): Promise<HttpStream> {
    const { clock, random, attempts = 5, baseMs = 1_000, mostMs = 30_000 } = this.#options;
    if (this.#key === '') {
      const sentence = 'No Databento key: set DATABENTO_API_KEY (feeds.databento) to a valid key.';
      throw new HistoricalError('bad-credentials', sentence);
    }
    const backoff = new Backoff({ random, baseMs, mostMs });
    for (let attempt = 1; ; attempt++) {
      let failure: HistoricalError;
      let askedMs: number | undefined;
      try {
        const answer = await httpStream(this.#request(method, verb, fields));
        if (answer.status === 200) return answer;
        failure = errorOfAnswer(method, answer.status, await whole(answer.body), this.#key);
        askedMs = retryAfterMs(answer.headers, clock.nowUs());
      } catch (error) {
        if (!(error instanceof HttpFault)) throw error;
        failure = new HistoricalError('unreachable', `Databento's history: ${error.message}; check the network.`);
      }
      const passing = failure.fault === 'rate' || failure.fault === 'vendor' || failure.fault === 'unreachable';
      if (!passing || attempt >= attempts || (askedMs ?? 0) > MOST_ASKED_MS) throw failure;
      await waitMs(Math.max(backoff.nextMs(), askedMs ?? 0));
    }
  }

  #request(method: string, verb: 'GET' | 'POST', fields: Fields): HttpRequest {
    const { url = DEFAULT_URL, timeoutMs = 60_000 } = this.#options;
    const form = new URLSearchParams({ ...fields }).toString();
    const address = `${url.replace(/\/$/, '')}/v0/${method}`;
    const headers = { authorization: `Basic ${Buffer.from(`${this.#key}:`).toString('base64')}` };
    if (verb === 'GET') return { url: `${address}?${form}`, headers, timeoutMs };
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return { url: address, method: 'POST', headers: { ...headers, ...type }, body: form, timeoutMs };
  }
}

type Fields = Readonly<Record<string, string>>;

function selectionFields(selection: HistoricalSelection): Fields {
  const { dataset, schema, stypeIn, symbols, startNs, endNs, limit } = selection;
  return {
    dataset,
    schema,
    stype_in: stypeIn,
    symbols: joined(symbols),
    start: String(startNs),
    end: String(endNs),
    ...(limit === undefined ? {} : { limit: String(limit) }),
  };
}

function joined(symbols: readonly string[]): string {
  if (symbols.length > 0 && symbols.length <= MOST_SYMBOLS) return symbols.join(',');
  const sentence = `A request names 1 to ${MOST_SYMBOLS} symbols; this one names ${symbols.length}.`;
  throw new HistoricalError('bad-request', sentence);
}

async function whole(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

/** An answer that began and did not end is told from one that never came. */
function brokenOff(error: unknown): unknown {
  if (!(error instanceof HttpFault)) return error;
  return new HistoricalError('broken-off', `The answer of Databento's history broke off: ${error.message}; ask again.`);
}

/** Nanoseconds of `2026-11-20T01:02:03.123456789Z`, or of a date alone. */
function isoNs(text: string): bigint {
  const [head = '', fraction = ''] = text.replace(/(Z|\+00:00)$/, '').split('.', 2);
  const ms = Date.parse(head.includes('T') ? `${head}Z` : head);
  if (Number.isNaN(ms)) throw new HistoricalError('vendor', `Databento named "${text.slice(0, 40)}" as a time.`);
  return BigInt(ms) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}

function waitMs(ms: number): Promise<void> {
  return new Promise((done) => {
    afterMs(ms, done);
  });
}
