import { describe, expect, test } from 'vitest';
import { type CalendarFileOptions, readCalendarFile } from '../../../main/feeds/calendar/calendar-file.ts';
import type { EconomicEvent } from '../../../shared/economic-calendar.ts';
import { haveFixtures, readFixture } from '../../fixtures.ts';

const NOW = 1_762_000_000_000_000;

function read(text: string, options: Partial<CalendarFileOptions> = {}) {
  return readCalendarFile(new TextEncoder().encode(text), { name: 'week.csv', nowUs: NOW, ...options });
}

const brief = ({ atUs, currency, impact, title }: EconomicEvent) =>
  `${new Date(atUs / 1000).toISOString().slice(0, 16)} ${currency} ${impact} ${title}`;

describe('calendars as CSV', () => {
  test.runIf(haveFixtures)('a recorded quarter: every row, with exact counts by impact and currency', () => {
    const bytes = readFixture('calendar/news_events_2019-11_2020-02.csv');
    const { events, refused, format, zone, withoutZone } = readCalendarFile(bytes, { name: 'quarter.csv', nowUs: NOW });
    expect({ count: events.length, refused, format, zone, withoutZone }).toEqual({
      count: 2819,
      refused: [],
      format: 'csv',
      zone: 'UTC',
      withoutZone: 2819,
    });
    const tally = (key: (event: EconomicEvent) => string | null) =>
      events.reduce<Record<string, number>>((counts, event) => {
        const name = key(event) ?? '';
        counts[name] = (counts[name] ?? 0) + 1;
        return counts;
      }, {});
    expect(tally(({ impact }) => impact)).toEqual({ none: 62, low: 1510, medium: 971, high: 276 });
    expect(tally(({ currency }) => currency)).toEqual({
      USD: 794,
      EUR: 775,
      JPY: 302,
      GBP: 301,
      AUD: 203,
      CAD: 152,
      NZD: 132,
      CNY: 88,
      CHF: 72,
    });
    // Each row against the file's own text.
    const lines = new TextDecoder().decode(bytes).trim().split(/\r?\n/).slice(1);
    for (const [index, line] of lines.entries()) {
      const [start, ...rest] = line.split(',');
      const event = events[index]!;
      expect(`${new Date(event.atUs / 1000).toISOString().slice(0, 19).replace('T', ' ')}`).toBe(start);
      expect([event.impact.toUpperCase(), event.currency]).toEqual(rest.slice(-2));
    }
    expect(new Set(events.map(({ id }) => id)).size).toBe(2819);
  });

  test.each([',', ';', '\t'])('takes usual names in any order, delimited by %j', (delimiter) => {
    const text = [
      ['Currency', 'Previous', 'Event Name', 'Importance', 'Date', 'Time (UTC)', 'Forecast', 'Actual'],
      ['usd', '22K', 'Payrolls', '★★★', '2025-11-07', '13:30', '50K', ''],
      ['EUR', '', '"Lagarde, Speech"', 'Medium Impact Expected', '2025-11-08', 'All Day', '', '1.2%'],
    ];
    const { events, refused } = read(text.map((cells) => cells.join(delimiter)).join('\r\n'));
    expect(refused).toEqual([]);
    expect(events.map(brief)).toEqual([
      '2025-11-07T13:30 USD high Payrolls',
      '2025-11-08T00:00 EUR medium Lagarde, Speech',
    ]);
    expect(events[0]).toMatchObject({
      forecast: '50K',
      previous: '22K',
      actual: null,
      source: 'file week.csv',
      revisedUs: NOW,
    });
    expect(events[1]).toMatchObject({ forecast: null, previous: null, actual: '1.2%' });
  });

  test('tells each bad row with line and reason and keeps the good ones', () => {
    const { events, refused } = read(
      [
        'Start,Name,Impact,Currency',
        '2025-11-07 13:30,CPI,HIGH,USD',
        '2025-11-31 13:30,No such day,HIGH,USD',
        '2025-11-07 14:00,,LOW,USD',
        '',
        '"2025-11-07 15:00","Two',
        'lines",LOW,JPY',
        '2025-11-07 16:00,Shout,ENORMOUS,USD',
        ',Timeless,LOW,USD',
        '2025-11-07 17:00,Too,many,LOW,USD',
        '2025-11-07 18:00,Short row',
        '2025-11-07 19:00,"never closed,LOW,USD',
        '2025-11-07 20:00,swallowed,LOW,USD',
      ].join('\n'),
    );
    expect(events.map(brief)).toEqual([
      '2025-11-07T13:30 USD high CPI',
      '2025-11-07T15:00 JPY low Two\nlines',
      '2025-11-07T18:00 null none Short row',
    ]);
    expect(refused.map(({ line, reason }) => `${line}: ${reason}`)).toEqual([
      '3: "2025-11-31 13:30" is no date and time of the calendar',
      '4: has no title',
      '8: the impact "ENORMOUS" is not a word that is known',
      '9: has no time',
      '10: has 5 cells under 4 names; is a quote missing?',
      '12: a quote is opened here and never closed',
    ]);
  });

  test('reads zone-less times in the zone asked for, and knows the countries of the majors', () => {
    const { events, zone, withoutZone, withoutImpact } = read(
      'Date;Country;Title\n2025-11-07 08:30;US;CPI\n2025-11-07T13:30Z;GBP;Rate\n2025-11-07 10:00;Atlantis;Tide',
      { zone: 'America/New_York' },
    );
    expect(events.map(brief)).toEqual([
      '2025-11-07T13:30 USD none CPI',
      '2025-11-07T13:30 GBP none Rate',
      '2025-11-07T15:00 null none Tide',
    ]);
    expect(events.map(({ country }) => country)).toEqual(['US', null, 'Atlantis']);
    expect({ zone, withoutZone, withoutImpact }).toEqual({
      zone: 'America/New_York',
      withoutZone: 2,
      withoutImpact: 3,
    });
  });

  test('says what is wrong with a file as a whole', () => {
    expect(() => read('')).toThrow('the file is empty');
    expect(() => read('a,b\n1,2')).toThrow(/names no column for the time.*a, b/);
    expect(() => read('Start,b\n1,2')).toThrow(/names no column for the title/);
    expect(() => read('Start,Name\n', { zone: 'Mars/Olympus' })).toThrow(/"Mars\/Olympus" is not one that is known/);
  });

  test('reads UTF-8 with its mark, UTF-16 and Windows-1252', () => {
    const text = 'Start,Name\n2025-11-07,Índice ★';
    const wide = new Uint8Array([0xff, 0xfe, ...Buffer.from(text, 'utf16le')]);
    expect(readCalendarFile(wide, { name: 'a.csv', nowUs: NOW }).events[0]!.title).toBe('Índice ★');
    expect(read(`\uFEFF${text}`).events[0]!.title).toBe('Índice ★');
    const narrow = Buffer.from('Start,Name\n2025-11-07,Índice', 'latin1');
    expect(readCalendarFile(narrow, { name: 'a.csv', nowUs: NOW }).events[0]!.title).toBe('Índice');
  });
});

