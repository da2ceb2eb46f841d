import { expect, test } from 'vitest';
import { instrumentOf, priceOfTicks, productOfSymbol } from '../../shared/instruments.ts';

test('an outright future finds its product; spreads, options and roots by themselves do not', () => {
  expect(productOfSymbol('6EZ6')?.root).toBe('6E');
  expect(productOfSymbol('ESH24')?.root).toBe('ES');
  expect(productOfSymbol('EURUSD')?.venue).toBe('IG');
  for (const symbol of ['6EZ6-6EH7', 'ESM4-ESU4', '6E', 'EUUZ6 C1100', 'XXZ6', '']) {
    expect(productOfSymbol(symbol), symbol).toBeUndefined();
  }
});

test('the tick comes from the definition, else from the table, else it is the raw unit', () => {
  expect(instrumentOf('6EZ6', 1, 7, 100_000)).toMatchObject({ tickNano: 100_000, tickSource: 'definition' });
  expect(instrumentOf('6JZ6', 1, 7, undefined)).toMatchObject({ tickNano: 500, tickSource: 'product-table' });
  expect(instrumentOf('#12', 1, 12, undefined)).toMatchObject({ tickNano: 1, tickSource: 'raw', root: undefined });
  expect(instrumentOf('6EZ6', 1, 7, 0).tickSource).toBe('product-table');
});

test('one tick is worth what the exchange says', () => {
  const worth = (symbol: string) => {
    const { tickNano, multiplier } = instrumentOf(symbol, 1, 1, undefined);
    return (tickNano * multiplier) / 1e9;
  };
  expect(['6EZ6', '6BZ6', '6JZ6', 'ESZ6', 'NQZ6'].map(worth)).toEqual([6.25, 6.25, 6.25, 12.5, 5]);
});

test('a price in ticks becomes the double nearest to its decimal text', () => {
  expect(priceOfTicks(23_361, 50_000)).toBe(1.16805);
  expect(priceOfTicks(13_391, 500)).toBe(0.0066955);
  expect(priceOfTicks(20_857, 250_000_000)).toBe(5214.25);
});
