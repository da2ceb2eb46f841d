import { z } from 'zod';
import type { Clock } from '../../core/clock/clock.ts';
import { accounts, applications, type IgAccount, refreshedToken, sessionThree, sessionTwo } from './ig-answers.ts';
import { IgError } from './ig-error.ts';
import type { IgAnswer, IgRequest, IgRest } from './ig-rest.ts';

export interface IgSessionOptions {
  readonly rest: IgRest;
  readonly identifier: string;
  readonly password: string;
  readonly clock: Clock;
  /** Account to use; default: the one that the login prefers. */
  readonly accountId?: string;
  /** 2: tokens that serve streaming too, the default. 3: OAuth, for logins that want it. */
  readonly version?: 2 | 3;
}

/** What a login gives a stream. */
export interface IgStreamAccess {
  readonly endpoint: string;
  readonly user: string;
  readonly password: string;
}

interface Login {
  readonly accountId: string;
  readonly endpoint: string;
  /** Headers of every call. */
  readonly headers: Readonly<Record<string, string>>;
  readonly refreshToken: string | undefined;
  /** When the tokens are to be refreshed, µs; Infinity where use keeps them. */
  readonly refreshUs: number;
}

/** OAuth tokens are refreshed so long before they end. */
const REFRESH_MARGIN_US = 5_000_000;
/** Nobody waits longer for a goodbye. */
const LOGOUT_MS = 2_000;
const ANYTHING = z.unknown();

/**
 * One login at IG: logs in when first asked, keeps the tokens fresh, and logs in again by itself when IG no longer takes
 * them. How long tokens live is told differently in different places, so nothing relies on it.
 */
export class IgSession {
  readonly #options: IgSessionOptions;
  /** Account of the first login: later ones stay with it, whatever is chosen elsewhere meanwhile. */
  #accountId: string | undefined;
  #login: Login | undefined;
  #loggingIn: Promise<Login> | undefined;
  #logins = 0;

  constructor(options: IgSessionOptions) {
    this.#options = options;
    this.#accountId = options.accountId;
  }

  /** Logins made so far. */
  get logins(): number {
    return this.#logins;
  }

  /** The account in use, once logged in. */
  get accountId(): string | undefined {
    return this.#login?.accountId;
  }

