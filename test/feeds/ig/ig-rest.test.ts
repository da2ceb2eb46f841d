import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { LiveClock } from '../../../main/core/clock/live-clock.ts';
import { SimulatedClock } from '../../../main/core/clock/simulated-clock.ts';
import {
  accounts,
  applications,
  marketDetails,
  marketSearch,
  sessionThree,
  sessionTwo,
} from '../../../main/feeds/ig/ig-answers.ts';
import { IgError, refusalOf } from '../../../main/feeds/ig/ig-error.ts';
import { askMarket, igMarketOf, resolveMarket } from '../../../main/feeds/ig/ig-markets.ts';
import { IgRest } from '../../../main/feeds/ig/ig-rest.ts';
import { IgSession } from '../../../main/feeds/ig/ig-session.ts';
import { haveFixtures, readFixture } from '../../fixtures.ts';
import { IG_ACCOUNT, IG_LOGIN, IgServer } from '../../venues/ig-server.ts';

let server: IgServer;
beforeEach(async () => {
  server = await IgServer.start();
});
afterEach(() => server.close());

const EURUSD = 'CS.D.EURUSD.CFD.IP';
/** Everything that must never be seen outside of a request. */
const SECRETS = /key-c0ffee|trader\.jane|pa55-word|secret-\d/;

function login(
  version: 2 | 3 = 2,
  clock: LiveClock | SimulatedClock = new LiveClock(),
  keys: Partial<typeof LOGIN> = {},
) {
  const { apiKey, identifier, password } = { ...LOGIN, ...keys };
  const rest = new IgRest({ baseUrl: server.url, apiKey, clock });
  return { rest, session: new IgSession({ rest, identifier, password, clock, version }) };
}
const LOGIN: { apiKey: string; identifier: string; password: string } = { ...IG_LOGIN };

async function refusedBy(work: Promise<unknown>): Promise<IgError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(IgError);
  expect((error as Error).message).not.toMatch(SECRETS);
  return error as IgError;
}

describe('a session', () => {
  test('of version 2 logs in once, sends its tokens with every call, and gives a stream its password', async () => {
    const { session } = login();
    const [account] = await session.accounts();
    expect(account).toMatchObject({ accountId: IG_ACCOUNT, accountType: 'CFD', balance: { available: 1000 } });
    await session.accounts();
    expect(server.logins).toBe(1);
    const [first, call] = server.requests;
    expect(first).toMatchObject({
      method: 'POST',
      path: '/session',
      headers: { version: '2', 'x-ig-api-key': IG_LOGIN.apiKey },
    });
    expect(call?.headers).toMatchObject({ version: '1', cst: 'cst-secret-1', 'x-security-token': 'xst-secret-1' });
    expect(await session.streamAccess()).toEqual({
      endpoint: server.stream.url,
      user: IG_ACCOUNT,
      password: 'CST-cst-secret-1|XST-xst-secret-1',
    });
  });

  test('of version 3 sends its token, refreshes it before it ends, and fetches tokens for the stream', async () => {
    const clock = new SimulatedClock(1_000_000_000);
    const { session } = login(3, clock);
    await session.accounts();
    expect(server.requests.at(-1)?.headers).toMatchObject({
      authorization: 'Bearer oauth-secret-1',
      'ig-account-id': IG_ACCOUNT,
    });
    clock.advanceTo(1_000_000_000 + 54_000_000);
    await session.accounts();
    expect(server.requests.map(({ path }) => path)).toEqual(['/session', '/accounts', '/accounts']);
    clock.advanceTo(1_000_000_000 + 56_000_000);
    await session.accounts();
    expect(server.requests.at(-1)?.headers['authorization']).toBe('Bearer oauth-secret-2');
    expect(server.logins).toBe(1);
    const access = await session.streamAccess();
    expect(server.admits(access.user, access.password)).toBe(true);
  });

  test.each([2, 3] as const)('of version %i whose tokens end logs in again, once, and asks again', async (version) => {
    const { session } = login(version);
    await session.accounts();
    server.expireTokens();
    expect(await session.accounts()).toHaveLength(1);
    expect(session.logins).toBe(2);
    server.refuse('/accounts', 401, 'error.security.client-token-invalid');
    expect((await refusedBy(session.accounts())).kind).toBe('token');
    expect(session.logins).toBe(3);
  });

  test('never sends an order twice: it says that the session had ended', async () => {
    const { session } = login();
    await session.login();
    server.expireTokens();
    const order = {
      what: 'closing',
      method: 'DELETE',
      path: '/positions/otc',
      version: 1,
      body: { dealId: 'D1' },
    } as const;
    const error = await refusedBy(session.ask({ ...order, answer: z.unknown(), use: 'closing' }));
    expect(error.message).toContain('was not sent twice');
    expect(server.requests.filter(({ path }) => path === '/positions/otc')).toHaveLength(1);
    expect(session.logins).toBe(2);
  });

  test('sends DELETE with a body as POST that names it', async () => {
    const { session } = login();
    const order = {
      what: 'closing',
      method: 'DELETE',
      path: '/positions/otc',
      version: 1,
      body: { dealId: 'D1' },
    } as const;
    await refusedBy(session.ask({ ...order, answer: z.unknown(), use: 'closing' }));
    expect(server.requests.at(-1)).toMatchObject({
      method: 'DELETE',
      body: { dealId: 'D1' },
      headers: { _method: 'DELETE' },
    });
  });

  test('asked several things at once logs in once', async () => {
    const { session } = login();
    await Promise.all([session.accounts(), session.accounts(), askMarket(session, EURUSD)]);
    expect(server.logins).toBe(1);
  });

  test('chooses the account that it is told', async () => {
    const rest = new IgRest({ baseUrl: server.url, apiKey: IG_LOGIN.apiKey, clock: new LiveClock() });
    const session = new IgSession({ ...IG_LOGIN, rest, clock: new LiveClock(), accountId: 'XYZ98' });
    await session.login();
    expect(server.requests.at(-1)).toMatchObject({ method: 'PUT', body: { accountId: 'XYZ98' } });
    expect((await session.streamAccess()).user).toBe('XYZ98');
  });

  test('logs out where it is logged in', async () => {
    const { session } = login();
    await session.logout();
    expect(server.requests).toHaveLength(0);
    await session.login();
    await session.logout();
    expect(server.requests.at(-1)).toMatchObject({ method: 'DELETE', path: '/session' });
  });

  test('logged in over TLS sends its tokens to no address without it', async () => {
    const rest = new IgRest({ baseUrl: server.url, apiKey: IG_LOGIN.apiKey, clock: new LiveClock() });
    Object.defineProperty(rest, 'secure', { value: true });
    const session = new IgSession({ ...IG_LOGIN, rest, clock: new LiveClock() });
    expect((await refusedBy(session.streamAccess())).message).toContain('not encrypted');
  });
});

