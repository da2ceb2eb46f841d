import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Tells the terminal's own page from everybody else on this machine. The token of the printed address buys the session
 * cookie and nothing else; the cookie opens the line to the engine. The cookie is derived from a key that outlives the
 * engine process, so that a restarted engine knows its pages again.
 */
export class SessionCookie {
  readonly #token: string;
  readonly #name: string;
  readonly #value: string;

  /** @param port part of the cookie's name, since browsers send cookies to all ports of a host */
  constructor(token: string, cookieKey: string, port: number) {
    this.#token = token;
    this.#name = `fathom-session-${port}`;
    this.#value = createHmac('sha256', cookieKey).update(this.#name).digest('base64url');
  }

  /** The `Set-Cookie` value for the right token, else undefined. */
  exchange(token: string): string | undefined {
    if (!sameSecret(token, this.#token)) return undefined;
    return `${this.#name}=${this.#value}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Whether a `Cookie` header holds the session cookie. */
  admits(header: string | undefined): boolean {
    if (header === undefined) return false;
    for (const pair of header.split(';')) {
      const at = pair.indexOf('=');
      if (pair.slice(0, at).trim() === this.#name && sameSecret(pair.slice(at + 1).trim(), this.#value)) return true;
    }
    return false;
  }
}

/** Compares in a time that says nothing about where, or by what length, the texts differ. */
function sameSecret(given: string, secret: string): boolean {
  return timingSafeEqual(digest(given), digest(secret));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
