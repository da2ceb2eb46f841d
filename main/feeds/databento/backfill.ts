import { HOUR_US, MINUTE_US } from '../../../shared/units.ts';
import type { Clock } from '../../core/clock/clock.ts';
import type { DatabentoHistory, HistoricalEstimate, HistoricalSelection } from './historical.ts';
import { HistoricalError } from './historical-error.ts';
import type { LiveGatewayOptions } from './live-gateway.ts';
import { liveSchemas } from './live-schemas.ts';
import { RecordWindow } from './record-window.ts';
import { ReplayOnce } from './replay-once.ts';
import { groupByStype, subscriptionsFrom } from './session-plan.ts';

/** The gateway replays so far back; a little less is relied on, since the replay itself takes time. */
const REPLAY_REACH_US = 24 * HOUR_US - 5 * MINUTE_US;

/** What is missing. The end is exclusive; a `LiveHole` is one. */
export interface BackfillGap {
  readonly fromUs: number;
  readonly toUs: number;
  readonly schemas: readonly string[];
  readonly symbols: readonly string[];
}

export interface BackfillReport {
  readonly route: BackfillRoute;
  /** Market records handed out. */
  readonly records: number;
  /** Filled up to here: history ends some time before now. */
  readonly filledToUs: number;
  /**
   * Trades lie in the gap, and came too late for sums that run live (cumulative delta, volume at price, VPIN): those have a
   * hole there, and are to be shown with it.
   */
  readonly tradeHole: boolean;
}

export interface BackfillOptions {
  readonly clock: Clock;
  readonly dataset: string;
  readonly history: DatabentoHistory;
  /** How the gateway is reached for a replay. */
  readonly gateway: Pick<LiveGatewayOptions, 'address' | 'key' | 'connectMs' | 'loginMs' | 'silenceMs'>;
}

export type BackfillRoute = 'replay' | 'history';

/**
 * Which way a gap is filled: the gateway replays the last 24 hours free of charge, history has what is older, and books by
 * order, of which a replay has no beginning.
 */
export function backfillRoute(gap: BackfillGap, nowUs: number): BackfillRoute {
  if (gap.schemas.includes('mbo')) return 'history';
  return gap.fromUs >= nowUs - REPLAY_REACH_US ? 'replay' : 'history';
}

/** Fetches what is missing of Databento's stream. */
export class Backfill {
  readonly #options: BackfillOptions;

  constructor(options: BackfillOptions) {
    this.#options = options;
  }

  /** What filling the gap costs; a replay costs nothing, and its size is not known before. */
  async estimate(gap: BackfillGap, route = this.#route(gap)): Promise<HistoricalEstimate> {
    if (route === 'replay') return { costUsd: 0, bytes: 0 };
    const parts = await Promise.all(
      this.#selections(gap, gap.toUs).map((selection) => this.#options.history.estimate(selection)),
    );
    return {
      costUsd: parts.reduce((sum, { costUsd }) => sum + costUsd, 0),
      bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  /**
   * Fetches the gap. Streams come one after the other: each is its metadata, then whole records, those of the gap alone.
   * @param hand given each piece, with a number that tells streams apart; the bytes are the receiver's
   * @param confirmed cost and size were shown and accepted
   * @throws HistoricalError
   */
  async fill(
    gap: BackfillGap,
    hand: (bytes: Uint8Array, stream: number) => void,
    confirmed = false,
    route = this.#route(gap),
  ): Promise<BackfillReport> {
    return route === 'replay' ? this.#replay(gap, hand) : this.#fetch(gap, hand, confirmed);
  }

  #route(gap: BackfillGap): BackfillRoute {
    return backfillRoute(gap, this.#options.clock.nowUs());
  }

  async #fetch(
    gap: BackfillGap,
    hand: (bytes: Uint8Array, stream: number) => void,
    confirmed: boolean,
  ): Promise<BackfillReport> {
    const { history, dataset } = this.#options;
    const { endNs } = await history.datasetRange(dataset);
    const filledToUs = Math.min(gap.toUs, Number(endNs / 1000n));
    if (filledToUs <= gap.fromUs) {
      const sentence = 'Databento’s history does not reach the gap yet: try again later.';
      throw new HistoricalError('bad-request', sentence);
    }
    if (!confirmed) history.check(await this.estimate({ ...gap, toUs: filledToUs }, 'history'));
    let records = 0;
    let traded = false;
    for (const [stream, selection] of this.#selections(gap, filledToUs).entries()) {
      const window = new RecordWindow(gap.fromUs, filledToUs, (bytes) => hand(bytes, stream));
      for await (const chunk of history.range(selection, true)) window.push(chunk);
      records += window.records;
      traded ||= window.traded;
    }
    return { route: 'history', records, filledToUs, tradeHole: traded };
  }

  #selections(gap: BackfillGap, toUs: number): HistoricalSelection[] {
    const range = { startNs: BigInt(gap.fromUs) * 1000n, endNs: BigInt(toUs) * 1000n };
    return gap.schemas.flatMap((schema) =>
      [...groupByStype(gap.symbols)].map(([stypeIn, symbols]) => {
        return { dataset: this.#options.dataset, schema, stypeIn, symbols, ...range };
      }),
    );
  }

  async #replay(gap: BackfillGap, hand: (bytes: Uint8Array, stream: number) => void): Promise<BackfillReport> {
    const { clock, dataset, gateway } = this.#options;
    const schemas = liveSchemas(gap.schemas).filter(({ recovery }) => recovery !== 'snapshot');
    const replay = new ReplayOnce(schemas, gap.fromUs, gap.toUs, (bytes) => hand(bytes, 0));
    await replay.run({
      ...gateway,
      clock,
      terms: { dataset, client: 'fathom', heartbeatS: 10 },
      subscriptions: subscriptionsFrom(schemas, gap.symbols, BigInt(gap.fromUs) * 1000n),
    });
    const { records, traded } = replay.window;
    return { route: 'replay', records, filledToUs: gap.toUs, tradeHole: traded };
  }
}