describe('a refusal', () => {
  test.each([
    [{ apiKey: 'other' }, 'api-key', 'IG_API_KEY'],
    [{ password: 'other' }, 'credentials', 'IG_IDENTIFIER and IG_PASSWORD'],
    [{ identifier: 'other' }, 'credentials', 'IG_IDENTIFIER and IG_PASSWORD'],
  ] as const)('of %o names the setting', async (keys, kind, setting) => {
    const error = await refusedBy(login(2, new LiveClock(), keys).session.login());
    expect(error.kind).toBe(kind);
    expect(error.message).toContain(setting);
    expect(error.passing).toBe(false);
  });

  test('knows every documented code', () => {
    const kinds = {
      'error.public-api.exceeded-api-key-allowance': 'quota',
      'error.public-api.exceeded-account-allowance': 'quota',
      'error.public-api.exceeded-account-trading-allowance': 'trading-quota',
      'error.public-api.exceeded-account-historical-data-allowance': 'history-quota',
      'error.security.client-token-invalid': 'token',
      'error.security.client-token-missing': 'token',
      'error.security.account-token-invalid': 'token',
      'error.security.account-token-missing': 'token',
      'error.security.oauth-token-invalid': 'token',
      'error.security.api-key-missing': 'api-key',
      'error.security.api-key-invalid': 'api-key',
      'error.security.account-access-denied': 'account',
      'error.security.account-migrated': 'account',
      'error.security.account-not-yet-activated': 'account',
      'error.security.account-suspended': 'account',
      'error.public-api.failure.kyc.required': 'account',
      'error.public-api.failure.encryption.required': 'account',
      'error.public-api.failure.missing.credentials': 'credentials',
      'error.public-api.failure.pending.agreements.required': 'account',
      'error.public-api.failure.preferred.account.disabled': 'account',
      'error.public-api.failure.preferred.account.not.set': 'account',
      'error.public-api.failure.stockbroking-not-supported': 'account',
      'error.confirms.deal-not-found': 'not-found',
      'error.request.invalid.date-range': 'request',
      'invalid.input': 'request',
      'unauthorised.access.to.equity.exception': 'account',
    } as const;
    for (const [code, kind] of Object.entries(kinds))
      expect([code, refusalOf('x', 403, code).kind]).toEqual([code, kind]);
  });

  test('leaves out what does not look like a code', () => {
    const error = refusalOf('login', 403, 'your password pa55 <b>is wrong</b>');
    expect(error.code).toBeUndefined();
    expect(error.message).not.toContain('pa55');
  });

  test.each([500, 503])('with HTTP %i may pass', async (status) => {
    server.refuse('/session', status);
    const error = await refusedBy(login().session.login());
    expect([error.kind, error.passing]).toEqual(['unavailable', true]);
  });

  test('of an allowance says how long to wait, at least a minute unless IG says otherwise', async () => {
    const { session } = login();
    await session.login();
    server.refuse('/accounts', 403, 'error.public-api.exceeded-account-allowance', 1);
    server.refuse('/accounts', 403, 'error.public-api.exceeded-api-key-allowance', 1, { 'retry-after': '90' });
    const error = await refusedBy(session.accounts());
    expect([error.kind, error.retryAfterMs]).toEqual(['quota', 60_000]);
  });

  test('with HTTP 429 is an allowance, too; a redirection is not followed with the key', async () => {
    const { session } = login();
    server.refuse('/session', 429, undefined, 1, { 'retry-after': '7' });
    expect(await refusedBy(session.login())).toMatchObject({ kind: 'quota', retryAfterMs: 7_000 });
    server.relent();
    server.refuse('/session', 307, undefined, 1, { location: `${server.stream.url}/elsewhere` });
    const again = login().session;
    expect((await refusedBy(again.login())).kind).toBe('request');
  });

  test('of what is no longer an answer of IG says where it differs, not what it holds', async () => {
    server.markets.set(EURUSD, { instrument: { epic: EURUSD, secret: 'trader.jane' } });
    const error = await refusedBy(askMarket(login().session, EURUSD));
    expect(error.kind).toBe('protocol');
    expect(error.message).toContain('instrument.expiry: ');
  });

  test('of a server that is not there may pass', async () => {
    const rest = new IgRest({ baseUrl: 'http://127.0.0.1:9', apiKey: 'k', clock: new LiveClock() });
    const error = await refusedBy(new IgSession({ ...IG_LOGIN, rest, clock: new LiveClock() }).login());
    expect(error.passing).toBe(true);
  });
});

