import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TlcpServer } from './tlcp-server.ts';

/** What the stand-in lets in, and what it offers. */
export const IG_LOGIN = { apiKey: 'key-c0ffee1234', identifier: 'trader.jane', password: 'pa55-word-9' } as const;
export const IG_ACCOUNT = 'ABC12';

/** A request as it came, for tests that look at what was sent. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

interface Script {
  readonly path: string;
  readonly status: number;
  readonly errorCode: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  left: number;
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A stand-in for IG: its REST interface with sessions of versions 2 and 3, and its Lightstreamer server, each on a socket of
 * its own. Tests script refusals and ends of tokens, and set prices.
 */
export class IgServer {
  readonly requests: SeenRequest[] = [];
  /** Market details by epic; a market that is not here is unknown. */
  readonly markets = new Map<string, Record<string, unknown>>();
  /** What a search finds, by its term. */
  readonly found = new Map<string, readonly Record<string, unknown>[]>();
  allowances = { application: 600, account: 600, trading: 600, subscriptions: 40 };
  /** Life of an OAuth token, as IG writes it: text of seconds. */
  expiresIn = '60';
  readonly stream: TlcpServer;
  readonly #http: Server;
  readonly #scripts: Script[] = [];
  /** Security tokens and OAuth tokens that are good now. */
  readonly #good = new Set<string>();
  readonly #refresh = new Set<string>();
  #issued = 0;

  private constructor(stream: TlcpServer) {
    this.stream = stream;
    this.#http = createServer((request, response) => this.#serve(request, response));
  }

