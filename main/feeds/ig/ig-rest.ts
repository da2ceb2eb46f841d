import type { z } from 'zod';
import type { Clock } from '../../core/clock/clock.ts';
import { type HttpAnswer, HttpFault, httpRequest, retryAfterMs } from '../socket/http-request.ts';
import { pause } from '../socket/pause.ts';
import { RateBudget } from '../socket/rate-budget.ts';
import { IgError, refusalOf } from './ig-error.ts';

/** IG's two sites; keys, logins and accounts of one are unknown to the other. */
export const IG_SITES = {
  live: 'https://api.ig.com/gateway/deal',
  demo: 'https://demo-api.ig.com/gateway/deal',
} as const;

/** One call of the interface. */
export interface IgRequest<Answer> {
  /** In words, for errors: `market details of CS.D.EURUSD.CFD.IP`. */
  readonly what: string;
  /** DELETE with a body goes out as POST with `_method: DELETE`, since bodies of DELETE get lost on the way. */
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Behind the base address, with its query: `/markets?searchTerm=EURUSD`. */
  readonly path: string;
  readonly version: 1 | 2 | 3;
  readonly body?: unknown;
  /** What the answer must look like. */
  readonly answer: z.ZodType<Answer>;
  /**
   * Which allowance pays. `closing` is never held back, not even when all else ends: what is in reserve is there for it.
   * `login` is paid by the API key alone.
   */
  readonly use: 'login' | 'account' | 'trading' | 'closing';
  /** In place of the interface's own. */
  readonly timeoutMs?: number;
}

/** An answer, checked, with what a caller may need of how it came. */
export interface IgAnswer<Answer> {
  readonly value: Answer;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/** Requests a minute that IG allows, from /operations/application. */
export interface IgAllowances {
  readonly application: number;
  readonly account: number;
  readonly trading: number;
}

export interface IgRestOptions {
  /** Default: the demo site. */
  readonly baseUrl?: string;
  readonly apiKey: string;
  readonly clock: Clock;
  /** Whole time for one request. Default 15 s. */
  readonly timeoutMs?: number;
  /** Ends all that waits or is on its way. */
  readonly signal?: AbortSignal;
}

/** Assumed until IG has said what it allows: below what is known of the demo site. */
const FIRST_ALLOWANCES: IgAllowances = { application: 30, account: 20, trading: 30 };
const MINUTE_MS = 60_000;
/** Share of every allowance that is left alone. */
const RESERVE = 0.2;

/**
 * IG's REST interface: headers, versions, errors with words, rate budgets. It holds the API key and no session: who may
 * ask is in the headers that each call is given.
 */
export class IgRest {
  readonly #options: IgRestOptions;
  readonly #baseUrl: string;
  #application!: RateBudget;
  #account!: RateBudget;
  #trading!: RateBudget;

  constructor(options: IgRestOptions) {
    this.#options = options;
    this.#baseUrl = (options.baseUrl ?? IG_SITES.demo).replace(/\/+$/, '');
    this.allow(FIRST_ALLOWANCES);
  }

  /** Whether what is sent is encrypted on its way; only tests on this computer do without. */
  get secure(): boolean {
    return this.#baseUrl.startsWith('https:');
  }

  /** Sets the budgets to what IG allows, less the reserve. */
  allow(allowances: IgAllowances): void {
    const budget = (amount: number) =>
      new RateBudget({ clock: this.#options.clock, amount, periodMs: MINUTE_MS, reserve: RESERVE });
    this.#application = budget(allowances.application);
    this.#account = budget(allowances.account);
    this.#trading = budget(allowances.trading);
  }

  /**
   * Sends one request, once its budgets allow it.
   * @param session headers that say whose session it is
   * @throws IgError for refusals, for silence, and for answers that are not what IG documents
   */
  async send<Answer>(request: IgRequest<Answer>, session: Readonly<Record<string, string>>): Promise<IgAnswer<Answer>> {
    for (const budget of this.#budgetsOf(request)) await this.#spend(budget, request);
    const answer = await this.#ask(request, session);
    if (answer.status < 200 || answer.status >= 300) throw this.#refusal(request, answer);
    return { value: this.#read(request, answer), headers: answer.headers, bytes: answer.bytes };
  }

  #budgetsOf({ use }: IgRequest<unknown>): readonly RateBudget[] {
    if (use === 'closing') return [];
    if (use === 'trading') return [this.#application, this.#trading];
    return use === 'login' ? [this.#application] : [this.#application, this.#account];
  }

  /** An order is refused rather than sent late; anything else waits for its turn. */
  async #spend(budget: RateBudget, { use, what }: IgRequest<unknown>): Promise<void> {
    for (let waitMs = budget.take(); waitMs > 0; waitMs = budget.take()) {
      if (use === 'trading') {
        throw new IgError('trading-quota', `${what}: not sent, since IG's allowance of this minute is used up`);
      }
      await pause(waitMs, this.#options.signal);
    }
  }

  async #ask(request: IgRequest<unknown>, session: Readonly<Record<string, string>>): Promise<HttpAnswer> {
    const { apiKey, signal } = this.#options;
    const { method, path, version, body, what, use, timeoutMs = this.#options.timeoutMs } = request;
    const disguised = method === 'DELETE' && body !== undefined;
    try {
      return await httpRequest({
        url: `${this.#baseUrl}${path}`,
        method: disguised ? 'POST' : method,
        redirect: 'manual',
        headers: {
          'X-IG-API-KEY': apiKey,
          'Content-Type': 'application/json; charset=UTF-8',
          Accept: 'application/json; charset=UTF-8',
          VERSION: String(version),
          ...(disguised ? { _method: 'DELETE' } : {}),
          ...session,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(signal === undefined || use === 'closing' ? {} : { signal }),
      });
    } catch (error) {
      if (!(error instanceof HttpFault)) throw error;
      throw new IgError('unavailable', `${what}: ${error.message}; trying again.`);
    }
  }

  #refusal({ what, use }: IgRequest<unknown>, { status, headers, bytes }: HttpAnswer): IgError {
    const asked = retryAfterMs(headers, this.#options.clock.nowUs());
    const refusal = refusalOf(what, status, errorCodeOf(bytes), asked);
    // Whoever is logged in had a login that was right: it is the session that is not.
    if (use !== 'login' && refusal.kind === 'credentials') {
      return new IgError('token', `${what}: IG does not take the session any more`, status, refusal.code);
    }
    if (refusal.kind === 'quota') {
      const budget = refusal.code?.includes('account') ? this.#account : this.#application;
      budget.exhaust(refusal.retryAfterMs ?? MINUTE_MS);
    }
    return refusal;
  }

  #read<Answer>({ what, answer }: IgRequest<Answer>, { status, bytes }: HttpAnswer): Answer {
    const value = bytes.length === 0 ? undefined : jsonOf(bytes);
    const read = answer.safeParse(value);
    if (read.success) return read.data;
    const places = read.error.issues.map(({ path, message }) => `${path.join('.') || 'the answer'}: ${message}`);
    throw new IgError(
      'protocol',
      `${what}: IG's answer is not as documented (${places.slice(0, 3).join('; ')})`,
      status,
    );
  }
}

function errorCodeOf(bytes: Uint8Array): unknown {
  const answer = jsonOf(bytes);
  return typeof answer === 'object' && answer !== null && 'errorCode' in answer ? answer.errorCode : undefined;
}

/** What the bytes say, or undefined when they are no JSON. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
