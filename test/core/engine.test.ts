import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Engine, type EngineOptions } from '../../main/core/engine.ts';
import type { Market } from '../../main/core/market.ts';
import type { MarketStage } from '../../main/core/ports.ts';
import { instrumentOf } from '../../shared/instruments.ts';

const START_US = Date.UTC(2026, 10, 18, 14) * 1000;

/** Writes down what the engine tells its stages. */
class Diary implements MarketStage {
  readonly name = 'diary';
  lines: string[] = [];

  onMarket(market: Market): void {
    this.lines.push(`market ${market.index} ${market.instrument.rawSymbol}`);
  }
  onTrade(market: Market, ticks: number, lots: number, aggressor: number): void {
    this.lines.push(`trade ${market.index} ${ticks} ${lots} ${aggressor}`);
  }
  onBook(market: Market): void {
    this.lines.push(`book ${market.index} ${market.fresh ? 'fresh' : 'known'} ${market.gapped ? 'gapped' : 'whole'}`);
  }
  onGap(market: Market, reason: string): void {
    this.lines.push(`gap ${market.index} ${reason}`);
  }
  onTradeDate(market: Market): void {
    this.lines.push(`date ${market.index}`);
  }
  snapshot(): readonly string[] {
    return [...this.lines];
  }
  restore(lines: readonly string[]): void {
    this.lines = [...lines];
  }
}

function set(options: EngineOptions = { continuity: 'live' }) {
  const engine = new Engine(options);
  const diary = new Diary();
  engine.addStage(diary);
  engine.arrive(START_US);
  const market = engine.addMarket(instrumentOf('6EZ6', 1, 10, undefined));
  diary.lines = [];
  const book = (clean = true) => engine.endEvent(market, engine.nowUs, engine.nowUs, clean);
  return { engine, diary, market, book };
}

describe('time', () => {
  test('timers and inputs come in the order of their times, timers first, whatever order they arrive in', () => {
    const draw = fc.tuple(fc.constantFrom('input' as const, 'timer' as const), fc.nat(50), fc.nat(20));
    fc.assert(
      fc.property(fc.array(draw, { maxLength: 60 }), (draws) => {
        const engine = new Engine({ continuity: 'live' });
        const seen: { kind: string; us: number; order: number }[] = [];
        let clock = 0;
        let greatest = 0;
        for (const [order, [kind, step, ahead]] of draws.entries()) {
          if (kind === 'timer') {
            engine.scheduler.at(clock + ahead, () => seen.push({ kind, us: engine.nowUs, order }));
            continue;
          }
          clock = Math.max(0, clock + step - 15);
          engine.arrive(clock);
          expect(engine.nowUs).toBeGreaterThanOrEqual(greatest);
          greatest = Math.max(greatest, clock);
          expect(engine.nowUs).toBe(greatest);
          expect(engine.scheduler.nextDueUs).toBeGreaterThan(engine.nowUs);
          seen.push({ kind, us: engine.nowUs, order });
        }
        expect(seen.map(({ us }) => us)).toEqual(seen.map(({ us }) => us).toSorted((a, b) => a - b));
        expect(engine.inputSequence).toBe(seen.filter(({ kind }) => kind === 'input').length);
      }),
    );
  });

  test('a timer sees its own due time, and one set for the past fires before the next input', () => {
    const { engine } = set();
    const seen: number[] = [];
    engine.scheduler.at(START_US + 10, () => seen.push(engine.nowUs));
    engine.advanceTo(START_US + 500);
    engine.scheduler.at(START_US + 100, () => seen.push(engine.nowUs));
    engine.arrive(START_US + 400);
    expect(seen).toEqual([START_US + 10, START_US + 500]);
  });

  test('advancing to the past moves nothing', () => {
    const { engine } = set();
    engine.advanceTo(START_US - 1);
    expect(engine.nowUs).toBe(START_US);
  });
});

