import { readFrame, SECTION, type Section } from '../../shared/contract/frames.ts';
import { FEATURE_COUNT } from '../../shared/features.ts';
import { EngineClock } from './engine-clock.ts';
import { MarketReplica } from './market-replica.ts';

const FEATURE_ROW_WIDTH = FEATURE_COUNT + 1;

/** All fast data of the page. Frames write, canvases read; React sees none of it. */
export class Replica {
  readonly clock = new EngineClock();
  readonly #markets = new Map<number, MarketReplica>();
  readonly #rowsLost: (topic: string) => void;
  framesTaken = 0;
  inputSequence = 0;

  /** @param rowsLost called with the topic whose rows do not follow on, so that it is asked for again */
  constructor(rowsLost: (topic: string) => void) {
    this.#rowsLost = rowsLost;
  }

  market(index: number): MarketReplica {
    let market = this.#markets.get(index);
    if (!market) {
      market = new MarketReplica();
      this.#markets.set(index, market);
    }
    return market;
  }

  /** Forgets everything: the engine is another one now. */
  clear(): void {
    for (const market of this.#markets.values()) market.clear();
    this.clock.reset();
  }

  /** Takes a frame in and returns its sequence number. @throws FrameError for a frame that is not one of ours */
  take(buffer: ArrayBuffer, nowMs: number): number {
    const head = readFrame(buffer, FEATURE_ROW_WIDTH, this.#section);
    this.clock.hear(head.engineTimeUs, nowMs);
    this.inputSequence = head.inputSequence;
    this.framesTaken++;
    return head.sequence;
  }

  readonly #section = (section: Section): void => {
    const market = this.market(section.market);
    const { values, rows } = section;
    switch (section.kind) {
      case SECTION.depth:
        if (rows > 0) market.takeDepth(values);
        return;
      case SECTION.features:
        for (let row = 0; row < rows; row++) {
          market.features.take(rows === 1 ? values : values.subarray(row * section.width));
        }
        return;
      case SECTION.ladder:
        market.takeLadder(values, rows);
        return;
      case SECTION.columns:
        if (market.takeColumns(section.first, rows, values, section.snapshot) > 0) {
          this.#rowsLost(`columns:${section.market}`);
        }
        return;
      case SECTION.levels:
        market.takeLevels(values, rows, section.first);
        return;
      case SECTION.deepColumns:
        market.takeDeepColumns(section.first, rows, values, section.snapshot);
        return;
      case SECTION.trades:
        market.takeTrades(section.first, rows, values, section.snapshot);
    }
  };
}
