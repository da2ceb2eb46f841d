import type { BarRow } from '../../../shared/contract/topics.ts';
import { MINUTE_US, NANO } from '../../../shared/units.ts';
import { SeededRandom } from './random.ts';

/** Minutes of history that end where the scripted book stands, and the open bar that follows it. */
export class ScriptedBars {
  readonly rows = new Map<string, BarRow>();
  #volumeAt = 0;
  #deltaAt = 0;

  constructor(minutes: number, endUs: number, endTicks: number, tickNano: number) {
    const random = new SeededRandom(11);
    const firstUs = endUs - (endUs % MINUTE_US) - minutes * MINUTE_US;
    const closes: number[] = [endTicks];
    for (let i = 1; i <= minutes; i++) closes.unshift(closes[0]! + (random.next() - 0.5) * 9 + 1.4 * Math.sin(i / 19));
    let notional = 0;
    let volume = 0;
    for (let i = 0; i < minutes; i++) {
      const open = closes[i]!;
      const close = closes[i + 1]!;
      const lots = Math.round(180 + 900 * random.next() ** 3 + 40 * Math.abs(close - open));
      notional += ((open + close) / 2) * lots;
      volume += lots;
      this.#put({
        startUs: firstUs + i * MINUTE_US,
        open,
        close,
        high: Math.max(open, close) + random.next() * 3,
        low: Math.min(open, close) - random.next() * 3,
        volume: lots,
        delta: Math.round(lots * Math.max(-0.8, Math.min(0.8, (close - open) / 9 + (random.next() - 0.5) * 0.5))),
        vwap: notional / volume,
        tickNano,
        closed: true,
      });
    }
  }

  /** Carries the open bar on with the book's middle and totals; returns the rows that changed. */
  follow(nowUs: number, midTicks: number, volume: number, delta: number, tickNano: number): BarRow[] {
    const startUs = nowUs - (nowUs % MINUTE_US);
    const before = this.rows.get(String(startUs));
    const mid = (midTicks * tickNano) / NANO;
    if (!before) {
      this.#volumeAt = volume;
      this.#deltaAt = delta;
      const last = [...this.rows.values()].at(-1);
      const opened = this.#put({
        startUs,
        open: midTicks,
        high: midTicks,
        low: midTicks,
        close: midTicks,
        volume: 0,
        delta: 0,
        vwap: last?.vwap ? (last.vwap * NANO) / tickNano : midTicks,
        tickNano,
        closed: false,
      });
      if (!last) return [opened];
      const closed = { ...last, closed: true };
      this.rows.set(closed.id, closed);
      return [closed, opened];
    }
    const bar: BarRow = {
      ...before,
      high: Math.max(before.high, mid),
      low: Math.min(before.low, mid),
      close: mid,
      volume: volume - this.#volumeAt,
      delta: delta - this.#deltaAt,
    };
    this.rows.set(bar.id, bar);
    return [bar];
  }

  #put(bar: {
    startUs: number;
    open: number;
    high: number;
    low: number;
    close: number;
    volume: number;
    delta: number;
    vwap: number;
    tickNano: number;
    closed: boolean;
  }): BarRow {
    const price = (ticks: number): number => (ticks * bar.tickNano) / NANO;
    const row: BarRow = {
      id: String(bar.startUs),
      startUs: bar.startUs,
      open: price(bar.open),
      high: price(bar.high),
      low: price(bar.low),
      close: price(bar.close),
      volume: bar.volume,
      delta: bar.delta,
      vwap: price(bar.vwap),
      source: 'simulated',
      vwapKind: 'true_vwap',
      volumeType: 'real',
      closed: bar.closed,
    };
    this.rows.set(row.id, row);
    return row;
  }
}
