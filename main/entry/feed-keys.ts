/** The keys that feeds need, by the environment variable that holds each. They live here and in the feeds, nowhere else. */
export const KEY_NAMES = [
  'DATABENTO_API_KEY',
  'IG_API_KEY',
  'IG_IDENTIFIER',
  'IG_PASSWORD',
  'KRAKEN_API_KEY',
  'KRAKEN_API_SECRET',
  'INSIGHTSENTRY_API_KEY',
] as const;

export type KeyName = (typeof KEY_NAMES)[number];

/** What a keeper of keys gives: the key, or undefined when it has none. */
export type FeedKeys = (name: KeyName) => string | undefined;

/** Keys of the environment. */
export function environmentKeys(environment: NodeJS.ProcessEnv): FeedKeys {
  return (name) => {
    const value = environment[name];
    return value === undefined || value === '' ? undefined : value;
  };
}
