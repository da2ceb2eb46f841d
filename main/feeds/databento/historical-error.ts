import { shownText } from './live-handshake.ts';

/**
 * Why history could not be had: the key is refused, the account may not have it, the request can't be served, too many
 * requests, the vendor fails, nobody answers, the answer broke off, or the request is large and was not confirmed.
 */
export type HistoricalFault =
  | 'bad-credentials'
  | 'not-entitled'
  | 'bad-request'
  | 'rate'
  | 'vendor'
  | 'unreachable'
  | 'broken-off'
  | 'unconfirmed';

/** A sentence for the trader: what, why, what to do. It never holds the key. */
export class HistoricalError extends Error {
  override readonly name = 'HistoricalError';
  readonly fault: HistoricalFault;
  readonly status: number | undefined;

  constructor(fault: HistoricalFault, sentence: string, status?: number) {
    super(sentence);
    this.fault = fault;
    this.status = status;
  }
}

/** The error that an answer means; `method` is Databento's name of what was asked (`metadata.get_cost`). */
export function errorOfAnswer(method: string, status: number, body: Uint8Array, key: string): HistoricalError {
  const said = detailOf(body, key);
  const because = `HTTP ${status}${said === '' ? '' : `: ${said}`}`;
  if (status === 401) {
    const sentence = `Databento refused the key (${because}): set DATABENTO_API_KEY (feeds.databento) to a valid key.`;
    return new HistoricalError('bad-credentials', sentence, status);
  }
  if (status === 402 || status === 403) {
    const sentence = `The Databento account may not have this data (${because}): check its plan and credit.`;
    return new HistoricalError('not-entitled', sentence, status);
  }
  if (status === 429) {
    const sentence = `Databento's limit on requests is reached (${because}): wait before asking again.`;
    return new HistoricalError('rate', sentence, status);
  }
  if (status >= 500) {
    const sentence = `Databento could not answer ${method} (${because}): try again later.`;
    return new HistoricalError('vendor', sentence, status);
  }
  const sentence = `Databento can't serve ${method} (${because}): check dataset, schema, symbols and times.`;
  return new HistoricalError('bad-request', sentence, status);
}

/** `{"detail": "text"}` or `{"detail": {"message": "text"}}`; else the text itself. */
function detailOf(body: Uint8Array, key: string): string {
  const text = new TextDecoder().decode(body.subarray(0, 4_096));
  const bare = text.replaceAll(Buffer.from(`${key}:`).toString('base64'), '…');
  let parsed: unknown;
  try {
    parsed = JSON.parse(bare);
  } catch {
    return shownText(bare, key);
  }
  const detail = (parsed as { detail?: unknown } | null)?.detail;
  if (typeof detail === 'string') return shownText(detail, key);
  const message = (detail as { message?: unknown } | null | undefined)?.message;
  return shownText(typeof message === 'string' ? message : JSON.stringify(detail ?? parsed), key);
}
