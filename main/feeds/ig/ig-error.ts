/** What kind of refusal it is, so that callers need not know every code. */
export type IgErrorKind =
  /** Identifier or password are wrong or missing: nothing is tried again, since IG locks accounts. */
  | 'credentials'
  | 'api-key'
  /** The session's tokens are no longer taken: log in again. */
  | 'token'
  /** An allowance is used up: wait. */
  | 'quota'
  | 'trading-quota'
  | 'history-quota'
  /** The account may not do this: fatal, the trader has to talk to IG. */
  | 'account'
  /** What was asked for does not exist. */
  | 'not-found'
  /** The request itself was refused. */
  | 'request'
  /** IG or the way to it is down: try again later. */
  | 'unavailable'
  /** The answer is not what IG documents: a page of its maintenance, or a change. */
  | 'protocol';

/** Refusals that a later attempt may not meet. */
const PASSING: ReadonlySet<IgErrorKind> = new Set(['token', 'quota', 'unavailable', 'protocol']);

/**
 * IG refused a request, or did not answer. The message says what, and what to do about it; it holds IG's error code and
 * neither tokens nor what was sent.
 */
export class IgError extends Error {
  override readonly name = 'IgError';
  readonly kind: IgErrorKind;
  /** IG's own `errorCode`, where there was one. */
  readonly code: string | undefined;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Wait that IG asks for, ms. */
  readonly retryAfterMs: number | undefined;

  constructor(kind: IgErrorKind, sentence: string, status = 0, code?: string, retryAfterMs?: number) {
    super(code === undefined ? sentence : `${sentence} (${code})`);
    this.kind = kind;
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether the same request may succeed later without anybody doing something about it. */
  get passing(): boolean {
    return PASSING.has(this.kind);
  }
}

/** Least wait after an allowance of the minute was used up: IG's guide to its REST API. */
const ALLOWANCE_WAIT_MS = 60_000;

interface Ruling {
  readonly kind: IgErrorKind;
  readonly sentence: string;
  readonly waitMs?: number;
}

const WRONG_LOGIN =
  'IG does not accept the login. Check IG_IDENTIFIER and IG_PASSWORD; a live and a demo login are different ones.';
const WRONG_KEY =
  'IG does not accept the API key. Check IG_API_KEY; keys of the live and the demo site are different ones.';
const DEAD_TOKEN = 'The IG session has ended; logging in again.';
const SHUT_ACCOUNT = 'IG does not let this account in. Log in on its website and follow what it says there.';

/** IG's documented error codes: https://labs.ig.com/rest-trading-api-guide and -reference. */
const RULINGS: Readonly<Record<string, Ruling>> = {
  'error.public-api.exceeded-api-key-allowance': quota('the API key'),
  'error.public-api.exceeded-account-allowance': quota('the account'),
  'error.public-api.exceeded-account-trading-allowance': {
    kind: 'trading-quota',
    sentence: 'The account has used up its orders of this minute. No order is sent until it has passed.',
    waitMs: ALLOWANCE_WAIT_MS,
  },
  'error.public-api.exceeded-account-historical-data-allowance': {
    kind: 'history-quota',
    sentence: 'The account has used up its price points of the week. History comes again when the week has passed.',
  },
  'error.security.api-key-missing': {
    kind: 'api-key',
    sentence: 'IG asks for an API key. Set IG_API_KEY; a key is made in "My IG", settings, API keys.',
  },
  'error.public-api.failure.missing.credentials': {
    kind: 'credentials',
    sentence: 'IG asks for a login. Set IG_IDENTIFIER and IG_PASSWORD.',
  },
  'error.public-api.failure.encryption.required': {
    kind: 'account',
    sentence: 'IG asks for an encrypted password from this login, which is not supported. Ask IG to lift it.',
  },
  'error.public-api.failure.kyc.required': { kind: 'account', sentence: SHUT_ACCOUNT },
  'error.public-api.failure.pending.agreements.required': { kind: 'account', sentence: SHUT_ACCOUNT },
  'error.public-api.failure.preferred.account.disabled': { kind: 'account', sentence: SHUT_ACCOUNT },
  'error.public-api.failure.preferred.account.not.set': { kind: 'account', sentence: SHUT_ACCOUNT },
  'error.public-api.failure.stockbroking-not-supported': {
    kind: 'account',
    sentence: 'IG does not offer its API for a share dealing account. Choose a CFD or spread betting account.',
  },
  'error.security.account-access-denied': { kind: 'account', sentence: SHUT_ACCOUNT },
  'error.security.account-migrated': { kind: 'account', sentence: SHUT_ACCOUNT },
  'error.security.account-not-yet-activated': { kind: 'account', sentence: SHUT_ACCOUNT },
  'error.security.account-suspended': { kind: 'account', sentence: SHUT_ACCOUNT },
  'error.confirms.deal-not-found': { kind: 'not-found', sentence: 'IG does not know the deal yet, or not at all.' },
  'unauthorised.access.to.equity.exception': {
    kind: 'account',
    sentence: 'This market is not enabled for the account. Choose another, or ask IG to enable it.',
  },
};

function quota(whose: string): Ruling {
  return {
    kind: 'quota',
    sentence: `IG's allowance of requests a minute for ${whose} is used up; waiting until it is there again.`,
    waitMs: ALLOWANCE_WAIT_MS,
  };
}

/** Codes by what they begin with, the first that fits, for those that IG's documents do not list one by one. */
const FAMILIES: readonly (readonly [pattern: RegExp, ruling: Ruling])[] = [
  [/^error\.security\.(client|account|oauth)-token-/, { kind: 'token', sentence: DEAD_TOKEN }],
  [/^error\.security\.api-key-/, { kind: 'api-key', sentence: WRONG_KEY }],
  [/^error\.security\./, { kind: 'credentials', sentence: WRONG_LOGIN }],
  [/^error\.public-api\.exceeded-/, quota('this use')],
  [/epic|instrument|market/, { kind: 'not-found', sentence: 'IG does not offer this market to the account.' }],
];

/**
 * What an answer that is no success means.
 * @param what the request in words: `market details of CS.D.EURUSD.CFD.IP`
 * @param code IG's `errorCode`, as it came; one that does not look like a code is left out
 */
export function refusalOf(what: string, status: number, code: unknown, retryAfterMs?: number): IgError {
  const known = typeof code === 'string' && /^[A-Za-z0-9._-]{1,100}$/.test(code) ? code : undefined;
  const ruling = (known === undefined ? undefined : rulingOf(known)) ?? rulingOfStatus(status);
  return new IgError(ruling.kind, `${what}: ${ruling.sentence}`, status, known, retryAfterMs ?? ruling.waitMs);
}

function rulingOf(code: string): Ruling | undefined {
  return RULINGS[code] ?? FAMILIES.find(([pattern]) => pattern.test(code))?.[1];
}

function rulingOfStatus(status: number): Ruling {
  if (status === 401) return { kind: 'credentials', sentence: WRONG_LOGIN };
  if (status === 429) return quota('this use');
  if (status === 404) return { kind: 'not-found', sentence: 'IG does not know it.' };
  if (status >= 500) return { kind: 'unavailable', sentence: `IG is not available (HTTP ${status}); trying again.` };
  return { kind: 'request', sentence: `IG refused the request (HTTP ${status}).` };
}
