import type { DbnRecordWriter } from '../../codec/dbn/write-record.ts';
import type { Random } from '../../core/clock/random.ts';
import type { FutureBook } from './future-book.ts';
import type { IcebergTruth, TruthRecord } from './truth.ts';

/** Mean seconds from one iceberg to the next in normal busy hours. */
const MEAN_S = 260;
/** How long its owner waits at most. */
const PATIENCE_US = 90_000_000;
/** An iceberg that the price has left this many ticks behind is withdrawn. */
const LEFT_BEHIND_TICKS = 5;

export interface PlantedIcebergsSnapshot {
  readonly nextUs: number;
  readonly endsUs: number;
  readonly truthIndex: number;
}

/** Plants icebergs at the best price of one book, one at a time, and writes down what became of them. */
export class PlantedIcebergs {
  readonly #book: FutureBook;
  readonly #root: string;
  readonly #startUs: number;
  readonly #random: Random;
  readonly #truth: TruthRecord[];
  #nextUs: number;
  #endsUs = 0;
  #truthIndex = -1;

  constructor(book: FutureBook, root: string, startUs: number, random: Random, truth: TruthRecord[]) {
    this.#book = book;
    this.#root = root;
    this.#startUs = startUs;
    this.#random = random;
    this.#truth = truth;
    this.#nextUs = random.exponential(1 / MEAN_S) * 1e6;
  }

  /** Whether the next event is a new iceberg. */
  isDue(us: number): boolean {
    return us >= this.#nextUs;
  }

  /** True while an iceberg stands at the best price of its side. */
  isBest(): boolean {
    const { iceberg, ladder } = this.#book;
    return iceberg !== undefined && iceberg.price === (iceberg.isBid ? ladder.bid : ladder.ask);
  }

  /** Enters an iceberg's display at the best price. */
  plant(out: DbnRecordWriter, us: number, sequence: number, tsInDelta: number): void {
    const random = this.#random;
    const isBid = random.chance(0.5);
    const { ladder } = this.#book;
    const price = isBid ? ladder.bid : ladder.ask;
    const display = 4 + random.nextInt(7);
    const totalLots = display * (6 + random.nextInt(12));
    this.#nextUs = Number.POSITIVE_INFINITY;
    this.#endsUs = us + PATIENCE_US;
    this.#truthIndex = this.#truth.length;
    this.#book.iceberg = { isBid, price, display, shown: display, reserve: totalLots - display };
    this.#truth.push({
      kind: 'iceberg',
      root: this.#root,
      startUs: this.#startUs + Math.floor(us),
      endUs: 0,
      side: isBid ? 'bid' : 'ask',
      priceTicks: price,
      totalLots,
      executedLots: 0,
    });
    this.#book.add(out, sequence, tsInDelta, isBid, price, display);
  }

  /** Takes note of lots traded at the iceberg's price. */
  traded(lots: number, us: number): void {
    const truth = this.#current();
    if (truth !== undefined) truth.executedLots += lots;
    if (this.#book.iceberg!.shown <= 0) this.#endsUs = us;
  }

  /** Ends the iceberg when it is worked off, the price has left it behind, or its owner has had enough. */
  settle(us: number, eagerness: number): void {
    const { iceberg, ladder } = this.#book;
    if (iceberg === undefined) return;
    const away = iceberg.isBid ? ladder.bid - iceberg.price : iceberg.price - ladder.ask;
    if (us < this.#endsUs && away >= 0 && away < LEFT_BEHIND_TICKS) return;
    const truth = this.#current();
    if (truth !== undefined) truth.endUs = this.#startUs + Math.floor(us);
    this.#book.iceberg = undefined;
    this.#nextUs = us + this.#random.exponential(eagerness / MEAN_S) * 1e6;
  }

  snapshot(): PlantedIcebergsSnapshot {
    return { nextUs: this.#nextUs, endsUs: this.#endsUs, truthIndex: this.#truthIndex };
  }

  restore(snapshot: PlantedIcebergsSnapshot): void {
    this.#nextUs = snapshot.nextUs;
    this.#endsUs = snapshot.endsUs;
    this.#truthIndex = snapshot.truthIndex;
  }

  #current(): IcebergTruth | undefined {
    const record = this.#truth[this.#truthIndex];
    return record?.kind === 'iceberg' ? record : undefined;
  }
}
