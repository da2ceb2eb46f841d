import type { WebSocket } from 'ws';
import {
  COLUMN_WIDTH,
  DEPTH_WIDTH,
  FrameWriter,
  LADDER_WIDTH,
  LEVEL_WIDTH,
  SECTION,
  SECTION_SNAPSHOT,
  type SectionKind,
  TRADE_WIDTH,
} from '../../../shared/contract/frames.ts';
import { FEATURE_COUNT } from '../../../shared/features.ts';
import type { ScriptedMarket } from './market.ts';

const CREDITS = 2;
const LADDER_EVERY = 6;

/** One client's fast topics: at most two frames unacknowledged, rows since the last frame, snapshots after a subscription. */
export class ClientLine {
  readonly #socket: WebSocket;
  readonly #writer = new FrameWriter();
  readonly #topics = new Map<string, { next: number; snapshot: boolean }>();
  #sequence = 0;
  #open = 0;
  #beats = 0;
  /** Makes the next frame leave rows of this topic out, as a slow client would see it. */
  loseRowsOf: string | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  subscribe(topic: string): void {
    this.#topics.set(topic, { next: 0, snapshot: true });
  }

  unsubscribe(topic: string): void {
    this.#topics.delete(topic);
  }

  ack(): void {
    this.#open = Math.max(0, this.#open - 1);
  }

  /** Sends one frame of everything subscribed, unless the client still owes acknowledgements. */
  beat(markets: readonly ScriptedMarket[], nowUs: number): void {
    if (this.#open >= CREDITS || this.#topics.size === 0) return;
    this.#beats++;
    this.#writer.begin(
      ++this.#sequence,
      nowUs,
      markets.reduce((sum, m) => sum + m.events, 0),
    );
    for (const [topic, state] of this.#topics) {
      const [kind, index] = topic.split(':') as [string, string];
      const number = Number(index);
      const market = markets[number];
      if (!market) continue;
      if (kind === 'depth') {
        this.#put(SECTION.depth, number, [market.depth], DEPTH_WIDTH, 0, false);
        this.#levels(number, market.levels());
      }
      if (kind === 'features') {
        this.#put(
          SECTION.features,
          number,
          [Float64Array.of(market.nowUs, ...market.features)],
          FEATURE_COUNT + 1,
          0,
          false,
        );
      }
      if (kind === 'ladder' && this.#beats % LADDER_EVERY === 1) this.#ladder(number, market);
      if (kind === 'columns')
        this.#rows(SECTION.columns, topic, number, market.columns, market.columnsFirst, COLUMN_WIDTH, state);
      if (kind === 'trades')
        this.#rows(SECTION.trades, topic, number, market.trades, market.tradesFirst, TRADE_WIDTH, state);
    }
    this.#open++;
    this.#socket.send(this.#writer.finish());
  }

  #levels(index: number, values: Float64Array): void {
    const rows = values.length / LEVEL_WIDTH;
    if (rows === 0) return;
    const at = this.#writer.section(SECTION.levels, SECTION_SNAPSHOT, index, rows, LEVEL_WIDTH, rows / 2, 0);
    this.#writer.floats.set(values, at);
  }

  #ladder(index: number, market: ScriptedMarket): void {
    const values = market.ladder();
    const at = this.#writer.section(
      SECTION.ladder,
      SECTION_SNAPSHOT,
      index,
      values.length / LADDER_WIDTH,
      LADDER_WIDTH,
      0,
      0,
    );
    this.#writer.floats.set(values, at);
  }

  #rows(
    kind: SectionKind,
    topic: string,
    index: number,
    rows: readonly Float64Array[],
    first: number,
    width: number,
    state: { next: number; snapshot: boolean },
  ): void {
    let from = state.snapshot ? first : Math.max(first, state.next);
    if (this.loseRowsOf === topic && !state.snapshot && first + rows.length > from) {
      from = first + rows.length - 1;
      this.loseRowsOf = undefined;
    }
    const news = rows.slice(from - first);
    if (news.length === 0 && !state.snapshot) return;
    this.#put(kind, index, news, width, from, state.snapshot);
    state.next = first + rows.length;
    state.snapshot = false;
  }

  #put(
    kind: SectionKind,
    index: number,
    rows: readonly Float64Array[],
    width: number,
    first: number,
    snapshot: boolean,
  ): void {
    const at = this.#writer.section(kind, snapshot ? SECTION_SNAPSHOT : 0, index, rows.length, width, first, 0);
    for (const [i, row] of rows.entries()) this.#writer.floats.set(row, at + i * width);
  }
}