describe('gaps', () => {
  test('live, the first book after one is fresh and the one after that is not', () => {
    const { engine, diary, market, book } = set();
    book();
    book();
    engine.gap(market, 'feed-gap');
    book();
    book();
    expect(diary.lines).toEqual([
      'book 0 fresh whole',
      'book 0 known whole',
      'gap 0 feed-gap',
      'book 0 fresh whole',
      'book 0 known whole',
    ]);
  });

  test('in a file only the very first book is; the gap itself stays marked until a sound book', () => {
    const { engine, diary, market, book } = set({ continuity: 'file' });
    book();
    engine.gap(market, 'feed-gap');
    book(false);
    book();
    expect(diary.lines).toEqual(['book 0 fresh whole', 'book 0 known gapped', 'book 0 known whole']);
  });

  test('a hole counts once, however often it is reported before it closes; a clear is none', () => {
    const { engine, market, book } = set();
    engine.gap(market, 'feed-gap');
    engine.gap(market, 'maybe-bad-book');
    book(false);
    engine.gap(market, 'maybe-bad-book');
    expect([engine.gaps, market.gapped]).toEqual([1, true]);
    book();
    engine.gap(market, 'clear');
    expect([engine.gaps, market.gapped, market.fresh]).toEqual([1, false, true]);
  });

  test.each([
    [['halt', 'trading'], 1],
    [['halt', 'pre-open', 'trading'], 1],
    [['trading', 'pre-open', 'trading'], 1],
    [['trading', 'trading'], 0],
    [['pre-open', 'halt'], 0],
  ] as const)('status %j is %d gap', (statuses, gaps) => {
    const { engine, market, book } = set();
    book();
    for (const status of statuses) engine.status(market, status, engine.nowUs);
    expect(engine.gaps).toBe(gaps);
    expect(market.fresh).toBe(gaps > 0);
  });
});

describe('sessions', () => {
  const breakUs = Date.UTC(2026, 10, 18, 22) * 1000;

  test('the trade date turns once, before the event that shows it, and by venue time', () => {
    const { engine, diary, market } = set();
    engine.endEvent(market, breakUs - 1, breakUs, true);
    engine.endEvent(market, breakUs + 3_600_000_000, breakUs, true);
    engine.endEvent(market, breakUs - 1, breakUs, true);
    engine.trade(market, breakUs + 3_600_000_001, breakUs, 100, 1, 1);
    expect(diary.lines).toEqual([
      'book 0 fresh whole',
      'date 0',
      'book 0 known whole',
      'book 0 known whole',
      'trade 0 100 1 1',
    ]);
    expect(market.tsEventUs).toBe(breakUs + 3_600_000_001);
  });

  test("the venue's word wins until the calendar's next change", () => {
    const { engine, market } = set();
    expect(engine.session(market, START_US).phase).toBe('open');
    engine.status(market, 'halt', START_US);
    expect(engine.session(market, START_US + 1).phase).toBe('halted');
    expect(engine.session(market, START_US - 1).phase).toBe('open');
    expect(engine.session(market, breakUs + 1).phase).toBe('break');
  });
});

test('restored, by a new engine or by one that has gone on, it is never interrupted', () => {
  const step = fc.record({
    kind: fc.constantFrom('book', 'trade', 'gap', 'status', 'market', 'unsound'),
    venueId: fc.integer({ min: 1, max: 4 }),
    us: fc.integer({ min: 0, max: 4_000_000_000 }),
  });
  const play = (engine: Engine, steps: readonly { kind: string; venueId: number; us: number }[]) => {
    for (const { kind, venueId, us } of steps) {
      const atUs = engine.nowUs + us;
      engine.arrive(atUs);
      const market =
        engine.marketOf(1, venueId) ?? engine.addMarket(instrumentOf(`6E${'FGHJK'[venueId]}6`, 1, venueId, 50_000));
      market.depth.setBid(0, us % 100, (us % 7) + 1, 1);
      if (kind === 'trade') engine.trade(market, atUs - 5, atUs, us % 50, 1, 1);
      else if (kind === 'gap') engine.gap(market, 'feed-gap');
      else if (kind === 'status') engine.status(market, us % 2 === 0 ? 'halt' : 'trading', atUs);
      else if (kind !== 'market') engine.endEvent(market, atUs - 5, atUs, kind === 'book');
    }
  };
  const fresh = () => {
    const engine = new Engine({ continuity: 'live' });
    engine.addStage(new Diary());
    engine.arrive(START_US);
    return engine;
  };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.nat(40), (steps, at) => {
      const [head, tail] = [steps.slice(0, at), steps.slice(at)];
      const straight = fresh();
      play(straight, head);
      const saved = structuredClone(straight.snapshot());
      play(straight, tail);
      const whole = structuredClone(straight.snapshot());

      const other = new Engine({ continuity: 'live' });
      other.addStage(new Diary());
      other.restore(saved);
      expect(other.snapshot()).toEqual(saved);
      play(other, tail);
      expect(other.snapshot()).toEqual(whole);

      let ghosts = 0;
      straight.scheduler.at(saved.nowUs, () => ghosts++);
      straight.restore(saved);
      expect(straight.snapshot()).toEqual(saved);
      play(straight, tail);
      expect(straight.snapshot()).toEqual(whole);
      expect(ghosts).toBe(0);
    }),
  );
});

test('a snapshot of other stages is refused, and stages come before inputs', () => {
  const { engine } = set();
  expect(() => new Engine({ continuity: 'live' }).restore(engine.snapshot())).toThrow(
    /stage diary where the engine has none/,
  );
  expect(() => engine.addStage(new Diary())).toThrow(/after the first input/);
});
