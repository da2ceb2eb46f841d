import type { KeyName } from '../../../shared/vendors.ts';

/** What a keeper of keys gives: the key, or undefined when it has none. */
export type FeedKeys = (name: KeyName) => string | undefined;

/** Keys of the environment. */
export function environmentKeys(environment: NodeJS.ProcessEnv): FeedKeys {
  return (name) => {
    const value = environment[name];
    return value === undefined || value === '' ? undefined : value;
  };
}