  /** Logs in anew, whatever tokens there are. Calls while one is on its way share it. @throws IgError */
  async login(): Promise<void> {
    this.#loggingIn ??= this.#enter().finally(() => {
      this.#loggingIn = undefined;
    });
    this.#login = await this.#loggingIn;
  }

  /**
   * Asks in the name of the login. When IG no longer takes the tokens, it logs in again, once; only what reads is then asked
   * again, since nobody knows what became of an order.
   * @throws IgError
   */
  async ask<Answer>(request: IgRequest<Answer>): Promise<IgAnswer<Answer>> {
    const { rest } = this.#options;
    try {
      return await rest.send(request, (await this.#current()).headers);
    } catch (error) {
      if (!(error instanceof IgError) || error.kind !== 'token') throw error;
      await this.login();
      if (request.method !== 'GET') {
        throw new IgError(
          'token',
          `${request.what}: the IG session had ended. It is open again; this was not sent twice, so see what became of it.`,
          error.status,
          error.code,
        );
      }
      return rest.send(request, (await this.#current()).headers);
    }
  }

  /** All accounts of the login. @throws IgError */
  async accounts(): Promise<readonly IgAccount[]> {
    const request = { what: 'accounts', method: 'GET', path: '/accounts', version: 1, answer: accounts } as const;
    return (await this.ask({ ...request, use: 'account' })).value.accounts;
  }

  /** Asks what this API key is allowed, and keeps to it. @returns the limit of concurrent subscriptions, where it is said */
  async learnAllowances(): Promise<number | undefined> {
    const path = '/operations/application';
    const request = { what: 'allowances', method: 'GET', path, version: 1, answer: applications } as const;
    const { value } = await this.ask({ ...request, use: 'account' });
    // The list holds all keys of the login and may hide their text: the tightest is safe for any of them.
    if (value.length === 0) return undefined;
    const least = (of: (key: (typeof value)[number]) => number) => Math.min(...value.map(of));
    this.#options.rest.allow({
      application: least((key) => key.allowanceApplicationOverall),
      account: least((key) => key.allowanceAccountOverall),
      trading: Math.max(
        2,
        least((key) => key.allowanceAccountTrading),
      ),
    });
    return least((key) => key.concurrentSubscriptionsLimit ?? Number.POSITIVE_INFINITY);
  }

  /** What a new streaming connection logs in with; with OAuth the tokens for it are fetched, since streaming takes no other. */
  async streamAccess(): Promise<IgStreamAccess> {
    const login = await this.#current();
    const tokens =
      this.#options.version === 3
        ? tokensOf(
            (
              await this.ask({
                what: 'tokens for streaming',
                method: 'GET',
                path: '/session?fetchSessionTokens=true',
                version: 1,
                answer: ANYTHING,
                use: 'account',
              })
            ).headers,
          )
        : login.headers;
    const endpoint = this.#checkedEndpoint(login.endpoint);
    return { endpoint, user: login.accountId, password: `CST-${tokens['CST']}|XST-${tokens['X-SECURITY-TOKEN']}` };
  }

  /** Ends the session at IG, where there is one. What goes wrong with that matters to nobody. */
  async logout(): Promise<void> {
    const login = this.#login;
    this.#login = undefined;
    if (login === undefined) return;
    const request = { what: 'logout', method: 'DELETE', path: '/session', version: 1, answer: ANYTHING } as const;
    const short = { use: 'closing', timeoutMs: LOGOUT_MS } as const;
    await this.#options.rest.send({ ...request, ...short }, login.headers).catch((error: unknown) => {
      if (!(error instanceof IgError)) throw error;
    });
  }

  async #current(): Promise<Login> {
    if (this.#login === undefined) await this.login();
    const login = this.#login!;
    if (login.refreshToken === undefined || this.#options.clock.nowUs() < login.refreshUs) return login;
    await this.#refresh(login, login.refreshToken);
    return this.#login!;
  }

  async #enter(): Promise<Login> {
    const login = this.#options.version === 3 ? await this.#enterThree() : await this.#enterTwo();
    this.#logins++;
    this.#accountId = login.accountId;
    return login;
  }

  async #enterTwo(): Promise<Login> {
    const { rest } = this.#options;
    const accountId = this.#accountId;
    const { value, headers } = await rest.send({ ...this.#loginRequest(), version: 2, answer: sessionTwo }, {});
    const tokens = tokensOf(headers);
    if (accountId !== undefined && accountId !== value.currentAccountId) await this.#choose(accountId, tokens);
    return {
      accountId: accountId ?? value.currentAccountId,
      endpoint: value.lightstreamerEndpoint,
      headers: tokens,
      refreshToken: undefined,
      refreshUs: Number.POSITIVE_INFINITY,
    };
  }

  async #enterThree(): Promise<Login> {
    const { rest } = this.#options;
    const accountId = this.#accountId;
    const { value } = await rest.send({ ...this.#loginRequest(), version: 3, answer: sessionThree }, {});
    return this.#bearer(accountId ?? value.accountId, value.lightstreamerEndpoint, value.oauthToken);
  }

  #loginRequest() {
    const { identifier, password } = this.#options;
    return { what: 'login', method: 'POST', path: '/session', body: { identifier, password }, use: 'login' } as const;
  }

  #bearer(accountId: string, endpoint: string, token: z.infer<typeof refreshedToken>): Login {
    return {
      accountId,
      endpoint,
      headers: { Authorization: `Bearer ${token.access_token}`, 'IG-ACCOUNT-ID': accountId },
      refreshToken: token.refresh_token,
      refreshUs: this.#options.clock.nowUs() + token.expires_in * 1e6 - REFRESH_MARGIN_US,
    };
  }

  async #refresh(login: Login, refreshToken: string): Promise<void> {
    try {
      const { value } = await this.#options.rest.send(
        {
          what: 'refreshing the session',
          method: 'POST',
          path: '/session/refresh-token',
          version: 1,
          body: { refresh_token: refreshToken },
          answer: refreshedToken,
          use: 'login',
        },
        {},
      );
      this.#login = this.#bearer(login.accountId, login.endpoint, value);
    } catch (error) {
      if (!(error instanceof IgError) || error.kind !== 'token') throw error;
      await this.login();
    }
  }

  /** Makes another account of the login the current one. */
  async #choose(accountId: string, tokens: Readonly<Record<string, string>>): Promise<void> {
    const request = { what: `account ${accountId}`, method: 'PUT', path: '/session', version: 1 } as const;
    const body = { accountId, defaultAccount: false };
    await this.#options.rest.send({ ...request, body, answer: ANYTHING, use: 'login' }, tokens);
  }

  /** A login over TLS must not be followed by a stream without it: the password of the stream is the session. */
  #checkedEndpoint(endpoint: string): string {
    if (this.#options.rest.secure && !endpoint.startsWith('https:')) {
      throw new IgError('protocol', "login: IG's streaming address is not encrypted; nothing is sent there");
    }
    return endpoint;
  }
}

/** @throws IgError when the answer has none */
function tokensOf(headers: Headers): Readonly<Record<string, string>> {
  const cst = headers.get('cst');
  const security = headers.get('x-security-token');
  if (!cst || !security) throw new IgError('protocol', 'login: IG sent no CST and X-SECURITY-TOKEN');
  return { CST: cst, 'X-SECURITY-TOKEN': security };
}
