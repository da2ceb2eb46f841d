import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS, settingsSchema } from '../../shared/settings.ts';

test('no settings are safe settings: simulated, paper, half a percent at risk', () => {
  expect(DEFAULT_SETTINGS.source.kind).toBe('simulated');
  expect(DEFAULT_SETTINGS.account.startingBalanceMinor).toBe(5_000_000);
  expect(DEFAULT_SETTINGS.risk.riskPerTradePercent).toBe(0.5);
  expect(DEFAULT_SETTINGS.proposal).toMatchObject({ expiryMs: 5000, rewardToRisk: 2, confirmDeafMs: 300 });
});

test('a typo in a risk limit is an error that names it, not a silent default', () => {
  const parsed = settingsSchema.safeParse({ risk: { maxPositionLot: 3 } });
  expect(parsed.success).toBe(false);
  expect(String(parsed.error)).toContain('maxPositionLot');
  expect(settingsSchema.safeParse({ risk: { riskPerTradePercent: 50 } }).success).toBe(false);
});

test("watched quotes are the vendor's codes, each once", () => {
  const read = (quotes: string[]) => settingsSchema.safeParse({ feeds: { insightsentry: { quotes } } });
  expect(DEFAULT_SETTINGS.feeds.insightsentry.quotes).toEqual([]);
  expect(read(['FX:EURUSD', 'CME_MINI:ES1!', 'CME:6E1!']).success).toBe(true);
  for (const wrong of [['EURUSD'], ['fx:eurusd'], ['FX:EUR USD'], ['FX:EURUSD', 'FX:EURUSD']]) {
    expect(read(wrong).success, wrong.join()).toBe(false);
  }
});

test('the store is the embedded one, or a Postgres by its address', () => {
  expect(DEFAULT_SETTINGS.store.url).toBe('');
  const url = (value: string) => settingsSchema.safeParse({ store: { url: value } });
  expect(url('postgres://me@db.example:5432/fx').success).toBe(true);
  expect(url('mysql://me:hunter2@db.example/fx').success).toBe(false);
  expect(String(url('mysql://me:hunter2@db.example/fx').error)).not.toContain('hunter2');
  const clear = url('postgres://me:hunter2@db.example/fx');
  expect(clear.success).toBe(false);
  expect(String(clear.error)).toContain('FATHOM_DB_PASSWORD');
  expect(String(clear.error)).not.toContain('hunter2');
});
