import { createHash, createHmac } from 'node:crypto';
import type { Clock } from '../../core/clock/clock.ts';
import { HttpFault, httpRequest } from '../socket/http-request.ts';

/** What an account is known by. */
export interface KrakenKey {
  readonly key: string;
  /** Base64, as Kraken shows it. */
  readonly secret: string;
}

/** Kraken refused a signed request. `credentials`: the key itself is at fault, asking again does not help. */
export class KrakenRefusal extends Error {
  override readonly name = 'KrakenRefusal';
  readonly credentials: boolean;

  constructor(words: string, credentials: boolean) {
    super(words);
    this.credentials = credentials;
  }
}

const TOKEN_PATH = '/0/private/GetWebSocketsToken';
/** Errors that come of the key, its secret or its rights. */
const KEY_ERRORS = /^(EAPI:Invalid (key|signature)|EGeneral:Permission denied)/;

/**
 * Signature of a request: base64 of HMAC-SHA512, keyed with the decoded secret, over path and SHA-256 of nonce and body.
 * (Kraken, "REST authentication".)
 */
export function signatureOf(path: string, nonce: string, body: string, secret: string): string {
  const inner = createHash('sha256')
    .update(nonce + body)
    .digest();
  return createHmac('sha512', Buffer.from(secret, 'base64')).update(path).update(inner).digest('base64');
}

/** The one private request that market data needs. */
export class KrakenRest {
  readonly #clock: Clock;
  readonly #url: string;
  readonly #account: KrakenKey;
  #nonce = 0;

  /** @param url base address, `https://api.kraken.com` */
  constructor(clock: Clock, url: string, account: KrakenKey) {
    this.#clock = clock;
    this.#url = url;
    this.#account = account;
  }

  /**
   * A token for authenticated channels, to be used within 15 minutes.
   * @throws KrakenRefusal with the venue's word, HttpFault when no answer came
   */
  async webSocketToken(): Promise<string> {
    // Milliseconds, and never the same twice: Kraken asks for nonces that grow.
    this.#nonce = Math.max(this.#nonce + 1, Math.floor(this.#clock.nowUs() / 1000));
    const nonce = String(this.#nonce);
    const body = `nonce=${nonce}`;
    const answer = await httpRequest({
      url: `${this.#url}${TOKEN_PATH}`,
      method: 'POST',
      headers: {
        'API-Key': this.#account.key,
        'API-Sign': signatureOf(TOKEN_PATH, nonce, body, this.#account.secret),
        'Content-Type': 'application/x-www-form-urlencoded',
      },
      body,
    });
    if (answer.status !== 200)
      throw new KrakenRefusal(`Kraken answered with HTTP ${answer.status}`, answer.status === 401);
    const { error, result } = parsed(answer.bytes);
    const first = error?.[0];
    if (first !== undefined)
      throw new KrakenRefusal(`Kraken refused the token: ${first.slice(0, 100)}`, KEY_ERRORS.test(first));
    if (result?.token === undefined) throw new KrakenRefusal('Kraken’s answer holds no token', false);
    return result.token;
  }
}

interface TokenAnswer {
  readonly error?: readonly string[];
  readonly result?: { readonly token?: string };
}

function parsed(bytes: Uint8Array): TokenAnswer {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as TokenAnswer;
  } catch {
    throw new KrakenRefusal('Kraken’s answer to the token request is no JSON', false);
  }
}

/** Words of a failed token request that are fit for the screen. */
export function tokenFaultWords(error: unknown): string {
  if (error instanceof KrakenRefusal || error instanceof HttpFault) return error.message;
  return 'the token could not be had';
}
