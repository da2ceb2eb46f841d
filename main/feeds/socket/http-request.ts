import { afterMs } from '../../core/clock/wall-timer.ts';

/** A request to a venue's REST interface. */
export interface HttpRequest {
  readonly url: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whole time for connecting, sending and reading. Default 15 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Whether a redirection is followed (default), or given as the answer: whoever follows takes keys in headers along. */
  readonly redirect?: 'follow' | 'manual';
}

/** An answer, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/** No answer came: the host cannot be reached, or is silent. Its words name the host, never path, query or headers. */
export class HttpFault extends Error {
  override readonly name = 'HttpFault';
  readonly timedOut: boolean;

  constructor(url: string, timedOut: boolean, cause: string) {
    const { host } = new URL(url);
    super(timedOut ? `${host} did not answer in time` : `${host} cannot be reached (${cause})`);
    this.timedOut = timedOut;
  }
}

/** Asks, and gives the answer with its whole body. @throws HttpFault when there is none */
export async function httpRequest(request: HttpRequest): Promise<HttpAnswer> {
  const { url, method = 'GET', headers = {}, body, timeoutMs = 15_000, signal, redirect = 'follow' } = request;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method,
      headers: { ...headers },
      redirect,
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
  } catch (error) {
    throw new HttpFault(url, timeout.aborted, causeOf(error));
  }
}

/** An answer whose body comes piece by piece. */
export interface HttpStream {
  readonly status: number;
  readonly headers: Headers;
  /** @throws HttpFault when it breaks off, or nothing comes for the time limit of the request */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Asks for an answer that may be large: the time limit holds for the head of the answer and then for each piece of its body,
 * not for the whole. Leaving the body's loop early ends the connection. @throws HttpFault when there is no answer
 */
export async function httpStream(request: HttpRequest): Promise<HttpStream> {
  const { url, method = 'GET', headers = {}, body, timeoutMs = 15_000, signal, redirect = 'follow' } = request;
  const silence = new AbortController();
  const limited = <T>(wait: Promise<T>): Promise<T> => {
    const cancel = afterMs(timeoutMs, () => silence.abort());
    return wait
      .catch((error: unknown) => {
        throw new HttpFault(url, silence.signal.aborted, causeOf(error));
      })
      .finally(cancel);
  };
  const response = await limited(
    fetch(url, {
      method,
      headers: { ...headers },
      redirect,
      signal: signal === undefined ? silence.signal : AbortSignal.any([silence.signal, signal]),
      ...(body === undefined ? {} : { body }),
    }),
  );
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    const reader = response.body?.getReader();
    if (reader === undefined) return;
    try {
      for (let piece = await limited(reader.read()); !piece.done; piece = await limited(reader.read())) {
        yield piece.value;
      }
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  };
  return { status: response.status, headers: response.headers, body: pieces() };
}

/**
 * Wait that an answer asks for (`Retry-After`: seconds or an HTTP date), ms; undefined when it asks for none.
 * @param nowUs wall time, for dates
 */
export function retryAfterMs(headers: { get(name: string): string | null }, nowUs: number): number | undefined {
  const text = headers.get('retry-after')?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : Math.max(0, ms - Math.floor(nowUs / 1000));
}

/** What the system says of a connection that failed: `ECONNREFUSED`, `ENOTFOUND`. */
function causeOf(error: unknown): string {
  const { cause, name } = error as Error & { cause?: { code?: string } };
  return cause?.code ?? name;
}