describe('calendars as iCalendar', () => {
  const calendar = (...lines: string[]) =>
    ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR', ''].join('\r\n');
  const event = (...lines: string[]) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT'];

  test('takes zones, folds, escapes, categories and priorities', () => {
    const { events, refused, format } = read(
      calendar(
        'BEGIN:VTIMEZONE',
        'TZID:Office',
        'X-LIC-LOCATION:Europe/Berlin',
        'BEGIN:STANDARD',
        'DTSTART:19701025T030000',
        'TZOFFSETFROM:+0200',
        'TZOFFSETTO:+0100',
        'END:STANDARD',
        'END:VTIMEZONE',
        ...event('DTSTART:20251107T133000Z', 'SUMMARY:Non Farm', '  Payrolls\\, revised', 'CATEGORIES:High,USD'),
        ...event('DTSTART;TZID=America/New_York:20251107T083000', 'SUMMARY:USD: CPI', 'PRIORITY:5'),
        ...event('DTSTART;TZID="Office":20250701T140000', 'SUMMARY;LANGUAGE=de:[EUR] Zinsen', 'PRIORITY:9'),
        ...event('DTSTART;VALUE=DATE:20251225', 'SUMMARY:Christmas', 'CATEGORIES:Bank Holiday'),
      ),
      { name: 'feed' },
    );
    expect({ format, refused }).toEqual({ format: 'ics', refused: [] });
    expect(events.map(brief)).toEqual([
      '2025-11-07T13:30 USD high Non Farm Payrolls, revised',
      '2025-11-07T13:30 USD medium CPI',
      '2025-07-01T12:00 EUR low Zinsen',
      '2025-12-25T00:00 null none Christmas',
    ]);
  });

  test('reads times of no zone in the one that the file names', () => {
    const text = calendar('X-WR-TIMEZONE:Asia/Tokyo', ...event('DTSTART:20251107T083000', 'SUMMARY:GDP'));
    expect(read(text).events.map(brief)).toEqual(['2025-11-06T23:30 null none GDP']);
    expect(read(text, { zone: 'UTC' }).events.map(brief)).toEqual(['2025-11-07T08:30 null none GDP']);
  });

  test('tells what it cannot take', () => {
    const { events, refused } = read(
      calendar(
        ...event('SUMMARY:Timeless'),
        ...event('DTSTART;TZID=Nowhere:20251107T083000', 'SUMMARY:Lost'),
        ...event('DTSTART:20251107T083000Z', 'RRULE:FREQ=DAILY', 'SUMMARY:Daily'),
        'this is no property',
        ...event('DTSTART:20251107T083000Z', 'STATUS:CANCELLED', 'SUMMARY:Off'),
        ...event('DTSTART:2025110', 'SUMMARY:Short'),
        ...event('DTSTART:20251107T083000Z', 'SUMMARY:Good'),
        'BEGIN:VEVENT',
        'DTSTART:20251107T083000Z',
        'SUMMARY:Cut',
      ),
      { name: 'a.ics' },
    );
    expect(events.map(({ title }) => title)).toEqual(['Good']);
    expect(refused).toEqual([
      { line: 3, reason: 'the event has no DTSTART' },
      { line: 6, reason: 'the time zone "Nowhere" is not one that is known' },
      { line: 10, reason: 'the event recurs; events are taken one by one only' },
      { line: 15, reason: 'is no property of an iCalendar' },
      { line: 16, reason: 'the event is cancelled' },
      { line: 21, reason: 'DTSTART "2025110" is no date and time' },
      { line: 29, reason: 'the event has no END:VEVENT' },
    ]);
    expect(() => read('BEGIN:VEVENT', { name: 'a.ics' })).toThrow('no BEGIN:VCALENDAR');
  });
});

