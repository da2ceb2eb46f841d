import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { pagePolicy } from '../../../shared/page-policy.ts';

/** The one address that the browser host answers under. */
export const LOOPBACK = '127.0.0.1';

/** Why a request is refused, with its HTTP status. */
export interface Refusal {
  readonly status: number;
  readonly words: string;
}

/**
 * Lets requests in that name this host and come from its own page. A page of another site that has its name point at
 * 127.0.0.1 (DNS rebinding) sends its own name as Host; one that calls straight across sends its own Origin.
 */
export class HttpGuard {
  readonly #host: string;
  readonly #origin: string;

  constructor(port: number) {
    this.#host = `${LOOPBACK}:${port}`;
    this.#origin = `http://${this.#host}`;
  }

  /** @param changes whether the request does something, so that its origin has to be named */
  refusal(request: IncomingMessage, changes: boolean): Refusal | undefined {
    if (request.headers.host !== this.#host) return { status: 421, words: `This address serves ${this.#host} only.` };
    const { origin } = request.headers;
    if (origin === undefined ? changes : origin !== this.#origin) {
      return { status: 403, words: 'Requests come from the terminal itself only.' };
    }
    return undefined;
  }

  /** Headers of every answer. The WebSocket is named in the policy since not every browser counts it as 'self'. */
  headers(): OutgoingHttpHeaders {
    return {
      'content-security-policy': pagePolicy([`ws://${this.#host}`]),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), payment=()',
    };
  }
}
