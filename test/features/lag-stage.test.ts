import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Engine } from '../../main/core/engine.ts';
import type { LagEstimate, LagEvent } from '../../main/core/lag-port.ts';
import type { Market } from '../../main/core/market.ts';
import type { MidSeries } from '../../main/features/hayashi-yoshida.ts';
import { type LagCalculator, LagStage } from '../../main/features/lag-stage.ts';
import { LAG_AT_ONCE } from '../../main/features/lag-thread.ts';
import { MidRing } from '../../main/features/mid-ring.ts';
import { instrumentOf } from '../../shared/instruments.ts';
import { DEFAULT_LINKS } from '../../shared/links.ts';

const SECOND = 1_000_000;
/** 2026-11-18 13:00 UTC, a Wednesday. */
const START = 1_795_006_800_000_000;
const WINDOW = 120 * SECOND;

interface Rig {
  readonly engine: Engine;
  readonly events: LagEvent[];
  readonly future: Market;
  readonly spot: Market;
}

function rig(calculator: LagCalculator, root: '6E' | '6J' = '6E'): Rig {
  const engine = new Engine({ continuity: 'live' });
  const events: LagEvent[] = [];
  engine.addStage(new LagStage(DEFAULT_LINKS, engine.scheduler, calculator, (event) => events.push(event)));
  engine.arrive(START);
  const pair = DEFAULT_LINKS.find((link) => link.signalRoot === root)!.executionRoot;
  const future = engine.addMarket(instrumentOf(`${root}Z6`, 1, 1, undefined));
  return { engine, events, future, spot: engine.addMarket(instrumentOf(pair, 2, 2, undefined)) };
}

function quote({ engine }: Rig, market: Market, us: number, bidTicks: number): void {
  engine.arrive(us);
  market.depth.setBid(0, bidTicks, 10, 1);
  market.depth.setAsk(0, bidTicks + 2, 10, 1);
  engine.endEvent(market, us, us, true);
}

/** Keeps what was asked; answers with what `answers` holds when an answer falls due. */
class Notebook implements LagCalculator {
  readonly asked: { readonly signal: MidSeries; readonly execution: MidSeries }[] = [];
  readonly answers: (LagEstimate | undefined)[] = [];

  ask(signal: MidSeries, execution: MidSeries): () => LagEstimate | undefined {
    const index = this.asked.push({ signal, execution }) - 1;
    return () => this.answers[index];
  }
}

const ESTIMATE: LagEstimate = { lagUs: 150_000, correlation: 0.5, confidence: 1, samples: 300 };

