/**
 * What the desktop shell and its engine process say to each other. A `client` message carries one port: a page's line to
 * the engine, over which the messages and frames of the contract travel.
 */
export type ShellMessage =
  | {
      readonly kind: 'start';
      readonly restarts: number;
      /** File to replay instead of the live source. */
      readonly replay: string | undefined;
    }
  | { readonly kind: 'client' }
  | { readonly kind: 'ping' }
  | { readonly kind: 'stop' };

/** `failed` = the engine could not start, with words for the trader. */
export type UtilityMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'pong' }
  | { readonly kind: 'failed'; readonly words: string };

/** What the preload script posts into the page together with a new line's port, and the channel that it hears of it on. */
export const PORT_MESSAGE = 'fathom-port';
