import { expect, test } from 'vitest';
import { tradingDayAt, tradingDayOf } from '../../main/core/calendar/trading-day.ts';
import { keptFromUs, marketKeptFrom } from '../../main/storage/tables/retention.ts';
import { DEFAULT_SETTINGS } from '../../shared/settings.ts';
import { NOON } from './store-rows.ts';

const DAY = 24 * 3_600_000_000;

test('whole trading days are kept, and the current one always', () => {
  expect(keptFromUs(0, NOON)).toBeUndefined();
  // 2026-11-18 13:00 UTC is in the trading day of that date.
  expect(keptFromUs(1, NOON)).toBe(tradingDayOf('2026-11-17').fromUs);
  expect(keptFromUs(5, NOON)).toBe(tradingDayOf('2026-11-13').fromUs);
  for (let hour = 0; hour < 24 * 400; hour++) {
    const nowUs = NOON + (hour * DAY) / 24;
    expect(keptFromUs(1, nowUs)!).toBeLessThanOrEqual(tradingDayAt(nowUs).fromUs);
  }
});

test('tables go by the setting that is theirs; of those that are kept for good there is no bound', () => {
  const kept = marketKeptFrom(DEFAULT_SETTINGS.store.keepDays, NOON);
  expect(Array.from(kept.keys()).sort()).toEqual([
    'cme_mbp10_book',
    'cme_mbp10_events',
    'crypto_book',
    'ig_spot_ticks',
  ]);
  expect(kept.get('cme_mbp10_events')).toBe(keptFromUs(5, NOON));
  expect(kept.get('crypto_book')).toBe(keptFromUs(90, NOON));
});