describe('lags of links', () => {
  test('are asked for every ten seconds while something moves, and the answer counts two seconds later', () => {
    const notebook = new Notebook();
    const it = rig(notebook);
    quote(it, it.future, START + 1 * SECOND, 20_000);
    quote(it, it.spot, START + 3 * SECOND, 100_000);
    it.engine.advanceTo(START + 11 * SECOND);
    expect(notebook.asked).toHaveLength(1);
    notebook.answers[0] = ESTIMATE;
    it.engine.advanceTo(START + 12 * SECOND - 1);
    expect(it.events).toEqual([]);
    it.engine.advanceTo(START + 60 * SECOND);
    expect(it.events).toEqual([
      { linkId: '6E-EURUSD', askedUs: START + 10 * SECOND, atUs: START + 12 * SECOND, estimate: ESTIMATE },
    ]);
    expect(notebook.asked).toHaveLength(1);
    quote(it, it.spot, START + 63 * SECOND, 100_001);
    it.engine.advanceTo(START + 70 * SECOND);
    expect(notebook.asked).toHaveLength(2);
  });

  test('an answer that is not there when it falls due is told as missing, and is not taken later', () => {
    const notebook = new Notebook();
    const it = rig(notebook);
    quote(it, it.future, START + SECOND, 20_000);
    quote(it, it.spot, START + SECOND, 100_000);
    it.engine.advanceTo(START + 12 * SECOND);
    notebook.answers[0] = ESTIMATE;
    it.engine.advanceTo(START + 100 * SECOND);
    expect(it.events.map(({ estimate }) => estimate)).toEqual([null]);
  });

  test('a link whose markets are not both there is not asked about', () => {
    const notebook = new Notebook();
    const it = rig(notebook);
    quote(it, it.future, START + SECOND, 20_000);
    it.engine.advanceTo(START + 30 * SECOND);
    expect([notebook.asked.length, it.events.length]).toEqual([0, 0]);
  });

  test('an inverted link is measured on the price that its future implies', () => {
    const notebook = new Notebook();
    const it = rig(notebook, '6J');
    quote(it, it.spot, START + SECOND, 154_000);
    quote(it, it.future, START + 2 * SECOND, 13_000);
    quote(it, it.future, START + 3 * SECOND, 13_001);
    it.engine.advanceTo(START + 10 * SECOND);
    const [before, after] = notebook.asked[0]!.signal.logMids;
    const unit = 500 / 1e9;
    expect(before).toBeCloseTo(Math.log((1 / (13_000 * unit) + 1 / (13_002 * unit)) / 2), 12);
    expect(after).toBeLessThan(before!);
  });

  test('a gap in either market forgets what both did before it', () => {
    const notebook = new Notebook();
    const it = rig(notebook);
    for (let second = 1; second <= 5; second++) {
      quote(it, it.future, START + second * SECOND, 20_000 + second);
      quote(it, it.spot, START + second * SECOND + 100, 100_000 + second);
    }
    it.engine.gap(it.spot, 'feed-gap');
    quote(it, it.future, START + 6 * SECOND, 20_000);
    quote(it, it.spot, START + 7 * SECOND, 100_000);
    it.engine.advanceTo(START + 10 * SECOND);
    expect([...notebook.asked[0]!.signal.timesUs]).toEqual([START + 6 * SECOND]);
    expect([...notebook.asked[0]!.execution.timesUs]).toEqual([START + 7 * SECOND]);
  });

  test('a new contract of the future begins anew', () => {
    const notebook = new Notebook();
    const it = rig(notebook);
    quote(it, it.future, START + SECOND, 20_000);
    it.engine.gap(it.future, 'roll');
    quote(it, it.spot, START + 2 * SECOND, 100_000);
    const next = it.engine.addMarket(instrumentOf('6EH7', 1, 9, undefined));
    quote(it, next, START + 3 * SECOND, 20_050);
    quote(it, it.future, START + 4 * SECOND, 20_001);
    it.engine.advanceTo(START + 10 * SECOND);
    expect([...notebook.asked[0]!.signal.timesUs]).toEqual([START + 3 * SECOND]);
  });

  const steps = fc.array(
    fc.record({
      afterUs: fc.oneof(fc.integer({ min: 0, max: 400_000 }), fc.integer({ min: 0, max: 15 * SECOND })),
      future: fc.boolean(),
      ticks: fc.integer({ min: 0, max: 8 }),
      gap: fc.integer({ min: 0, max: 60 }).map((chance) => chance === 0),
    }),
    { minLength: 1, maxLength: 120 },
  );

  test('restored from a snapshot at any point and continued, it is as if never interrupted', () => {
    fc.assert(
      fc.property(steps, fc.nat(), fc.integer({ min: 0, max: 15 * SECOND }), (list, cut, waitUs) => {
        const asked: [unknown[], unknown[]] = [[], []];
        const counting = (side: 0 | 1): LagCalculator => ({
          ask: (signal, execution) => () => {
            asked[side].push(structuredClone({ signal, execution }));
            return LAG_AT_ONCE.ask(signal, execution)();
          },
        });
        const whole = rig(counting(0));
        let parted = rig(counting(1));
        const first: LagEvent[] = [];
        let us = START;
        for (const [index, step] of list.entries()) {
          us += step.afterUs;
          for (const it of [whole, parted]) {
            const market = step.future ? it.future : it.spot;
            if (step.gap) it.engine.gap(market, 'feed-gap');
            quote(it, market, us, 20_000 + step.ticks);
          }
          if (index !== cut % list.length) continue;
          us += waitUs;
          for (const { engine } of [whole, parted]) engine.advanceTo(us);
          first.push(...parted.events);
          const fresh = rig(counting(1));
          fresh.engine.restore(structuredClone(parted.engine.snapshot()));
          parted = fresh;
        }
        for (const { engine } of [whole, parted]) engine.advanceTo(us + 30 * SECOND);
        expect([...first, ...parted.events]).toEqual(whole.events);
        expect(asked[1]).toEqual(asked[0]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the changes of a mid', () => {
  const changes = fc.array(
    fc.record({ afterUs: fc.integer({ min: 0, max: 30 }), mid: fc.integer({ min: 1, max: 4 }) }),
    {
      maxLength: 60,
    },
  );

  test('are those of a plain list, from the last one before the window on', () => {
    fc.assert(
      fc.property(changes, fc.integer({ min: -10, max: 900 }), (list, sinceUs) => {
        const ring = new MidRing();
        const plain: [number, number][] = [];
        let us = 0;
        for (const { afterUs, mid } of list) {
          us += afterUs;
          ring.add(us, mid);
          if (plain.at(-1)?.[1] === mid) continue;
          if (plain.at(-1)?.[0] === us) plain.pop();
          plain.push([us, mid]);
        }
        const from = Math.max(
          0,
          plain.findLastIndex(([at]) => at <= sinceUs),
        );
        const { timesUs, logMids } = ring.since(sinceUs);
        expect([...timesUs]).toEqual(plain.slice(from).map(([at]) => at));
        expect([...logMids].map(Math.exp).map(Math.round)).toEqual(plain.slice(from).map(([, mid]) => mid));
      }),
    );
  });

  test('beyond its room the oldest are forgotten', () => {
    const ring = new MidRing();
    for (let i = 1; i <= 20_000; i++) ring.add(i, i);
    const { timesUs } = ring.since(0);
    expect([timesUs.length, timesUs[0], timesUs.at(-1)]).toEqual([8_192, 20_000 - 8_191, 20_000]);
    const again = new MidRing();
    again.restore(ring.snapshot(WINDOW));
    again.add(20_001, 1);
    expect(again.since(0).timesUs.at(-1)).toBe(20_001);
    expect([...ring.snapshot(10).times]).toEqual([...timesUs.slice(-11)]);
  });
});
