import { z } from 'zod';

/** The ways to the vendor: its own site, or RapidAPI, each with keys of its own. */
export type Gateway = 'direct' | 'rapidapi';

const BASE_URL: Readonly<Record<Gateway, string>> = {
  direct: 'https://api.insightsentry.com',
  rapidapi: 'https://insightsentry.p.rapidapi.com',
};

/** Base address of requests, without a slash at its end. @param url in place of the gateway's own; empty = that one */
export function baseUrlOf(gateway: Gateway, url: string): string {
  return (url === '' ? BASE_URL[gateway] : url).replace(/\/+$/, '');
}

/** Headers that say who asks. They hold the key. */
export function headersOf(gateway: Gateway, key: string): Readonly<Record<string, string>> {
  return gateway === 'direct'
    ? { Authorization: `Bearer ${key}` }
    : { 'x-rapidapi-key': key, 'x-rapidapi-host': new URL(BASE_URL.rapidapi).host };
}

const payload = z.looseObject({ exp: z.number() });

/** When a key of the vendor's own site expires, µs; undefined for a key that does not tell. Keys are JWTs (RFC 7519). */
export function keyExpiryUs(key: string): number | undefined {
  const part = key.split('.')[1];
  if (part === undefined) return undefined;
  try {
    const read = payload.safeParse(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));
    return read.success ? read.data.exp * 1_000_000 : undefined;
  } catch {
    return undefined;
  }
}
