import { ERROR_CODE, SYSTEM_CODE } from '../../codec/dbn/layout.ts';
import { HistoricalError } from './historical-error.ts';
import { type GatewayEnd, type GatewaySink, LiveGateway, type LiveGatewayOptions } from './live-gateway.ts';
import { shownText } from './live-handshake.ts';
import { type GatewayNotice, readNotice } from './live-notices.ts';
import { type LiveSchema, rtypesNamedIn } from './live-schemas.ts';
import { RecordWindow } from './record-window.ts';

/** Errors of the gateway that leave a session as it is. */
const HARMLESS: ReadonlySet<number> = new Set([ERROR_CODE.SYMBOL_RESOLUTION_FAILED]);

/** A session with the gateway for one replay, left as soon as every schema has caught up. */
export class ReplayOnce implements GatewaySink {
  readonly window: RecordWindow;
  readonly #left: Set<LiveSchema>;
  #session: LiveGateway | undefined;
  #key = '';
  #fault: unknown;
  #done: () => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;

  constructor(schemas: readonly LiveSchema[], fromUs: number, toUs: number, hand: (bytes: Uint8Array) => void) {
    this.#left = new Set(schemas);
    this.window = new RecordWindow(fromUs, toUs, hand, (record) =>
      this.#notice(readNotice(record, 0, this.window.version)),
    );
  }

  /** Resolves when the replay is complete. @throws HistoricalError, DbnError */
  run(options: LiveGatewayOptions): Promise<void> {
    this.#key = options.key;
    return new Promise((done, fail) => {
      this.#done = done;
      this.#fail = fail;
      this.#session = new LiveGateway(options, this);
    });
  }

  onSession(): void {}

  onBytes(bytes: Uint8Array): void {
    try {
      this.window.push(bytes);
    } catch (error) {
      this.#fault ??= error;
    }
    if (this.#fault !== undefined || this.#left.size === 0) this.#session?.close();
  }

  onEnd({ kind, words }: GatewayEnd): void {
    if (this.#fault !== undefined) this.#fail(this.#fault);
    else if (this.#left.size === 0) this.#done();
    else if (kind === 'login-refused') {
      const sentence = `Databento refused the login (${words}): set DATABENTO_API_KEY (feeds.databento) to a valid key.`;
      this.#fail(new HistoricalError('bad-credentials', sentence));
    } else this.#fail(brokenOff(words));
  }

  #notice(notice: GatewayNotice): void {
    if (notice.kind === 'error' && !HARMLESS.has(notice.code)) {
      this.#fault ??= brokenOff(`reported an error: ${shownText(notice.text, this.#key)}`);
    }
    if (notice.kind !== 'system' || notice.code !== SYSTEM_CODE.REPLAY_COMPLETED) return;
    const rtypes = rtypesNamedIn(notice.text);
    for (const schema of this.#left) {
      if (rtypes.length === 0 || rtypes.includes(schema.rtype)) this.#left.delete(schema);
    }
  }
}

function brokenOff(words: string): HistoricalError {
  return new HistoricalError('broken-off', `The replay was not completed: the gateway ${words}.`);
}