describe('allowances', () => {
  test('are learned and kept with a reserve of a fifth; closing is never held back', async () => {
    server.allowances = { application: 100, account: 10, trading: 5, subscriptions: 40 };
    const clock = new SimulatedClock(0);
    const { session } = login(2, clock);
    expect(await session.learnAllowances()).toBe(40);
    const order = { method: 'POST', path: '/positions/otc', version: 2, body: {}, answer: z.unknown() } as const;
    const place = () => session.ask({ ...order, what: 'order', use: 'trading' }).catch((error: IgError) => error.kind);
    expect(await Promise.all([place(), place(), place(), place()])).toEqual(new Array(4).fill('not-found'));
    expect(await place()).toBe('trading-quota');
    const sent = server.requests.length;
    await session.ask({ ...order, what: 'closing', use: 'closing' }).catch(() => undefined);
    expect(server.requests.length).toBe(sent + 1);
  });

  test('that are used up make a reading call wait, which the end of everything ends', async () => {
    server.allowances = { application: 100, account: 2.5, trading: 5, subscriptions: 40 };
    const ended = new AbortController();
    const clock = new SimulatedClock(0);
    const rest = new IgRest({ baseUrl: server.url, apiKey: IG_LOGIN.apiKey, clock, signal: ended.signal });
    const session = new IgSession({ ...IG_LOGIN, rest, clock });
    await session.learnAllowances();
    await session.accounts();
    await session.accounts();
    const waiting = session.accounts();
    ended.abort(new Error('over'));
    await expect(waiting).rejects.toThrow('over');
    expect(server.requests.filter(({ path }) => path === '/accounts')).toHaveLength(2);
  });
});

