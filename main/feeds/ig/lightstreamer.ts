import { createHook } from 'node:async_hooks';
import { createRequire } from 'node:module';
import type { ItemUpdate, LightstreamerClient, Subscription } from 'lightstreamer-client-node';
import { afterMs } from '../../core/clock/wall-timer.ts';
import type { IgStreamAccess } from './ig-session.ts';

/** The vendor's module as far as it is used. */
interface Lightstreamer {
  readonly LightstreamerClient: typeof LightstreamerClient;
  readonly Subscription: typeof Subscription;
}

/** What the vendor's client waits for, ms; what is left out stays at its own defaults. */
export interface LineTimings {
  /** Silence beyond the server's own heartbeat after which the line is said to be stalled. */
  readonly stalledMs?: number;
  /** Further silence after which it is given up. */
  readonly reconnectMs?: number;
  /** How long a broken session is tried to be recovered without loss. */
  readonly recoveryMs?: number;
  /** How long an attempt to connect may take. */
  readonly attemptMs?: number;
}

export interface LineListener {
  /** A session's status in the vendor's words: `CONNECTED:WS-STREAMING`, `STALLED`, `DISCONNECTED` … */
  onStatus(status: string): void;
  /** The server refused the session or ended it. */
  onRefused(code: number): void;
  /** @param fields current values in the order of the line's fields; null is none */
  onUpdate(index: number, fields: readonly (string | null)[], changed: readonly boolean[], snapshot: boolean): void;
  onSubscriptionRefused(index: number, code: number): void;
  /** The server left out updates of an item. */
  onLost(index: number, updates: number): void;
}

export interface LineOptions {
  readonly items: readonly string[];
  readonly fields: readonly string[];
  readonly adapter: string;
  readonly timings?: LineTimings;
  readonly listener: LineListener;
}

/** Time for an orderly end; whatever the server says later is not heard. */
const END_WITHIN_MS = 500;

/**
 * One streaming connection at a time with the vendor's client, one subscription per item. The client speaks the protocol,
 * recovers a session whose socket broke, and binds anew when the server asks; it is told when to connect, and with what.
 */
export class LightstreamerLine {
  readonly #options: LineOptions;
  readonly #client: LightstreamerClient;
  readonly #subscriptions: readonly Subscription[];
  /** Told to connect, and not yet disconnected since: the client's own status follows a moment later. */
  #wanted = false;
  #ended = false;
  /** Called when the client is disconnected after the end. */
  #onEnd: (() => void) | undefined;

  constructor(options: LineOptions) {
    this.#options = options;
    const vendor = vendorModule();
    // The vendor's types leave out that there may be neither address nor adapter set.
    this.#client = new vendor.LightstreamerClient(null as unknown as string, null as unknown as string);
    this.#configure(options.timings ?? {});
    const { listener } = options;
    this.#client.addListener({
      onStatusChange: (status) => {
        if (status === 'DISCONNECTED') {
          this.#wanted = false;
          this.#onEnd?.();
        }
        this.#tell(() => listener.onStatus(status));
      },
      onServerError: (code) => this.#tell(() => listener.onRefused(code)),
    });
    this.#subscriptions = options.items.map((item, index) => this.#subscription(vendor, item, index));
    for (const subscription of this.#subscriptions) this.#client.subscribe(subscription);
  }

  connect({ endpoint, user, password }: IgStreamAccess): void {
    const { connectionDetails } = this.#client;
    connectionDetails.setServerAddress(endpoint);
    connectionDetails.setUser(user);
    connectionDetails.setPassword(password);
    this.#wanted = true;
    this.#client.connect();
  }

  /** Lets the connection go; `connect` makes a new one. */
  disconnect(): void {
    this.#client.disconnect();
  }

  /** Asks for the values of an item anew. */
  renew(index: number): void {
    const subscription = this.#subscriptions[index]!;
    this.#client.unsubscribe(subscription);
    this.#client.subscribe(subscription);
  }

  /** Ends for good: the listener is not called any more. */
  async end(): Promise<void> {
    this.#ended = true;
    if (!this.#wanted) return;
    await new Promise<void>((done) => {
      const cancel = afterMs(END_WITHIN_MS, done);
      this.#onEnd = () => {
        cancel();
        done();
      };
      this.#client.disconnect();
    });
  }

  #configure({ stalledMs, reconnectMs, recoveryMs, attemptMs }: LineTimings): void {
    const { connectionOptions } = this.#client;
    connectionOptions.setForcedTransport('WS-STREAMING');
    if (stalledMs !== undefined) connectionOptions.setStalledTimeout(stalledMs);
    if (reconnectMs !== undefined) connectionOptions.setReconnectTimeout(reconnectMs);
    if (recoveryMs !== undefined) connectionOptions.setSessionRecoveryTimeout(recoveryMs);
    if (attemptMs !== undefined) connectionOptions.setRetryDelay(attemptMs);
  }

  #subscription(vendor: Lightstreamer, item: string, index: number): Subscription {
    const { fields, adapter, listener } = this.#options;
    const subscription = new vendor.Subscription('MERGE', [item], [...fields]);
    subscription.setDataAdapter(adapter);
    subscription.setRequestedSnapshot('yes');
    subscription.addListener({
      onItemUpdate: (update) => this.#tell(() => this.#update(index, update)),
      onSubscriptionError: (code) => this.#tell(() => listener.onSubscriptionRefused(index, code)),
      onItemLostUpdates: (_item, _position, updates) => this.#tell(() => listener.onLost(index, updates)),
    });
    return subscription;
  }

  #update(index: number, update: ItemUpdate): void {
    const { fields, listener } = this.#options;
    const values = fields.map((field): string | null => update.getValue(field));
    const changed = fields.map((field) => update.isValueChanged(field));
    listener.onUpdate(index, values, changed, update.isSnapshot());
  }

  /** The vendor's client swallows what its listeners throw: it is thrown where it is seen. */
  #tell(call: () => void): void {
    if (this.#ended) return;
    try {
      call();
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

let loaded: Lightstreamer | undefined;

/**
 * Loads the vendor's module when it is first needed: on loading it starts a timer of 50 ms, which it never ends. That timer
 * alone may not keep the process alive, so whatever is started meanwhile is told so.
 */
function vendorModule(): Lightstreamer {
  if (loaded !== undefined) return loaded;
  const hook = createHook({
    init: (_id, type, _trigger, resource) => {
      if (type === 'Timeout') (resource as NodeJS.Timeout).unref();
    },
  });
  hook.enable();
  try {
    loaded = createRequire(import.meta.url)('lightstreamer-client-node') as Lightstreamer;
  } finally {
    hook.disable();
  }
  return loaded;
}
