import { ACTION, FLAG, SIDE } from '../../main/codec/dbn/layout.ts';
import { DbnRecordWriter } from '../../main/codec/dbn/write-record.ts';
import { Random } from '../../main/core/clock/random.ts';
import type { GatewayRecord } from './databento-gateway.ts';

const LEVELS = 10;

/**
 * A market that a stand-in gateway tells of: ten levels a side that walk at random, told as MBP-10 records (one an event,
 * with LAST), and trades told twice, in the depth and in `trades`, as Databento does. It keeps its own book and volume.
 */
export class DatabentoMarket {
  readonly rawSymbol: string;
  readonly instrumentId: number;
  readonly tickNano: number;
  /** Lots traded, and how many trades they were. */
  volume = 0;
  trades = 0;
  updates = 0;
  /** Best bid in ticks; bids go down from it, asks up from the next tick. */
  #bid: number;
  readonly #bidLots: number[];
  readonly #askLots: number[];
  readonly #random: Random;
  readonly #out = new DbnRecordWriter(4096);
  readonly #levels = new Float64Array(LEVELS * 6);
  #us: number;
  #sequence = 1;

  constructor(rawSymbol: string, instrumentId: number, tickNano: number, bidTicks: number, startUs: number) {
    this.rawSymbol = rawSymbol;
    this.instrumentId = instrumentId;
    this.tickNano = tickNano;
    this.#bid = bidTicks;
    this.#us = startUs;
    this.#random = new Random(instrumentId);
    this.#bidLots = Array.from({ length: LEVELS }, () => 1 + this.#random.nextInt(50));
    this.#askLots = Array.from({ length: LEVELS }, () => 1 + this.#random.nextInt(50));
  }

  /** Bids or asks, best first, as ticks and lots. */
  side(side: 'bid' | 'ask'): [ticks: number, lots: number][] {
    const lots = side === 'bid' ? this.#bidLots : this.#askLots;
    return lots.map((size, level) => [side === 'bid' ? this.#bid - level : this.#bid + 1 + level, size]);
  }

  /** Nothing happens until a time. */
  rest(untilUs: number): void {
    this.#us = Math.max(this.#us, untilUs);
  }

  /** The next events; about one in eight is a trade, and every third event has the same time as the one before. */
  next(events: number): GatewayRecord[] {
    const records: GatewayRecord[] = [];
    for (let event = 0; event < events; event++) {
      if (!this.#random.chance(1 / 3)) this.#us += 1 + this.#random.nextInt(2_000);
      if (this.#random.chance(1 / 8)) this.#trade(records);
      else this.#change(records);
    }
    return records;
  }

  #change(records: GatewayRecord[]): void {
    const side = this.#random.chance(0.5) ? SIDE.BID : SIDE.ASK;
    const lots = side === SIDE.BID ? this.#bidLots : this.#askLots;
    if (this.#random.chance(0.02)) this.#step(this.#random.chance(0.5) ? 1 : -1);
    const level = this.#random.nextInt(LEVELS);
    lots[level] = 1 + this.#random.nextInt(80);
    this.#depth(records, ACTION.MODIFY, side, level, lots[level]!);
  }

  #trade(records: GatewayRecord[]): void {
    const buys = this.#random.chance(0.5);
    const side = buys ? SIDE.BID : SIDE.ASK;
    const lots = 1 + this.#random.nextInt(9);
    const priceNano = (buys ? this.#bid + 1 : this.#bid) * this.tickNano;
    this.volume += lots;
    this.trades++;
    this.#begin();
    this.#out.trade(side, FLAG.LAST, priceNano, lots, 0, this.#sequence);
    this.#end(records, 'trades');
    this.#depth(records, ACTION.TRADE, side, 0, lots, priceNano);
  }

  #step(ticks: 1 | -1): void {
    this.#bid += ticks;
    for (let level = 0; level < LEVELS; level++) {
      this.#bidLots[level] = 1 + this.#random.nextInt(50);
      this.#askLots[level] = 1 + this.#random.nextInt(50);
    }
  }

  #depth(
    records: GatewayRecord[],
    action: number,
    side: number,
    level: number,
    lots: number,
    priceNano = this.#bid * this.tickNano,
  ): void {
    for (let at = 0; at < LEVELS; at++) {
      const to = at * 6;
      this.#levels[to] = (this.#bid - at) * this.tickNano;
      this.#levels[to + 1] = (this.#bid + 1 + at) * this.tickNano;
      this.#levels[to + 2] = this.#bidLots[at]!;
      this.#levels[to + 3] = this.#askLots[at]!;
      this.#levels[to + 4] = 1;
      this.#levels[to + 5] = 1;
    }
    this.updates++;
    this.#begin();
    this.#out.mbp10(action, side, FLAG.LAST, level, priceNano, lots, 0, this.#sequence++, this.#levels);
    this.#end(records, 'mbp-10');
  }

  #begin(): void {
    this.#out.clear();
    this.#out.instrument(1, this.instrumentId);
    this.#out.time(this.#us, 0, this.#us + 50, 0);
  }

  #end(records: GatewayRecord[], schema: string): void {
    const bytes = this.#out.written().slice();
    records.push({ schema, instrumentId: this.instrumentId, tsEventNs: BigInt(this.#us) * 1000n, bytes });
  }
}
