import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instrumentOf } from '../../shared/instruments.ts';
import { basisPips, DEFAULT_LINKS, executionDirection, impliedAsk, impliedBid } from '../../shared/links.ts';

const direct = DEFAULT_LINKS.find((link) => link.signalRoot === '6E')!;
const inverted = DEFAULT_LINKS.find((link) => link.signalRoot === '6J')!;

test('a bid in 6J is a bid for yen: it implies an ask of USD/JPY and sells it', () => {
  expect([direct.inverted, inverted.inverted]).toEqual([false, true]);
  expect(impliedBid(inverted, 0.0067, 0.0067005)).toBe(1 / 0.0067005);
  expect(impliedAsk(inverted, 0.0067, 0.0067005)).toBe(1 / 0.0067);
  expect(executionDirection(inverted, 1)).toBe(-1);
  expect(executionDirection(direct, 1)).toBe(1);
});

test('whichever way the link goes, an uncrossed future implies an uncrossed pair', () => {
  const price = fc.double({ min: 0.001, max: 2, noNaN: true });
  fc.assert(
    fc.property(price, fc.double({ min: 0.0001, max: 0.01, noNaN: true }), (bid, spread) => {
      for (const link of [direct, inverted]) {
        expect(impliedBid(link, bid, bid + spread)).toBeLessThan(impliedAsk(link, bid, bid + spread));
      }
    }),
  );
});

test('the basis is spot minus implied, in pips of the spot', () => {
  const eurusd = instrumentOf('EURUSD', 65_002, 1, undefined);
  const usdjpy = instrumentOf('USDJPY', 65_002, 2, undefined);
  expect(basisPips(eurusd, 1.1668, 1.168)).toBeCloseTo(-12, 9);
  expect(basisPips(usdjpy, 149.3, 148.82)).toBeCloseTo(48, 9);
});