describe('a market', () => {
  test('of a pair has the tick of its prices, the size of its contract, and the rules of dealing', async () => {
    const { session } = login();
    const market = igMarketOf((await askMarket(session, 'CS.D.USDJPY.CFD.IP')).value);
    expect(market.instrument).toMatchObject({
      label: 'USD/JPY',
      rawSymbol: 'USDJPY',
      root: 'USDJPY',
      venue: 'IG',
      tickNano: 1_000_000,
      pipNano: 10_000_000,
      multiplier: 100_000,
      quoteCurrency: 'JPY',
      indicative: true,
    });
    expect(market.rules).toEqual({
      minDealSize: 1,
      minStepDistance: { unit: 'POINTS', value: 5 },
      minStopOrLimitDistance: { unit: 'POINTS', value: 2 },
      minGuaranteedStopDistance: { unit: 'POINTS', value: 5 },
      maxStopOrLimitDistance: { unit: 'PERCENTAGE', value: 75 },
      marketOrders: true,
      trailingStops: true,
    });
  });

  test('is found by its pair where the standard contract is not offered', async () => {
    server.markets.delete(EURUSD);
    server.offer('CS.D.EURUSD.MINI.IP', 5, 10_000, 'USD', '10000');
    const base = { instrumentName: 'EUR/USD', instrumentType: 'CURRENCIES', marketStatus: 'TRADEABLE', expiry: '-' };
    const streaming = { ...base, streamingPricesAvailable: true };
    server.found.set('EURUSD', [
      { ...streaming, epic: 'CS.D.EURUSD.TODAY.IP', expiry: 'DFB' },
      { ...streaming, epic: 'CS.D.EURUSD.CEEM.IP' },
      { ...base, streamingPricesAvailable: false, epic: 'CS.D.EURUSD.CFD.IP' },
      { ...streaming, epic: 'CS.D.EURUSD.MINI.IP' },
    ]);
    const { session } = login();
    const { instrument } = igMarketOf((await resolveMarket(session, 'eur/usd')).value);
    expect(instrument).toMatchObject({ rawSymbol: 'CS.D.EURUSD.MINI.IP', root: 'EURUSD', multiplier: 10_000 });
    const error = await refusedBy(resolveMarket(session, 'EUR/NOK'));
    expect(error.message).toContain('feeds.ig.symbols');
  });
});

interface Interaction {
  readonly suite: string;
  readonly path: string;
  readonly status: number;
  readonly responseBody?: { readonly errorCode?: string; readonly marketDetails?: unknown[] };
}

describe.runIf(haveFixtures)('recorded answers', () => {
  const json = (path: string): unknown => JSON.parse(Buffer.from(readFixture(path)).toString());

  test('are read as they are', () => {
    expect(sessionTwo.parse(json('ig/trading-ig_tests_data/accounts.json')).currentAccountId).toBe('ABC123');
    expect(applications.parse(json('ig/trading-ig_tests_data/application.json'))[0]).toMatchObject({
      allowanceAccountOverall: 30,
      concurrentSubscriptionsLimit: 40,
    });
    expect(accounts.parse(json('ig/trading-ig_tests_data/accounts_balances.json')).accounts.length).toBeGreaterThan(0);
    const carbon = igMarketOf(marketDetails.parse(json('ig/trading-ig_tests_data/markets_epic.json')));
    expect(carbon).toMatchObject({ epic: 'CO.D.CFI.Month2.IP', status: 'OFFLINE', currencies: ['GBP', 'EUR'] });
    expect(carbon.instrument).toMatchObject({
      rawSymbol: 'CO.D.CFI.Month2.IP',
      root: undefined,
      tickNano: 100_000_000,
    });
  });

  test('of every kind that is asked for fit, and every refusal has its words', () => {
    const schemas = [
      [/^\/session$/, sessionThree],
      [/^\/accounts/, accounts],
      [/^\/markets$/, marketSearch],
      [/^\/markets\//, marketDetails],
    ] as const;
    const read = new Map<string, number>();
    for (const { suite, path, status, responseBody } of json(
      'ig/ig-trading-api_http_interactions.json',
    ) as Interaction[]) {
      if (status !== 200) {
        const { kind } = refusalOf(suite, status, responseBody?.errorCode);
        expect(kind).toBe(status === 401 ? 'token' : responseBody === undefined ? 'request' : 'quota');
        continue;
      }
      const schema = schemas.find(([pattern]) => pattern.test(path))?.[1];
      const bodies = responseBody?.marketDetails ?? [responseBody];
      for (const body of bodies) {
        const one = responseBody?.marketDetails === undefined ? schema : marketDetails;
        // The answer to a change of account shares the path of a login.
        if (one === undefined || body === undefined || 'dealingEnabled' in (body as object)) continue;
        one.parse(body);
        read.set(path, (read.get(path) ?? 0) + 1);
      }
    }
    expect([...read.keys()].sort()).toEqual([
      '/accounts/',
      '/markets',
      '/markets/IX.D.FTSE.CFD.IP',
      '/markets?epics=IX.D.FTSE.CFD.IP%2CSE.D.PFE.CASH.IP',
      '/session',
    ]);
  });
});
