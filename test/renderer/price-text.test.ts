import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pipsText, priceParts, priceText, signedText, spreadText } from '../../renderer/format/price-text.ts';

const FUTURE_6E = { tickNano: 50_000, pipNano: 100_000, hasPips: true };
const FUTURE_6J = { tickNano: 500, pipNano: 1_000, hasPips: true };
const EURUSD = { tickNano: 10_000, pipNano: 100_000, hasPips: true };
const USDJPY = { tickNano: 1_000_000, pipNano: 10_000_000, hasPips: true };
const ES = { tickNano: 250_000_000, pipNano: 250_000_000, hasPips: true };

describe('prices', () => {
  test('emphasise the two digits that end at the pip', () => {
    expect(priceParts(108_425, EURUSD)).toEqual({ head: '1.08', pips: '42', tail: '5' });
    expect(priceParts(21_685, FUTURE_6E)).toEqual({ head: '1.08', pips: '42', tail: '5' });
    expect(priceParts(149_832, USDJPY)).toEqual({ head: '149.', pips: '83', tail: '2' });
    expect(priceParts(13_391, FUTURE_6J)).toEqual({ head: '0.0066', pips: '95', tail: '5' });
  });

  test('emphasise the last two digits where the tick is a pip', () => {
    expect(priceParts(20_857, ES)).toEqual({ head: '5214.', pips: '25', tail: '' });
  });

  test('an absent price is an em dash', () => {
    expect(priceText(Number.NaN, EURUSD)).toBe('—');
    expect(priceParts(Number.NaN, EURUSD).pips).toBe('—');
  });

  test('the parts make the whole, with the same number of decimals at every tick', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4_000_000 }),
        fc.constantFrom(FUTURE_6E, FUTURE_6J, EURUSD, USDJPY, ES),
        (ticks, style) => {
          const { head, pips, tail } = priceParts(ticks, style);
          const text = priceText(ticks, style);
          expect(head + pips + tail).toBe(text);
          expect(Number(text)).toBeCloseTo((ticks * style.tickNano) / 1e9, 9);
          expect(text.split('.')[1]).toHaveLength(priceText(1, style).split('.')[1]!.length);
          expect(pips.replace('.', '')).toHaveLength(2);
        },
      ),
    );
  });
});

describe('signed numbers', () => {
  test('have a sign as wide as the plus, also at nought', () => {
    expect(signedText(2.44, 1)).toBe('+2.4');
    expect(signedText(-2.44, 1)).toBe('\u22122.4');
    expect(signedText(0, 1)).toBe('\u20070.0');
    expect(signedText(-0.01, 1)).toBe('\u20070.0');
    expect(signedText(null, 1)).toBe('—');
  });

  test('ticks as pips', () => {
    expect(pipsText(62, EURUSD)).toBe('+6.2');
    expect(spreadText(6, EURUSD)).toBe('0.6');
    expect(spreadText(Number.NaN, EURUSD)).toBe('—');
    expect(pipsText(-3, FUTURE_6E)).toBe('\u22121.5');
  });
});
