import { describe, expect, test } from 'vitest';
import { newsState } from '../../renderer/panes/news-state.ts';
import { releaseDays, releaseStep } from '../../renderer/panes/release-days.ts';
import type { EconomicEvent } from '../../shared/economic-calendar.ts';

/** Noon in whatever zone the tests run in. */
const NOON = new Date(2026, 10, 20, 12).getTime() * 1000;
const MINUTE = 60_000_000;
const PAIR = ['EUR', 'USD'];

function event(minutes: number, title: string, more: Partial<EconomicEvent> = {}): EconomicEvent {
  return {
    id: title,
    atUs: NOON + minutes * MINUTE,
    currency: 'USD',
    country: 'US',
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

const shown = (events: EconomicEvent[], nowUs = NOON) =>
  releaseDays(events, PAIR, nowUs).map(({ name, lines }) => [
    name,
    ...lines.map(({ event: { title }, phase, next }) => `${title} ${phase}${next ? ' next' : ''}`),
  ]);

describe('releases of two days', () => {
  test('are those between the midnights of the user, by time and then by impact', () => {
    const events = [
      event(36 * 60, 'in two days'),
      event(36 * 60 - 1, 'last', { impact: 'low' }),
      event(12 * 60, 'first of tomorrow', { impact: 'low' }),
      event(12 * 60 - 1, 'last of today', { impact: 'low' }),
      event(12 * 60 - 1, 'graver', { impact: 'medium' }),
      event(-12 * 60, 'midnight', { impact: 'low' }),
      event(-12 * 60 - 1, 'yesterday'),
    ];
    expect(shown(events)).toEqual([
      ['Today', 'midnight past', 'graver later', 'last of today later'],
      ['Tomorrow', 'first of tomorrow later', 'last later'],
    ]);
  });

  test('have the next of high impact for the pair marked, with all of its time', () => {
    const events = [
      event(20, 'Yen', { currency: 'JPY' }),
      event(30, 'Auction', { impact: 'medium' }),
      event(60, 'Payrolls'),
      event(60, 'Rate', { currency: 'EUR' }),
      event(60, 'Hours', { impact: 'low' }),
      event(90, 'Later'),
    ];
    expect(shown(events)[0]).toEqual([
      'Today',
      'Yen later',
      'Auction later',
      'Payrolls later next',
      'Rate later next',
      'Hours later',
      'Later later',
    ]);
  });

  test('go from later to soon, now and past, of which soon is for high impact alone', () => {
    const events = [event(0, 'CPI'), event(0, 'Sales', { impact: 'low' })];
    const at = (minutes: number) =>
      shown(events, NOON + minutes * MINUTE)[0]!
        .slice(1)
        .join(', ');
    expect(at(-10.1)).toBe('CPI later next, Sales later');
    expect(at(-10)).toBe('CPI soon next, Sales later');
    expect(at(0)).toBe('CPI now next, Sales now');
    expect(at(0.9)).toBe('CPI now next, Sales now');
    expect(at(1)).toBe('CPI past, Sales past');
  });

  test('are drawn anew exactly when the time changes them', () => {
    const events = [event(15, 'CPI'), event(40, 'Sales', { impact: 'low' }), event(700, 'Rate')];
    let step = '';
    let drawn = '';
    for (let minutes = -5; minutes < 800; minutes += 0.5) {
      const nowUs = NOON + minutes * MINUTE;
      const now = JSON.stringify(releaseDays(events, PAIR, nowUs));
      const nowStep = releaseStep(events, PAIR, nowUs);
      expect(nowStep === step, `at ${minutes}`).toBe(now === drawn);
      [step, drawn] = [nowStep, now];
    }
  });
});

describe('state of the pane', () => {
  const age = () => 90_000_000;
  test('names what is amiss with the feed, in its own words', () => {
    const feed = (word: string, label: string) =>
      newsState('PAPER', { state: word as 'live', label, words: 'as the feed says' }, age);
    expect(newsState('PAPER', null, age).word).toBe('');
    expect(feed('live', 'live').word).toBe('');
    expect(feed('waiting', 'connecting')).toMatchObject({ word: 'CONNECTING', tone: 'quiet', covers: false });
    expect(feed('stale', 'stale')).toMatchObject({ word: 'STALE', tone: 'caution', words: 'as the feed says' });
    expect(feed('stale', 'stale').ageUs!()).toBe(90_000_000);
    expect(feed('error', 'quota')).toMatchObject({ word: 'QUOTA USED', tone: 'caution', kind: 'stale' });
    expect(feed('error', 'bad credentials')).toMatchObject({ word: 'BAD CREDENTIALS', tone: 'fault', covers: false });
  });

  test('says of a replay that nothing of this is in it', () => {
    expect(newsState('REPLAY', null, age)).toMatchObject({ word: 'NOT REPLAYED', covers: true });
  });
});