describe('calendars as JSON', () => {
  test.runIf(haveFixtures)("takes InsightSentry's own answer", () => {
    const { examples } = JSON.parse(new TextDecoder().decode(readFixture('insightsentry/insightsentry_examples.json')));
    const { events, refused } = read(JSON.stringify(examples['GET /v3/calendar/events?w=1']), { name: 'answer' });
    expect(refused).toEqual([]);
    expect(events).toMatchObject([
      {
        id: 'US 2025-11-07T13:30Z Non Farm Payrolls',
        atUs: Date.UTC(2025, 10, 7, 13, 30) * 1000,
        currency: 'USD',
        country: 'US',
        impact: 'high',
        forecast: '50',
        previous: '22',
        actual: null,
      },
    ]);
  });

  test('takes arrays of objects with usual names and tells bad items', () => {
    const { events, refused } = read(
      JSON.stringify([
        { title: 'CPI m/m', country: 'USD', date: '2025-11-07T08:30:00-05:00', impact: 'High', forecast: '0.3%' },
        { event: 'Rate', currency: 'GBP', timestamp: 1762522200, importance: 2, actual: 4.5 },
        'text',
        { title: 'Nothing else' },
      ]),
      { name: 'a.json' },
    );
    expect(events.map(brief)).toEqual(['2025-11-07T13:30 USD high CPI m/m', '2025-11-07T13:30 GBP medium Rate']);
    expect(events[1]!.actual).toBe('4.5');
    expect(refused).toEqual([
      { line: 3, reason: 'is not an object' },
      { line: 4, reason: 'has no time' },
    ]);
    expect(() => read('{"a": 1}')).toThrow(/no array of events/);
    expect(() => read('[1,')).toThrow(/is not JSON/);
  });
});
