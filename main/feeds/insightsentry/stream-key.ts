import { DAY_US, SECOND_US } from '../../../shared/units.ts';
import type { Clock } from '../../core/clock/clock.ts';
import { webSocketKeyAnswer } from './answers.ts';
import type { Gateway } from './gateway.ts';
import type { InsightSentryRest } from './rest.ts';

/** A stream's key is renewed so long before its end. */
const RESERVE_US = DAY_US;

/**
 * The key that streams are opened with: the vendor's own, while RapidAPI's customers get one for streams alone, good for
 * about a week and asked for once for all streams.
 */
export class StreamKey {
  readonly #gateway: Gateway;
  readonly #key: string;
  readonly #clock: Clock;
  readonly #rest: InsightSentryRest;
  #held: { readonly text: string; readonly untilUs: number } | undefined;
  #asking: Promise<string> | undefined;

  constructor(gateway: Gateway, key: string, clock: Clock, rest: InsightSentryRest) {
    this.#gateway = gateway;
    this.#key = key;
    this.#clock = clock;
    this.#rest = rest;
  }

  /** @throws InsightSentryError where there is none to be had */
  async get(): Promise<string> {
    if (this.#gateway === 'direct') return this.#key;
    if (this.#held !== undefined && this.#held.untilUs - RESERVE_US >= this.#clock.nowUs()) return this.#held.text;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<string> {
    const { api_key, expiration } = await this.#rest.get('stream key', '/v2/websocket-key', webSocketKeyAnswer, true);
    const untilUs = expiration === undefined ? this.#clock.nowUs() + 2 * RESERVE_US : expiration * SECOND_US;
    this.#held = { text: api_key, untilUs };
    return api_key;
  }
}
