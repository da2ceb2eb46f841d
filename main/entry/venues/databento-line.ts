import { join } from 'node:path';
import { type Cancel, everyMs } from '../../core/clock/wall-timer.ts';
import type { Feed } from '../../core/feed-port.ts';
import { Backfill } from '../../feeds/databento/backfill.ts';
import { DatabentoHistory } from '../../feeds/databento/historical.ts';
import { LiveDatabentoFeed } from '../../feeds/databento/live-feed.ts';
import { gatewayAddress } from '../../feeds/databento/live-handshake.ts';
import type { LiveDatabentoFeedOptions } from '../../feeds/databento/live-options.ts';
import { DatabentoBackfill } from './databento-backfill.ts';
import { resumedStream, type StreamPlace, savePlace } from './databento-positions.ts';
import type { PastOutlet } from './past-outlet.ts';

const SAVE_MS = 3_000;
/** Name of the file in the state folder. */
const PLACE_FILE = 'databento-positions.json';

export interface DatabentoLineOptions extends LiveDatabentoFeedOptions {
  readonly dataset: string;
  readonly symbols: readonly string[];
  readonly past: PastOutlet;
  readonly historicalUrl: string;
  /** Size of a historical request above which the trader is asked first. */
  readonly askAboveBytes: number;
  /** How often holes are looked at. Default 1 s. */
  readonly lookMs?: number;
}

/**
 * Databento's live feed with its past: it goes on from where the run before it left off, keeps that place for the run after
 * it, and has what no replay brings fetched from history.
 */
export class DatabentoLine implements Feed {
  readonly name = 'databento';
  readonly #options: DatabentoLineOptions;
  readonly #path: string;
  #feed: LiveDatabentoFeed | undefined;
  #backfill: DatabentoBackfill | undefined;
  #begun: Promise<void> | undefined;
  #saves: Cancel | undefined;
  #saving: Promise<void> = Promise.resolve();
  /** Place of the last look: what it counts as received has been recorded by the next one. */
  #place: StreamPlace | undefined;
  #saveFailed = false;
  #stopped = false;

  constructor(options: DatabentoLineOptions) {
    this.#options = options;
    this.#path = join(options.past.state, PLACE_FILE);
  }

  get reconnects(): number {
    return this.#feed?.reconnects ?? 0;
  }

  get catchingUp(): boolean {
    return this.#feed?.catchingUp ?? false;
  }

  start(): void {
    if (this.#begun !== undefined) throw new Error('a feed is started once');
    this.#begun = this.#begin();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#begun;
    this.#saves?.();
    this.#backfill?.stop();
    const last = this.#now();
    await this.#feed?.stop();
    this.#save(last);
    await this.#saving;
  }

  resync(symbol: string, why: string): void {
    this.#feed?.resync(symbol, why);
  }

  refused(): void {
    this.#feed?.refused();
  }

  async #begin(): Promise<void> {
    const { clock, dataset, symbols, past, outlet } = this.#options;
    outlet.state({ condition: 'connecting', words: 'looking up how far the last run came' });
    const resume = await resumedStream(this.#path, { dataset, symbols }, clock.nowUs(), past.captures).catch(
      (error: Error) => {
        past.announce('caution', `Databento: the last run cannot be gone on from (${error.message}).`);
        return undefined;
      },
    );
    if (this.#stopped) return;
    const feed = new LiveDatabentoFeed({
      ...this.#options,
      ...(resume === undefined ? {} : { resume }),
      onHole: (hole) => this.#backfill?.add(hole),
    });
    this.#feed = feed;
    this.#backfill = this.#filler(feed);
    feed.start();
    this.#saves = everyMs(SAVE_MS, () => {
      this.#save(this.#place);
      this.#place = this.#now();
    });
  }

  #filler(feed: LiveDatabentoFeed): DatabentoBackfill {
    const { clock, random, key = '', dataset, past, historicalUrl, askAboveBytes, lookMs, url } = this.#options;
    const history = new DatabentoHistory({ clock, random, key, url: historicalUrl, confirmBytes: askAboveBytes });
    const gateway = { address: gatewayAddress(dataset, url), key: key.trim() };
    return new DatabentoBackfill({
      clock,
      dataset,
      history,
      backfill: new Backfill({ clock, dataset, history, gateway }),
      past,
      askAboveBytes,
      tell: (state) => feed.tellFilling(state),
      settle: (hole) => feed.settle(hole),
      ...(lookMs === undefined ? {} : { lookMs }),
    });
  }

  #now(): StreamPlace | undefined {
    const { dataset, symbols, clock } = this.#options;
    const positions = this.#feed?.positions() ?? [];
    // What an earlier run came to stands while nothing has come.
    if (positions.length === 0) return undefined;
    return { dataset, symbols, savedUs: clock.nowUs(), positions, holes: this.#feed?.holes ?? [] };
  }

  #save(place: StreamPlace | undefined): void {
    if (place === undefined) return;
    this.#saving = this.#saving
      .then(() => savePlace(this.#path, place))
      .catch((error: Error) => {
        if (this.#saveFailed) return;
        this.#saveFailed = true;
        const words = `Databento: how far it has come could not be kept (${error.message}).`;
        this.#options.past.announce('caution', words);
      });
  }
}
