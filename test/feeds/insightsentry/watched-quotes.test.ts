import { describe, expect, test } from 'vitest';
import { WatchedQuotes } from '../../../main/feeds/insightsentry/watched-quotes.ts';

const EUR = 'FX:EURUSD';
const ES = 'CME_MINI:ES1!';

/** A quote as the vendor documents it, with what is not used, too. */
const WHOLE = {
  last_update: 1_757_061_265_540,
  total_items: 1,
  data: [
    {
      code: EUR,
      status: 'OPEN',
      lp_time: 1_757_061_265.5,
      volume: 81_230,
      last_price: 1.1702,
      change_percent: 0.41,
      change: 0.0048,
      ask: 1.17023,
      bid: 1.17018,
      ask_size: 1,
      bid_size: 1,
      prev_close_price: 1.1654,
      market_cap: null,
      currency_code: 'USD',
      delay_seconds: 0,
    },
  ],
};
const ROW = {
  id: EUR,
  last: 1.1702,
  decimals: 5,
  changePercent: 0.41,
  atUs: 1_757_061_265_500_000,
  delaySeconds: 0,
};

describe('watched quotes', () => {
  test('are there before anything is known of them', () => {
    const none = { last: null, decimals: 0, changePercent: null, atUs: null, delaySeconds: null };
    expect(new WatchedQuotes([EUR, ES]).rows).toEqual([
      { id: EUR, ...none },
      { id: ES, ...none },
    ]);
  });

  test('are put together by code from sparse updates', () => {
    const quotes = new WatchedQuotes([EUR, ES]);
    expect(quotes.take(WHOLE)).toEqual([ROW]);
    expect(quotes.take({ data: [{ code: EUR, change_percent: 0.42 }] })).toEqual([{ ...ROW, changePercent: 0.42 }]);
    expect(quotes.take({ data: [{ code: EUR, last_price: 1.1703, lp_time: 1_757_061_266 }] })).toEqual([
      { ...ROW, changePercent: 0.42, last: 1.1703, atUs: 1_757_061_266_000_000 },
    ]);
    // A price without its time has that of the message.
    expect(quotes.take({ last_update: 1_757_061_267_100, data: [{ code: EUR, last_price: 1.1704 }] })).toMatchObject([
      { last: 1.1704, atUs: 1_757_061_267_100_000 },
    ]);
    expect(quotes.take({ data: [{ code: ES, last_price: 6_501.25, delay_seconds: 900 }] })).toEqual([
      { id: ES, last: 6_501.25, decimals: 2, changePercent: null, atUs: null, delaySeconds: 900 },
    ]);
    expect(quotes.rows.map(({ last }) => last)).toEqual([1.1704, 6_501.25]);
  });

  test('never go back in time', () => {
    const quotes = new WatchedQuotes([EUR]);
    quotes.take(WHOLE);
    expect(quotes.take({ data: [{ code: EUR, last_price: 1.1, lp_time: 1_757_061_265 }] })).toEqual([]);
    expect(quotes.rows).toEqual([ROW]);
  });

  test('ignore codes that are not watched, values of another type, and what is no message with quotes', () => {
    const quotes = new WatchedQuotes([EUR]);
    quotes.take(WHOLE);
    expect(quotes.take({ data: [{ code: 'FX:GBPUSD', last_price: 1.3 }] })).toEqual([]);
    expect(quotes.take({ data: [{ code: EUR, last_price: 'n/a', delay_seconds: null }, 7, { code: 3 }] })).toEqual([
      ROW,
    ]);
    for (const other of [
      undefined,
      null,
      'pong',
      [],
      { server_time: 1 },
      { event: 'connection_status' },
      { data: 7 },
    ]) {
      expect(quotes.take(other)).toEqual([]);
    }
  });
});
