import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { extraPriceRoom } from '../../renderer/drawing/canvas-text.ts';
import { percentileOf, SHADES, shadeOf, steadyLoud } from '../../renderer/drawing/intensity-scale.ts';
import { ladderColumns, PRICE_WIDTH } from '../../renderer/drawing/ladder-columns.ts';
import {
  followedCentre,
  labelStep,
  rowOfY,
  timeLabelStepS,
  visibleRows,
  yOfRow,
} from '../../renderer/drawing/price-axis.ts';

const axis = { centreRow: 21_690, middle: 200, rowHeight: 12 };

describe('price axis', () => {
  test('higher prices are higher up', () => {
    expect(yOfRow(axis, 21_690)).toBe(200);
    expect(yOfRow(axis, 21_691)).toBe(188);
    expect(rowOfY(axis, 194.1)).toBe(21_690);
    expect(rowOfY(axis, 193.9)).toBe(21_691);
    expect(visibleRows(axis, 400)).toEqual({ top: 21_707, bottom: 21_673 });
  });

  test('a row and its place are each other’s inverse', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 40 }), (ticks, rowHeight) => {
        const moved = { centreRow: 1_000, middle: 333, rowHeight };
        expect(rowOfY(moved, yOfRow(moved, ticks))).toBe(ticks);
      }),
    );
  });

  test('the view keeps still until the inside has wandered off', () => {
    expect(followedCentre(Number.NaN, 100.5, 40, 0.5)).toBe(101);
    expect(followedCentre(100, 109, 40, 0.5)).toBe(100);
    expect(followedCentre(100, 111, 40, 0.5)).toBe(111);
    expect(followedCentre(100, Number.NaN, 40, 0.5)).toBe(100);
  });

  test('labels stand on round steps with room between them', () => {
    expect(labelStep(12, 1, 34)).toBe(4);
    expect(labelStep(4, 1, 34)).toBe(10);
    expect(labelStep(12, 5, 34)).toBe(4);
    expect(labelStep(4, 20, 34)).toBe(10);
    for (const rowTicks of [1, 2, 5, 10, 20, 50, 100]) {
      const ticks = labelStep(12, rowTicks, 34) * rowTicks;
      expect([2, 4, 5, 10, 20, 25, 40, 50, 100, 200, 400]).toContain(ticks);
    }
    expect(timeLabelStepS(8, 76)).toBe(10);
    expect(timeLabelStepS(4, 76)).toBe(30);
  });
});

describe('intensity', () => {
  test('grows with size and never leaves the table', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5_000 }),
        fc.integer({ min: 0, max: 5_000 }),
        fc.constantFrom(16, 128, 1024),
        (a, b, loud) => {
          const [low, high] = [Math.min(a, b), Math.max(a, b)];
          expect(shadeOf(low, loud)).toBeLessThanOrEqual(shadeOf(high, loud));
          expect(shadeOf(high, loud)).toBeLessThan(SHADES);
          expect(shadeOf(low, loud) > 0).toBe(low > 0);
        },
      ),
    );
  });

  test('the scale holds still while sizes change a little', () => {
    const loud = steadyLoud(0, 100);
    expect(loud).toBe(128);
    expect(steadyLoud(loud, 120)).toBe(128);
    expect(steadyLoud(loud, 60)).toBe(128);
    expect(steadyLoud(loud, 150)).toBe(256);
    expect(steadyLoud(loud, 40)).toBe(64);
    expect(steadyLoud(loud, 0)).toBe(128);
  });

  test('percentile of the sizes seen', () => {
    expect(percentileOf(Float64Array.of(5, 1, 4, 2, 3, 99), 5, 0.5)).toBe(3);
    expect(percentileOf(new Float64Array(4), 0, 0.98)).toBe(0);
  });
});

describe('ladder columns', () => {
  test('have room for the seven decimals of a future on the yen', () => {
    const room = (tickNano: number) => {
      const c = ladderColumns(348, false, PRICE_WIDTH + extraPriceRoom(tickNano));
      return c.priceRight - c.bidRight;
    };
    const [digit, point, edge] = [7.5, 4, 2];
    expect(room(50_000)).toBeGreaterThanOrEqual(6 * digit + point + edge);
    expect(room(500)).toBeGreaterThanOrEqual(8 * digit + point + edge);
  });

  test('fill the width from left to right without overlap, at every width', () => {
    fc.assert(
      fc.property(fc.integer({ min: 236, max: 700 }), fc.boolean(), fc.boolean(), (width, longFigures, yen) => {
        const c = ladderColumns(width, longFigures || yen, PRICE_WIDTH + (yen ? extraPriceRoom(500) : 0));
        const edges = [
          0,
          c.ownRight,
          c.soldRight,
          c.bidFlowRight,
          c.bidRight,
          c.askLeft,
          c.askRight,
          c.askFlowRight,
          c.boughtRight,
        ];
        expect([...edges].sort((a, b) => a - b)).toEqual(edges);
        expect(c.boughtRight).toBeCloseTo(width, 6);
        expect(c.bidLeft).toBe(c.bidFlowRight);
      }),
    );
  });
});
