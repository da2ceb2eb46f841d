import { expect, test } from 'vitest';
import { toldInPips } from '../../main/entry/told-in-pips.ts';
import { instrumentOf, PRODUCTS } from '../../shared/instruments.ts';

test('currencies are told in pips, indices are not', () => {
  const symbols = PRODUCTS.map(({ root, venue }) => (venue === 'GLBX' ? `${root}Z6` : root));
  const told = symbols.filter((symbol) => toldInPips(instrumentOf(symbol, 1, 1, undefined)));
  expect(told).toEqual(['6EZ6', '6BZ6', '6JZ6', 'EURUSD', 'GBPUSD', 'USDJPY']);
});