  static async start(keepaliveMs = 5_000): Promise<IgServer> {
    const stream = await TlcpServer.start({
      adapter: 'Pricing',
      keepaliveMs,
      admit: (user, password) => (server.admits(user, password) ? undefined : [1, 'User/password check failed']),
    });
    const server: IgServer = new IgServer(stream);
    await new Promise<void>((listening) => server.#http.listen(0, '127.0.0.1', listening));
    server.offer('CS.D.EURUSD.CFD.IP', 5, 10_000, 'USD');
    server.offer('CS.D.GBPUSD.CFD.IP', 5, 10_000, 'USD');
    server.offer('CS.D.USDJPY.CFD.IP', 3, 100, 'JPY');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/gateway/deal`;
  }

  /** Logins that succeeded. */
  get logins(): number {
    return this.requests.filter(({ method, path }) => method === 'POST' && path === '/session').length;
  }

  /** Puts a currency pair on offer. */
  offer(epic: string, decimals: number, scalingFactor: number, currency: string, contractSize = '100000'): void {
    const pair = epic.split('.')[2] ?? epic;
    this.markets.set(epic, {
      instrument: {
        epic,
        expiry: '-',
        name: `${pair.slice(0, 3)}/${pair.slice(3)}`,
        type: 'CURRENCIES',
        streamingPricesAvailable: true,
        lotSize: 10,
        currencies: [{ code: currency, symbol: currency, baseExchangeRate: 1, exchangeRate: 1, isDefault: true }],
        contractSize,
        valueOfOnePip: '10.00',
        onePipMeans: '0.0001',
        newlyAdded: { by: 'IG' },
      },
      dealingRules: {
        minStepDistance: { unit: 'POINTS', value: 5 },
        minDealSize: { unit: 'POINTS', value: 1 },
        minControlledRiskStopDistance: { unit: 'POINTS', value: 5 },
        minNormalStopOrLimitDistance: { unit: 'POINTS', value: 2 },
        maxStopOrLimitDistance: { unit: 'PERCENTAGE', value: 75 },
        marketOrderPreference: 'AVAILABLE_DEFAULT_OFF',
        trailingStopsPreference: 'AVAILABLE',
      },
      snapshot: { marketStatus: 'TRADEABLE', bid: 1, offer: 1, decimalPlacesFactor: decimals, scalingFactor },
    });
  }

  /** Sets fields of a market's prices and streams what changed. */
  quote(epic: string, fields: Readonly<Record<string, string | null>>): void {
    this.stream.set(`PRICE:${IG_ACCOUNT}:${epic}`, fields);
  }

  /** Refuses the next requests whose path begins so. */
  refuse(
    path: string,
    status: number,
    errorCode?: string,
    times = Number.POSITIVE_INFINITY,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    this.#scripts.push({ path, status, errorCode, headers, left: times });
  }

  /** Takes back all refusals. */
  relent(): void {
    this.#scripts.length = 0;
  }

  /** All tokens given so far are good no more; `refresh` keeps those that OAuth is refreshed with. */
  expireTokens(): void {
    this.#good.clear();
  }

  /** Whether a streaming login is one of a session that is good. */
  admits(user: string, password: string): boolean {
    const [, cst, security] = /^CST-(.+)\|XST-(.+)$/.exec(password) ?? [];
    return user === IG_ACCOUNT && this.#good.has(`${cst} ${security}`);
  }

  async close(): Promise<void> {
    await this.stream.close();
    this.#http.closeAllConnections();
    await new Promise((closed) => this.#http.close(closed));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const path = (request.url ?? '/').replace('/gateway/deal', '');
      const disguise = request.headers['_method'];
      const seen: SeenRequest = {
        method: typeof disguise === 'string' ? disguise : (request.method ?? 'GET'),
        path,
        headers: request.headers,
        body: text === '' ? undefined : JSON.parse(text),
      };
      const { status, body, headers = {} } = this.#answer(seen);
      this.requests.push(seen);
      response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8', ...headers });
      response.end(body === undefined ? '' : JSON.stringify(body));
    });
  }

  #answer(request: SeenRequest): Answer {
    const script = this.#scripts.find(({ path, left }) => left > 0 && request.path.startsWith(path));
    if (script !== undefined) {
      script.left--;
      const { status, errorCode, headers } = script;
      return { status, headers, ...(errorCode === undefined ? {} : { body: { errorCode } }) };
    }
    if (request.headers['x-ig-api-key'] === undefined) return refusal(403, 'error.security.api-key-missing');
    if (request.headers['x-ig-api-key'] !== IG_LOGIN.apiKey) return refusal(403, 'error.security.api-key-invalid');
    if (request.method === 'POST' && request.path === '/session') return this.#login(request);
    if (request.path === '/session/refresh-token') return this.#renew(request);
    if (!this.#known(request)) return refusal(401, this.#tokenCode(request));
    return this.#inside(request);
  }

  #inside({ method, path, headers }: SeenRequest): Answer {
    const { pathname, searchParams } = new URL(path, 'http://ig');
    if (pathname === '/session' && method === 'GET') return { status: 200, body: {}, headers: this.#issue() };
    if (pathname === '/session')
      return { status: method === 'DELETE' ? 204 : 200, ...(method === 'DELETE' ? {} : { body: {} }) };
    if (pathname === '/accounts') return { status: 200, body: { accounts: ACCOUNTS } };
    if (pathname === '/operations/application') return { status: 200, body: [this.#application()] };
    if (pathname === '/markets') {
      return { status: 200, body: { markets: this.found.get(searchParams.get('searchTerm') ?? '') ?? [] } };
    }
    const epic = /^\/markets\/(.+)$/.exec(pathname)?.[1];
    const market = epic === undefined ? undefined : this.markets.get(decodeURIComponent(epic));
    if (market === undefined || headers['version'] !== '3') {
      return refusal(404, 'error.service.marketdata.instrument.epic.unavailable');
    }
    return { status: 200, body: market };
  }

  #login({ body, headers }: SeenRequest): Answer {
    const { identifier, password } = (body ?? {}) as { identifier?: string; password?: string };
    if (identifier !== IG_LOGIN.identifier || password !== IG_LOGIN.password) {
      return refusal(401, 'error.security.invalid-details');
    }
    if (headers['version'] === '3') {
      const session = {
        accountId: IG_ACCOUNT,
        clientId: '1',
        timezoneOffset: 0,
        lightstreamerEndpoint: this.stream.url,
      };
      return { status: 200, body: { ...session, oauthToken: this.#oauth() } };
    }
    return {
      status: 200,
      headers: this.#issue(),
      body: {
        currentAccountId: IG_ACCOUNT,
        lightstreamerEndpoint: this.stream.url,
        accountType: 'CFD',
        currencyIsoCode: 'USD',
        dealingEnabled: true,
        reroutingEnvironment: null,
      },
    };
  }

  #renew({ body }: SeenRequest): Answer {
    const token = (body as { refresh_token?: string }).refresh_token ?? '';
    if (!this.#refresh.delete(token)) return refusal(401, 'error.security.oauth-token-invalid');
    return { status: 200, body: this.#oauth() };
  }

  #oauth(): Record<string, string> {
    this.#issued++;
    const token = `oauth-secret-${this.#issued}`;
    this.#good.add(token);
    this.#refresh.add(`refresh-secret-${this.#issued}`);
    return {
      access_token: token,
      refresh_token: `refresh-secret-${this.#issued}`,
      scope: 'profile',
      token_type: 'Bearer',
      expires_in: this.expiresIn,
    };
  }

  #issue(): Readonly<Record<string, string>> {
    this.#issued++;
    const tokens = { CST: `cst-secret-${this.#issued}`, 'X-SECURITY-TOKEN': `xst-secret-${this.#issued}` };
    this.#good.add(`${tokens.CST} ${tokens['X-SECURITY-TOKEN']}`);
    return tokens;
  }

  #known({ headers }: SeenRequest): boolean {
    const bearer = headers['authorization'];
    if (typeof bearer === 'string') return this.#good.has(bearer.replace('Bearer ', ''));
    return this.#good.has(`${headers['cst']} ${headers['x-security-token']}`);
  }

  #tokenCode({ headers }: SeenRequest): string {
    if (headers['authorization'] !== undefined) return 'error.security.oauth-token-invalid';
    return headers['cst'] === undefined ? 'error.security.client-token-missing' : 'error.security.client-token-invalid';
  }

  #application(): Record<string, unknown> {
    const { application, account, trading, subscriptions } = this.allowances;
    return {
      name: 'STAND-IN',
      apiKey: '****',
      status: 'ENABLED',
      allowanceApplicationOverall: application,
      allowanceAccountOverall: account,
      allowanceAccountTrading: trading,
      allowanceAccountHistoricalData: 10_000,
      concurrentSubscriptionsLimit: subscriptions,
    };
  }
}

const ACCOUNTS = [
  {
    accountId: IG_ACCOUNT,
    accountName: 'CFD',
    accountAlias: null,
    status: 'ENABLED',
    accountType: 'CFD',
    preferred: true,
    balance: { balance: 1000, deposit: 0, profitLoss: 0, available: 1000 },
    currency: 'USD',
    canTransferFrom: true,
    canTransferTo: true,
  },
];

function refusal(status: number, errorCode: string): Answer {
  return { status, body: { errorCode } };
}
