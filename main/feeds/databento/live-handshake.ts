import { createHash } from 'node:crypto';

/**
 * The text part of Databento's live gateway, as values: what the gateway says before the binary stream starts, and the lines
 * that a client writes. Source: Databento's documentation of the raw live API, and its two public clients.
 */

/** Symbols that one subscription line holds at most; longer lists go out as several lines of one subscription. */
const SYMBOLS_A_LINE = 500;
/** Characters of the key that the gateway is told openly, so that it finds the key. */
const BUCKET_LENGTH = 5;
const GATEWAY_PORT = 13_000;

/** How the symbols of a subscription are named. */
export type LiveStype = 'continuous' | 'parent' | 'raw_symbol' | 'instrument_id';

/** One schema of some symbols. */
export interface LiveSubscription {
  readonly schema: string;
  readonly stypeIn: LiveStype;
  readonly symbols: readonly string[];
  /** Chosen by the client; the gateway names it in its messages. */
  readonly id: number;
  /** Replay from here on, nanoseconds since the epoch; 0 = all that there is; undefined = live only. */
  readonly startNs?: bigint;
  /** Begin with the resting orders; schema `mbo` only, and not together with `startNs`. */
  readonly snapshot?: boolean;
}

/** What a client says of itself when it logs in. */
export interface LoginTerms {
  readonly dataset: string;
  /** Free text without `|`. */
  readonly client: string;
  /** Records end with the gateway's send time. */
  readonly tsOut?: boolean;
  readonly compression?: 'none' | 'zstd';
  /** 5 to 1,800 s; left out, the gateway takes 30 s. */
  readonly heartbeatS?: number;
  /** Left out, the gateway decides by schema: `skip` for mbp-1, mbp-10 and the sampled quotes, else `warn`. */
  readonly slowReader?: 'warn' | 'skip';
}

/** One line from the gateway. */
export type GatewayLine =
  | { readonly kind: 'greeting'; readonly version: string }
  | { readonly kind: 'challenge'; readonly challenge: string }
  | { readonly kind: 'success'; readonly sessionId: string }
  | { readonly kind: 'failure'; readonly error: string }
  | { readonly kind: 'unknown'; readonly keys: readonly string[] };

/** Reads a line, its line feed taken off. Keys that are not known beside those that are do no harm. */
export function parseGatewayLine(line: string): GatewayLine {
  const fields = new Map(line.split('|').map(splitField));
  const version = fields.get('lsg_version');
  if (version !== undefined) return { kind: 'greeting', version };
  const challenge = fields.get('cram');
  if (challenge !== undefined && challenge !== '') return { kind: 'challenge', challenge };
  const success = fields.get('success');
  if (success === '1') return { kind: 'success', sessionId: fields.get('session_id') ?? '' };
  if (success !== undefined) return { kind: 'failure', error: fields.get('error') ?? '' };
  return { kind: 'unknown', keys: [...fields.keys()] };
}

function splitField(field: string): [key: string, value: string] {
  const at = field.indexOf('=');
  return at < 0 ? [field, ''] : [field.slice(0, at), field.slice(at + 1)];
}

/** Answer to a challenge: SHA-256 of challenge and key in hex, and the end of the key. */
export function cramReply(challenge: string, key: string): string {
  const digest = createHash('sha256').update(`${challenge}|${key}`, 'utf8').digest('hex');
  return `${digest}-${key.slice(-BUCKET_LENGTH)}`;
}

/** The line that logs in; its reply holds a part of the key, so it is never logged. */
export function loginLine(reply: string, terms: LoginTerms): string {
  const fields = [
    `auth=${reply}`,
    `dataset=${terms.dataset}`,
    'encoding=dbn',
    `ts_out=${terms.tsOut === true ? 1 : 0}`,
    `compression=${terms.compression ?? 'none'}`,
  ];
  if (terms.heartbeatS !== undefined) fields.push(`heartbeat_interval_s=${terms.heartbeatS}`);
  if (terms.slowReader !== undefined) fields.push(`slow_reader_behavior=${terms.slowReader}`);
  fields.push(`client=${terms.client}`);
  return `${fields.join('|')}\n`;
}

/** The lines of a subscription: one for each 500 symbols, all with its id, the last marked so. */
export function subscriptionLines(subscription: LiveSubscription): string[] {
  const { schema, stypeIn, symbols, id, startNs, snapshot } = subscription;
  if (symbols.length === 0) throw new RangeError(`Subscription ${id} to ${schema} names no symbol.`);
  const lines: string[] = [];
  for (let from = 0; from < symbols.length; from += SYMBOLS_A_LINE) {
    const chunk = symbols.slice(from, from + SYMBOLS_A_LINE);
    const fields = [`schema=${schema}`, `stype_in=${stypeIn}`, `symbols=${chunk.join(',')}`];
    if (startNs !== undefined) fields.push(`start=${startNs}`);
    fields.push(`id=${id}`, `snapshot=${snapshot === true ? 1 : 0}`);
    fields.push(`is_last=${from + SYMBOLS_A_LINE >= symbols.length ? 1 : 0}`);
    lines.push(`${fields.join('|')}\n`);
  }
  return lines;
}

/** Ends the text part: from here on the gateway sends DBN. */
export const START_SESSION = 'start_session\n';

/** Where a gateway listens. */
export interface GatewayAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Address of the gateway of a dataset, or of the one that a setting names.
 * @param url `tcp://host:port`; undefined for Databento's own
 * @throws RangeError with a sentence when the text is no such address
 */
export function gatewayAddress(dataset: string, url: string | undefined): GatewayAddress {
  if (url === undefined) {
    return { host: `${dataset.toLowerCase().replaceAll('.', '-')}.lsg.databento.com`, port: GATEWAY_PORT };
  }
  const match = /^tcp:\/\/(\[[0-9a-f:]+\]|[^/:\s]+)(?::(\d{1,5}))?\/?$/i.exec(url);
  const port = match?.[2] === undefined ? GATEWAY_PORT : Number(match[2]);
  if (match === null || port < 1 || port > 65_535) {
    throw new RangeError(`The address of a Databento gateway is written tcp://host:port; "${url}" is not.`);
  }
  return { host: match[1]!.replace(/^\[|\]$/g, ''), port };
}

/** A vendor's text made fit to be shown: without the key, the answer to a challenge, or control characters; 200 characters. */
export function shownText(text: string, key: string): string {
  const bare = key === '' ? text : text.replaceAll(key, '…');
  return bare
    .replace(/[0-9a-f]{64}(-\S{1,5})?/gi, '…')
    .replace(/db-[A-Za-z0-9]{8,}/g, '…')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, 200);
}
