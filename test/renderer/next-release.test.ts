import { describe, expect, test } from 'vitest';
import { currenciesOf, releaseWords } from '../../renderer/chrome/next-release.ts';
import type { MarketRow } from '../../shared/contract/topics.ts';
import type { EconomicEvent } from '../../shared/economic-calendar.ts';

const NOW = 1_762_522_200_000_000;
const MINUTE = 60_000_000;

function event(minutes: number, title: string, more: Partial<EconomicEvent> = {}): EconomicEvent {
  return {
    id: title,
    atUs: NOW + minutes * MINUTE,
    currency: 'USD',
    country: null,
    impact: 'high',
    title,
    forecast: null,
    previous: null,
    actual: null,
    source: 'a',
    revisedUs: 0,
    ...more,
  };
}

const row = (root: string, quoteCurrency: string) => ({ root, quoteCurrency }) as MarketRow;

describe('the next release', () => {
  test('is the first of high impact for either currency', () => {
    const events = [
      event(90, 'Payrolls'),
      event(30, 'Rate', { currency: 'GBP' }),
      event(20, 'Sentiment', { impact: 'medium' }),
      event(60, 'ECB', { currency: 'EUR' }),
      event(10, 'Unplaced', { currency: null }),
    ];
    expect(releaseWords(events, ['EUR', 'USD'], NOW)).toEqual({
      what: 'EUR ECB',
      left: '1:00:00',
      soon: false,
      atUs: NOW + 60 * MINUTE,
    });
    expect(releaseWords(events, ['GBP', 'USD'], NOW).what).toBe('GBP Rate');
  });

  test('asks for caution in its last ten minutes, is told for a minute after, then gives way', () => {
    const events = [event(0, 'CPI'), event(90, 'Rate')];
    const at = (minutes: number) => {
      const { what, left, soon } = releaseWords(events, ['USD'], NOW + minutes * MINUTE);
      return `${what} ${left} ${soon}`;
    };
    expect(at(-10.1)).toBe('USD CPI 10:06 false');
    expect(at(-10)).toBe('USD CPI 10:00 true');
    expect(at(0)).toBe('USD CPI now true');
    expect(at(0.9)).toBe('USD CPI now true');
    expect(at(1)).toBe('USD Rate 1:29:00 false');
  });

  test('says why there is none', () => {
    expect(releaseWords([], ['EUR', 'USD'], NOW).what).toBe('no events known');
    const low = releaseWords([event(5, 'Auction', { impact: 'low' })], ['EUR', 'USD'], NOW);
    expect(low).toEqual({ what: 'no high impact for EUR or USD in 48 h', left: '', soon: false, atUs: 0 });
  });

  test('follows the pair that is traded, else what the watched market is quoted in', () => {
    expect(currenciesOf(row('6E', 'USD'), row('EURUSD', 'USD'))).toEqual(['EUR', 'USD']);
    expect(currenciesOf(row('6E', 'USD'), undefined)).toEqual(['USD']);
    expect(currenciesOf(row('BTC/USD', 'USD'), undefined)).toEqual(['BTC', 'USD']);
    expect(currenciesOf(undefined, undefined)).toEqual([]);
  });
});
