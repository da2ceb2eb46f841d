import { expect, test } from 'vitest';
import { CurrencyRates } from '../../main/risk/currency-rates.ts';
import { BIDS, TradeRig } from '../execution/trade-rig.ts';

const MID = (BIDS.USDJPY + 3) / 1_000;

function rig(): { rig: TradeRig; rates: CurrencyRates } {
  const made = new TradeRig();
  return { rig: made, rates: new CurrencyRates(made.engine, 'USD', 2_000_000) };
}

test('the own currency is one, the others come from the mid of their pair, whichever way it is quoted', () => {
  const { rates } = rig();
  expect(rates.rate('USD')).toBe(1);
  expect(rates.rate('EUR')).toBe((BIDS.EURUSD + 3) / 100_000);
  expect(rates.rate('JPY')).toBe(1 / MID);
  expect(new CurrencyRates(rig().rig.engine, 'JPY', 2_000_000).rate('USD')).toBe(MID);
});

test.each<[string, (of: TradeRig) => void]>([
  ['older than the bound', (of) => of.engine.advanceTo(of.engine.nowUs + 2_000_001)],
  ['behind a gap', (of) => of.engine.gap(of.market('USDJPY'), 'feed-gap')],
  ['one-sided', (of) => of.market('USDJPY').depth.clearAsk(0)],
  ['crossed', (of) => of.quote('USDJPY', BIDS.USDJPY, BIDS.USDJPY - 1)],
])('a quote that is %s is no rate', (_name, spoil) => {
  const { rig: of, rates } = rig();
  expect(rates.rate('JPY')).not.toBeNull();
  spoil(of);
  expect(rates.rate('JPY')).toBeNull();
});

test('a quote exactly as old as the bound still is one; a pair that nobody quotes is none', () => {
  const { rig: of, rates } = rig();
  of.engine.advanceTo(of.engine.nowUs + 2_000_000);
  expect(rates.rate('JPY')).not.toBeNull();
  expect(new CurrencyRates(of.engine, 'EUR', 9_000_000).rate('JPY')).toBeNull();
});
