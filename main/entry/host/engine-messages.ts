/** What the supervisor says to the engine process. Secrets travel here, never in arguments or the environment. */
export type SupervisorMessage =
  | {
      readonly kind: 'serve';
      readonly token: string;
      readonly cookieKey: string;
      readonly port: number;
      /** Whether any free port will do when that one is taken. */
      readonly portMayMove: boolean;
      readonly restarts: number;
      /** File to replay instead of the live source. */
      readonly replay?: string | undefined;
    }
  | { readonly kind: 'ping' }
  | { readonly kind: 'stop' };

/** What the engine process says to the supervisor. `failed` = it could not start, with words for the trader; `notice` = words for whoever sees the terminal that it was started at; `restart` = it wants to be started anew, which is no crash. */
export type EngineMessage =
  | { readonly kind: 'ready'; readonly port: number; readonly url: string }
  | { readonly kind: 'pong' }
  | { readonly kind: 'restart' }
  | { readonly kind: 'notice'; readonly words: string }
  | { readonly kind: 'failed'; readonly words: string };
