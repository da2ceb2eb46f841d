import type { FeedState } from '../../core/feed-port.ts';

/** What to do about a key that is missing or wrong. */
export const KEY_HELP = 'set DATABENTO_API_KEY (feeds.databento) to a valid key';

/** The gateway does not know the key. */
export function badCredentials(text: string): FeedState {
  return {
    condition: 'bad-credentials',
    words: `Databento refused the key (${text || 'no reason given'}): ${KEY_HELP}`,
  };
}

/** The gateway knows the key, but does not serve what was asked for. */
export function refusedRequest(text: string): FeedState {
  const check = 'check dataset, schemas and symbols in feeds.databento, and that the account is entitled to them';
  return { condition: 'refused', words: `Databento refused the subscription (${text}): ${check}` };
}
