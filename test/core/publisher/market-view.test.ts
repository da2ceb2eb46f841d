import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LevelBook } from '../../../main/core/book/level-book.ts';
import { FastCursor, FrameAssembler } from '../../../main/core/publisher/frame-assembler.ts';
import {
  BOOK_STATE,
  COLUMN_INTERVAL_US,
  COLUMN_WIDTH,
  COLUMNS_KEPT,
  DEEP_COLUMN_WIDTH,
  DEEP_LEVELS,
  DEPTH_HEAD,
  LADDER_WIDTH,
  SECTION,
  type Section,
  TRADE_WIDTH,
  TRADES_KEPT,
  VECTORS_KEPT,
} from '../../../shared/contract/frames.ts';
import type { FastTopic } from '../../../shared/contract/topics.ts';
import { FEATURE, FEATURE_COUNT } from '../../../shared/features.ts';
import { HOUR_US } from '../../../shared/units.ts';
import { BusyEngine, START_US } from './busy-engine.ts';
import { sectionsOf } from './client-replica.ts';

const ALL: readonly FastTopic[] = ['depth:0', 'features:0', 'ladder:0', 'trades:0', 'columns:0'];

function whole(busy: BusyEngine, topic: FastTopic): Section {
  const frame = new FrameAssembler(busy.view).assemble(1, [new FastCursor(topic)], false);
  if (frame === undefined) throw new Error(`nothing of ${topic}`);
  return sectionsOf(frame).sections[0]!;
}

const move = fc.record({
  do: fc.constantFrom('book' as const, 'trade' as const, 'gap' as const),
  waitUs: fc.nat(400_000),
  shift: fc.integer({ min: -3, max: 3 }),
  lots: fc.integer({ min: 1, max: 30 }),
  side: fc.constantFrom(1 as const, -1 as const, 0 as const),
});

type Move = typeof move extends fc.Arbitrary<infer M> ? M : never;

function play(busy: BusyEngine, moves: readonly Move[]): void {
  for (const at of moves) {
    if (at.do === 'book') busy.book(at.waitUs, at.shift, at.lots);
    else if (at.do === 'trade') busy.trade(at.waitUs, at.shift, at.lots, at.side);
    else busy.gap();
  }
}

