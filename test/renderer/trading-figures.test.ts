import { describe, expect, test } from 'vitest';
import { columnOfTime } from '../../renderer/drawing/heatmap-view.ts';
import { markText, ownMarks, toSignalTicks } from '../../renderer/drawing/own-marks.ts';
import { BUBBLE_WIDTH, bubbleRadius, collectBubbles } from '../../renderer/drawing/trade-bubbles.ts';
import { resultClass, resultText } from '../../renderer/format/money-text.ts';
import { matching } from '../../renderer/palette/matching.ts';
import { flattenWords } from '../../renderer/panes/flatten-words.ts';
import { openMinor, openTicks } from '../../renderer/panes/open-result.ts';
import { paneState } from '../../renderer/panes/pane-state.ts';
import { RowRing } from '../../renderer/replica/row-ring.ts';
import { defaultColumns, PANES, sizeClass } from '../../renderer/workspace/default-layout.ts';

const EURUSD = { tickNano: 10_000, multiplier: 100_000, quoteCurrency: 'USD' };
const USDJPY = { tickNano: 1_000_000, multiplier: 100_000, quoteCurrency: 'JPY' };

describe('open result', () => {
  test('a long is worth what it can be sold at, a short what it can be bought back at', () => {
    const quote = { bid: 108_430, ask: 108_436 };
    expect(openTicks({ side: 'buy', openTicks: 108_425 }, quote)).toBe(5);
    expect(openTicks({ side: 'sell', openTicks: 108_425 }, quote)).toBe(-11);
    expect(openMinor({ side: 'buy', openTicks: 108_425, lots: 2 }, EURUSD, quote, 'USD', () => undefined)).toBeCloseTo(
      1_000,
      6,
    );
  });

  test('yen become dollars at the rate of now; without a rate the result is absent', () => {
    const quote = { bid: 150_100, ask: 150_107 };
    const deal = { side: 'buy', openTicks: 150_000, lots: 1 } as const;
    const rate = (root: string) => (root === 'USDJPY' ? { mid: 150 } : undefined);
    expect(openMinor(deal, USDJPY, quote, 'USD', rate)).toBeCloseTo((0.1 * 100_000 * 100) / 150, 6);
    expect(openMinor(deal, USDJPY, quote, 'USD', () => undefined)).toBeNaN();
  });

  test('money has a sign besides its colour', () => {
    expect(resultText(12_550, 'USD')).toBe('+125.50');
    expect(resultText(-3_050, 'USD')).toBe('\u221230.50');
    expect(resultText(0, 'USD')).toBe('0.00');
    expect([resultClass(5), resultClass(-5), resultClass(0), resultClass(Number.NaN)]).toEqual([
      'profit',
      'loss',
      'flat',
      'flat',
    ]);
  });
});

test('the flatten button says what it does', () => {
  expect(flattenWords('EUR/USD', [], 0)).toBe('EUR/USD is flat');
  expect(flattenWords('EUR/USD', [{ side: 'buy', lots: 2 }], 0)).toBe('Flatten EUR/USD · sells 2 at market');
  expect(
    flattenWords(
      'EUR/USD',
      [
        { side: 'buy', lots: 2 },
        { side: 'sell', lots: 1 },
      ],
      3,
    ),
  ).toBe('Flatten EUR/USD · cancels 3, sells 2, buys 1 at market');
  expect(flattenWords('EUR/USD', [], 1)).toBe('Flatten EUR/USD · cancels 1');
});

describe('own prices on the ladder', () => {
  const signal6E = { index: 0, tickNano: 50_000, pipNano: 100_000 } as never;
  const spot = { index: 1, tickNano: 10_000, pipNano: 100_000 } as never;
  const direct = { inverted: false, basisPips: -1.5 } as never;

  test('are moved by the basis', () => {
    expect(toSignalTicks(108_410, direct, signal6E, spot)).toBeCloseTo(21_685, 6);
  });

  test('are turned round on an inverted link', () => {
    const yen = { index: 0, tickNano: 500, pipNano: 1_000 } as never;
    const usdjpy = { index: 1, tickNano: 1_000_000, pipNano: 10_000_000 } as never;
    const link = { inverted: true, basisPips: 0 } as never;
    expect(toSignalTicks(150_000, link, yen, usdjpy)).toBeCloseTo(1 / 150 / 0.0000005, 6);
    const deal = {
      market: 1,
      side: 'buy',
      lots: 2,
      openTicks: 150_000,
      stopTicks: 149_800,
      targetTicks: null,
      state: 'open',
    } as never;
    const marks = ownMarks({ orders: [], deals: [deal] }, link, yen, usdjpy);
    expect(marks.map(markText)).toEqual(['S2', 'SL']);
    expect(marks[1]!.ticks).toBeGreaterThan(marks[0]!.ticks);
  });
});

describe('bubbles', () => {
  test('sum what printed in one column at one price and side, and keep the rest apart', () => {
    const columns = new RowRing(42, 8);
    for (let i = 0; i < 3; i++) columns.append(i, 1, new Float64Array(42).fill((i + 1) * 250_000), false);
    expect([0, 250_000, 250_001, 900_000].map((us) => columnOfTime(columns, us))).toEqual([0, 0, 1, 3]);
    const trades = new RowRing(6, 8);
    const print = (us: number, ticks: number, lots: number, side: number) =>
      trades.append(trades.next, 1, Float64Array.of(us, us, ticks, lots, side, 1), false);
    print(100_000, 10, 4, 1);
    print(300_000, 10, 1, 1);
    print(310_000, 10, 2, -1);
    print(320_000, 10, 5, 1);
    print(330_000, Number.NaN, 9, 0);
    const out = new Float64Array(10 * BUBBLE_WIDTH);
    const count = collectBubbles(out, trades, columns, 1, 1, (us) => columnOfTime(columns, us));
    const found = Array.from({ length: count }, (_, i) => [...out.subarray(i * BUBBLE_WIDTH, (i + 1) * BUBBLE_WIDTH)]);
    expect(found).toEqual([
      [1, 10, 6, 1],
      [1, 10, 2, -1],
    ]);
    expect(bubbleRadius(100, 100)).toBeGreaterThan(bubbleRadius(25, 100));
    expect(bubbleRadius(1e6, 10)).toBe(15);
  });
});

describe('pane states', () => {
  const connected = { phase: 'connected', sinceMs: 0, words: '' } as const;
  const market = (state: string) =>
    ({ state, words: 'why', sinceUs: 5, session: { words: 'closed until Sunday' } }) as never;

  test('the engine being away comes before anything that the market was', () => {
    expect(paneState({ ...connected, phase: 'away', sinceMs: 7 }, market('live'), 'x')).toMatchObject({
      kind: 'away',
      sinceMs: 7,
    });
  });

  test('each state has a word, and only those without content cover the pane', () => {
    const states = ['waiting', 'warming', 'stale', 'gap', 'closed', 'error'].map((state) =>
      paneState(connected, market(state), 'x'),
    );
    expect(states.map(({ word }) => word)).toEqual(['NO DATA YET', 'WARMING UP', 'STALE', 'GAP', 'CLOSED', 'ERROR']);
    expect(states.filter(({ covers }) => covers).map(({ kind }) => kind)).toEqual(['waiting']);
    expect(paneState(connected, market('live'), 'x').word).toBe('');
    expect(paneState(connected, undefined, 'the book').words).toBe('Waits for the book.');
  });
});

test('the palette finds by the beginnings of words', () => {
  const entries = ['Flatten everything', 'Flatten this instrument', 'Show Features'].map((label) => ({ label }));
  expect(matching(entries, 'fl ev').map(({ label }) => label)).toEqual(['Flatten everything']);
  expect(matching(entries, 'f')).toHaveLength(3);
  expect(matching(entries, 'latten')).toHaveLength(0);
});

describe('default workspace', () => {
  test('shows every pane once at every size and fills it exactly', () => {
    for (const [width, height] of [
      [1440, 844],
      [2560, 1384],
      [3840, 2104],
      [1280, 664],
      [1000, 600],
      [720, 394],
    ] as const) {
      const columns = defaultColumns(width, height, sizeClass(width, height + 56));
      expect(columns.reduce((sum, column) => sum + column.width, 0)).toBe(width);
      for (const { stacks } of columns) expect(stacks.reduce((sum, stack) => sum + stack.height, 0)).toBe(height);
      const shown = columns.flatMap(({ stacks }) => stacks.flatMap(({ panes }) => panes));
      expect([...shown].sort()).toEqual(Object.keys(PANES).sort());
    }
  });
});