describe('market view', () => {
  test('restored and continued equals never interrupted', () => {
    fc.assert(
      fc.property(
        fc.array(move, { maxLength: 60 }),
        fc.array(move, { minLength: 1, maxLength: 60 }),
        (before, after) => {
          const steady = new BusyEngine();
          play(steady, before);
          const restored = new BusyEngine();
          const frozen = { state: structuredClone(steady.engine.snapshot()), nowUs: steady.nowUs };
          restored.engine.restore(frozen.state);
          restored.nowUs = steady.nowUs;
          play(steady, after);
          play(restored, after);
          expect(restored.engine.snapshot()).toEqual(steady.engine.snapshot());
          const end = steady.engine.snapshot();
          steady.engine.restore(frozen.state);
          steady.nowUs = frozen.nowUs;
          play(steady, after);
          expect(steady.engine.snapshot()).toEqual(end);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('depth says the book, its state and the last trade', () => {
    const busy = new BusyEngine();
    expect(whole(busy, 'depth:0').values[2]).toBe(BOOK_STATE.waiting);
    busy.book(1, 0, 5);
    busy.trade(1, 1, 3, 1);
    const { values } = whole(busy, 'depth:0');
    expect([...values.subarray(0, 7)]).toEqual([busy.nowUs, busy.nowUs, BOOK_STATE.live, 23_401, 3, 1, 2]);
    expect([...values.subarray(DEPTH_HEAD, DEPTH_HEAD + 6)]).toEqual([23_400, 5, 1, 23_399, 6, 1]);
    expect([...values.subarray(DEPTH_HEAD + 30, DEPTH_HEAD + 33)]).toEqual([23_401, 5, 1]);
    busy.market.depth.clearBid(9);
    expect([...whole(busy, 'depth:0').values.subarray(DEPTH_HEAD + 27, DEPTH_HEAD + 30)]).toEqual([Number.NaN, 0, 0]);
  });

  test('silence makes depth stale, and gap, crossed book and daily break say so', () => {
    const busy = new BusyEngine();
    busy.book(1, 0, 5);
    busy.wait(2_000_001);
    expect(whole(busy, 'depth:0').values[2]).toBe(BOOK_STATE.stale);
    busy.book(1, 0, 5);
    busy.gap();
    expect(whole(busy, 'depth:0').values[2]).toBe(BOOK_STATE.gap);
    busy.book(1, 0, 5);
    busy.market.depth.setBid(0, 30_000, 1, 1);
    expect(whole(busy, 'depth:0').values[2]).toBe(BOOK_STATE.crossed);
    busy.book(START_US + 7 * HOUR_US + HOUR_US / 2 - busy.nowUs, 0, 5);
    expect(busy.view.state(busy.market)).toBe(BOOK_STATE.closed);
  });

  test('columns come on the interval, and hold no levels over a gap or silence', () => {
    const busy = new BusyEngine();
    busy.book(100_000, 0, 5);
    busy.wait(COLUMN_INTERVAL_US);
    busy.gap();
    busy.wait(COLUMN_INTERVAL_US);
    busy.book(1, 1, 5);
    busy.wait(3_000_000);
    const { values, rows, snapshot, first } = whole(busy, 'columns:0');
    expect([snapshot, first]).toEqual([true, 0]);
    for (let row = 0; row < rows; row++) {
      expect(values[row * COLUMN_WIDTH]).toBe(START_US + (row + 1) * COLUMN_INTERVAL_US);
      const state = values[row * COLUMN_WIDTH + 1];
      const levels = values.subarray(row * COLUMN_WIDTH + 2, (row + 1) * COLUMN_WIDTH);
      const told = state === BOOK_STATE.live;
      expect(levels.some((value) => value > 0)).toBe(told);
    }
    const states = Array.from({ length: rows }, (_, row) => values[row * COLUMN_WIDTH + 1]);
    expect(states.slice(0, 3)).toEqual([BOOK_STATE.live, BOOK_STATE.gap, BOOK_STATE.live]);
    expect(states.at(-1)).toBe(BOOK_STATE.stale);
  });

  test('columns stop over a long silence and go on with the next event', () => {
    const busy = new BusyEngine();
    busy.book(1, 0, 5);
    busy.wait(100_000 * COLUMN_INTERVAL_US);
    const { columns } = busy.view.sight(0)!;
    const before = columns.next;
    expect(before).toBeLessThanOrEqual(COLUMNS_KEPT + 2);
    expect(busy.engine.scheduler.nextDueUs).toBe(Number.POSITIVE_INFINITY);
    busy.book(1, 0, 5);
    busy.wait(COLUMN_INTERVAL_US);
    expect(columns.next).toBe(before + 1);
  });

  test('prints of one sweep count the levels it took', () => {
    const busy = new BusyEngine();
    busy.book(1, 0, 5);
    for (const [wait, shift] of [
      [1, 1],
      [0, 1],
      [0, 2],
      [0, 3],
      [5, 3],
    ] as const) {
      busy.trade(wait, shift, 1, 1);
    }
    const { values, rows } = whole(busy, 'trades:0');
    expect(Array.from({ length: rows }, (_, row) => values[row * TRADE_WIDTH + 5])).toEqual([1, 1, 2, 3, 1]);
  });

  test('the ladder counts adds and pulls apart from trades, fades them, and resets the session at the trade date', () => {
    const busy = new BusyEngine();
    busy.book(1, 0, 5);
    busy.market.depth.setBid(0, 23_400, 12, 1);
    busy.wait(10);
    busy.engine.endEvent(busy.market, busy.nowUs, busy.nowUs, true);
    busy.engine.trade(busy.market, busy.nowUs, busy.nowUs, 23_400, 4, -1);
    busy.market.depth.setBid(0, 23_400, 7, 1);
    busy.engine.endEvent(busy.market, busy.nowUs, busy.nowUs, true);
    const row = (ticks: number) => {
      const { values, rows } = whole(busy, 'ladder:0');
      for (let at = 0; at < rows; at++) {
        if (values[at * LADDER_WIDTH] === ticks)
          return [...values.subarray(at * LADDER_WIDTH + 1, (at + 1) * LADDER_WIDTH)];
      }
      return undefined;
    };
    expect(row(23_400)).toEqual([7, 1, 0, 4]);
    busy.wait(5_000_000);
    const [added, pulled, , sold] = row(23_400)!;
    expect(added).toBeCloseTo(7 / Math.E, 9);
    expect(pulled).toBeCloseTo(1 / Math.E, 9);
    expect(sold).toBe(4);
    busy.view.onTradeDate(busy.market);
    expect(row(23_400)![3]).toBe(0);
  });

  test('rings keep the newest rows with their numbers', () => {
    const busy = new BusyEngine();
    busy.book(1, 0, 5);
    const cursor = new FastCursor('trades:0');
    const assembler = new FrameAssembler(busy.view);
    const next = () => sectionsOf(assembler.assemble(1, [cursor], true)!).sections[0];
    for (let i = 0; i < 10; i++) busy.trade(1, 1, 1, 1);
    expect(next()).toMatchObject({ snapshot: true, first: 0, rows: 10, skipped: 0 });
    expect(next()).toBeUndefined();
    for (let i = 0; i < TRADES_KEPT + 100; i++) busy.trade(1, i & 1, i + 1, 1);
    const after = next()!;
    expect(after).toMatchObject({ snapshot: false, first: 110, rows: TRADES_KEPT, skipped: 100 });
    const lots = Array.from({ length: after.rows }, (_, row) => after.values[row * TRADE_WIDTH + 3]);
    expect(lots).toEqual(Array.from({ length: TRADES_KEPT }, (_, row) => 101 + row));
  });

  test('after a step back in time a client is sent everything anew', () => {
    const busy = new BusyEngine();
    busy.book(1, 0, 5);
    for (let i = 0; i < 5; i++) busy.trade(300_000, 0, 1, 1);
    const before = structuredClone(busy.engine.snapshot());
    for (let i = 0; i < 5; i++) busy.trade(300_000, 0, 2, 1);
    const cursors = ALL.map((topic) => new FastCursor(topic));
    const assembler = new FrameAssembler(busy.view);
    assembler.assemble(1, cursors, false);
    busy.engine.restore(before);
    const sections = sectionsOf(assembler.assemble(2, cursors, false)!).sections;
    const fresh = new FrameAssembler(busy.view).assemble(
      1,
      ALL.map((topic) => new FastCursor(topic)),
      false,
    );
    expect(sections).toEqual(sectionsOf(fresh!).sections);
    expect(sections.find((section) => section.kind === SECTION.trades)).toMatchObject({ rows: 5, snapshot: true });
  });

  test('features carry the vector, and a second client is not disturbed by the first', () => {
    const busy = new BusyEngine();
    busy.book(1, 0, 5);
    const assembler = new FrameAssembler(busy.view);
    const one = ALL.map((topic) => new FastCursor(topic));
    expect(sectionsOf(assembler.assemble(7, one, false)!)).toMatchObject({ sequence: 7 });
    expect(assembler.assemble(8, one, false)).toBeUndefined();
    const two = sectionsOf(
      assembler.assemble(
        1,
        ALL.map((topic) => new FastCursor(topic)),
        false,
      )!,
    );
    expect(two.sections.length).toBe(ALL.length);
    const features = two.sections.find((section) => section.kind === 4)!;
    expect(features.values[0]).toBe(busy.nowUs);
    expect(features.values[1 + FEATURE.mid]).toBe((23_400.5 * 50_000) / 1e9);
  });

  test('who comes later is told the vectors of the last minute, oldest first, then the one that stands', () => {
    const busy = new BusyEngine();
    const told: number[] = [];
    for (let event = 0; event < 3 * VECTORS_KEPT; event++) {
      busy.book(COLUMN_INTERVAL_US, event % 7, 5);
      told.push(busy.nowUs);
    }
    busy.wait(10 * COLUMN_INTERVAL_US);
    const assembler = new FrameAssembler(busy.view);
    const cursor = new FastCursor('features:0');
    const [section] = sectionsOf(assembler.assemble(1, [cursor], false)!).sections;
    const times = Array.from({ length: section!.rows }, (_, row) => section!.values[row * (1 + FEATURE_COUNT)]!);
    expect(times.slice(0, -1)).toEqual(told.slice(-VECTORS_KEPT));
    expect(times.at(-1)).toBe(told.at(-1));
    busy.book(1, 0, 5);
    expect(sectionsOf(assembler.assemble(2, [cursor], false)!).sections[0]!.rows).toBe(1);
  });
});

describe('a book that is kept deeper', () => {
  const deepened = (levels: number): { busy: BusyEngine; book: LevelBook } => {
    const busy = new BusyEngine();
    busy.book(1, 0, 5);
    const book = new LevelBook();
    for (let level = 0; level < levels; level++) {
      book.setBid(23_400 - 3 * level, 5 + level);
      book.setAsk(23_404 + 3 * level, 7 + level);
    }
    busy.market.levels = book;
    book.fill(busy.market.depth);
    return { busy, book };
  };
  const sections = (busy: BusyEngine, cursor: FastCursor): Section[] =>
    sectionsOf(new FrameAssembler(busy.view).assemble(1, [cursor], true)!).sections;

  test('is sent behind its depth, bids first, no more than the page takes', () => {
    for (const levels of [12, 300]) {
      const { busy, book } = deepened(levels);
      const [depth, deep] = sections(busy, new FastCursor('depth:0'));
      const most = Math.min(levels, DEEP_LEVELS);
      expect(depth).toMatchObject({ kind: SECTION.depth, rows: 1 });
      expect(deep).toMatchObject({ kind: SECTION.levels, rows: 2 * most, first: most, market: 0 });
      const best = (side: 'bids' | 'asks') => book[side].levels().slice(0, most);
      expect([...deep!.values]).toEqual([...best('bids'), ...best('asks')].flatMap(({ ticks, lots }) => [ticks, lots]));
    }
  });

  test('has deep columns from when it was known, of the same numbers as its columns', () => {
    const { busy, book } = deepened(80);
    busy.market.levels = undefined;
    busy.wait(3 * COLUMN_INTERVAL_US);
    const cursor = new FastCursor('columns:0');
    expect(sections(busy, cursor).map(({ kind, rows }) => [kind, rows])).toEqual([[SECTION.columns, 3]]);
    busy.market.levels = book;
    busy.wait(COLUMN_INTERVAL_US);
    busy.gap();
    busy.wait(COLUMN_INTERVAL_US);
    const [columns, deep] = sections(busy, cursor);
    expect(columns).toMatchObject({ kind: SECTION.columns, first: 3, rows: 2, snapshot: false });
    expect(deep).toMatchObject({ kind: SECTION.deepColumns, first: 3, rows: 2, snapshot: false });
    const [bids, asks] = [0, DEEP_COLUMN_WIDTH / 2].map((at) => [...deep!.values.subarray(at, at + 4)]);
    expect(bids).toEqual([23_400, 5, 23_397, 6]);
    expect(asks).toEqual([23_404, 7, 23_407, 8]);
    expect([...columns!.values.subarray(2, 6)]).toEqual(bids);
    expect(deep!.values.subarray(DEEP_COLUMN_WIDTH).every(Number.isNaN)).toBe(true);
    const late = sections(busy, new FastCursor('columns:0'));
    expect(late.map(({ first, rows, snapshot }) => [first, rows, snapshot])).toEqual([
      [0, 5, true],
      [3, 2, true],
    ]);
  });

  test('leaves its columns out of the snapshot and keeps them anew', () => {
    const { busy, book } = deepened(20);
    busy.wait(4 * COLUMN_INTERVAL_US);
    const state = structuredClone(busy.engine.snapshot());
    busy.wait(2 * COLUMN_INTERVAL_US);
    busy.engine.restore(state);
    busy.market.levels = book;
    busy.engine.advanceTo(START_US + 6 * COLUMN_INTERVAL_US);
    const [columns, deep] = sections(busy, new FastCursor('columns:0'));
    expect([columns!.first, columns!.rows]).toEqual([0, 6]);
    expect([deep!.first, deep!.rows]).toEqual([4, 2]);
  });
});
