import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LiveClock } from '../../../main/core/clock/live-clock.ts';
import { Random } from '../../../main/core/clock/random.ts';
import { checkInsightSentry } from '../../../main/feeds/insightsentry/connection-check.ts';
import { InsightSentryServer } from '../../venues/insightsentry-server.ts';
import { FeedRig, KEY, MemoryFile, vendorEvent } from './feed-rig.ts';

let server: InsightSentryServer;
const rigs: FeedRig[] = [];

beforeEach(async () => {
  server = await InsightSentryServer.open(KEY);
  server.weeks[0].push(
    vendorEvent(60, 'Non Farm Payrolls', { importance: 'high', forecast: 50, previous: 22 }),
    vendorEvent(120, 'PMI', { country: 'DE', currency: 'EUR', importance: 'medium', actual: 48.5 }),
  );
  server.weeks[1].push(vendorEvent(9_000, 'CPI'));
  server.news.push({ title: 'Old', published_at: 1_762_106_652, source: 'Reuters', related_symbols: ['FX:EURUSD'] });
});

afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.feed.stop();
  await server.close();
});

/** A feed without a stream: its connections are all used. */
function rig(options: ConstructorParameters<typeof FeedRig>[1] = {}): FeedRig {
  const made = new FeedRig(server, { connectionsADay: 0, ...options });
  rigs.push(made);
  return made;
}

const paths = () => server.requests.map(({ path }) => path);
const ALL = ['/v3/calendar/events?w=1', '/v3/calendar/events?w=2', '/v3/newsfeed?limit=100'];

describe("InsightSentry's requests", () => {
  test('give calendar and news, and say in words how they are', async () => {
    const { states, events, news, spans } = rig();
    await expect.poll(() => states.at(-1)?.condition).toBe('live');
    expect(paths()).toEqual(ALL);
    expect(
      events.map(({ title, currency, impact, forecast, previous, actual }) => [
        title,
        currency,
        impact,
        forecast,
        previous,
        actual,
      ]),
    ).toEqual([
      ['Non Farm Payrolls', 'USD', 'high', '50', '22', null],
      ['PMI', 'EUR', 'medium', null, null, '48.5'],
      ['CPI', 'USD', 'low', null, null, null],
    ]);
    expect(spans[0]).toEqual({ source: 'insightsentry', fromUs: events[0]!.atUs, toUs: events[1]!.atUs + 1 });
    expect(news).toEqual([
      {
        id: '1762106652000000 Reuters Old',
        atUs: 1_762_106_652_000_000,
        title: 'Old',
        link: null,
        source: 'Reuters',
        symbols: ['FX:EURUSD'],
        sentiment: null,
      },
    ]);
    expect(states[0]!.condition).toBe('connecting');
    expect(states.at(-1)!.words).toMatch(
      /^calendar of \d\d:\d\d UTC · news asked for every 30 s, since all 0 WebSocket connections of this day \(UTC\) are used$/,
    );
  });

  test('carry the key of each gateway in its own headers', async () => {
    rig();
    await expect.poll(() => server.requests.length).toBe(3);
    expect(server.requests[0]!.headers).toMatchObject({ authorization: `Bearer ${KEY}` });
    await rigs[0]!.feed.stop();
    rig({ gateway: 'rapidapi' });
    await expect.poll(() => server.requests.length).toBe(6);
    const { headers } = server.requests[3]!;
    expect(headers).toMatchObject({ 'x-rapidapi-key': KEY, 'x-rapidapi-host': 'insightsentry.p.rapidapi.com' });
    expect(headers.authorization).toBeUndefined();
  });

  test('are not made again by a restart within their age', async () => {
    const file = new MemoryFile();
    const first = rig({ file });
    await expect.poll(() => first.state.condition).toBe('live');
    await first.feed.stop();
    const second = rig({ file });
    await expect.poll(() => second.state.condition).toBe('live');
    expect(second.events).toEqual(first.events);
    expect(second.news).toEqual(first.news);
    expect(paths()).toEqual(ALL);
    await second.feed.stop();
    // Older than its time: asked for again.
    file.text = file.text!.replace(/"atUs":(\d+)/g, (_, us) => `"atUs":${Number(us) - 3_600_000_000}`);
    const third = rig({ file });
    await expect.poll(() => third.state.condition).toBe('live');
    await expect.poll(paths).toEqual([...ALL, ...ALL]);
  });

  test.each([
    '{"version":1',
    '{"version":2}',
    '{"version":1,"answers":{"/v3/calendar/events?w=1":{"atUs":1,"value":7}}}',
  ])('are made where what was kept is damaged: %s', async (text) => {
    const file = new MemoryFile();
    file.text = text;
    const { feed: _, ...made } = rig({ file });
    await expect.poll(() => made.events.length).toBe(3);
    expect(paths()).toEqual(ALL);
  });

  test.each([401, 403])('end with HTTP %i, naming the key and its expiry', async (status) => {
    server.script.push({ status, body: `{"message":"no entitlement for ${KEY}"}` });
    const made = rig();
    await expect.poll(() => made.state.condition).toBe('bad-credentials');
    expect(made.state.words).toMatch(
      /HTTP \d+\); the key (expired on|is valid until) 2025-12-31\. Set INSIGHTSENTRY_API_KEY/,
    );
    expect(paths()).toEqual([ALL[0]]);
    expect(made.everything).not.toContain(KEY);
  });

  test('with a key that the vendor does not know never show it', async () => {
    const made = rig({ key: 'secret-of-mine' });
    await expect.poll(() => made.state.condition).toBe('bad-credentials');
    expect(made.everything).not.toContain('secret-of-mine');
  });

  test('wait as long as 429 asks, then go on', async () => {
    server.script.push({ status: 429, headers: { 'retry-after': '1' } });
    const made = rig();
    await expect.poll(() => made.state.condition, { timeout: 5_000 }).toBe('live');
    expect(paths()).toEqual([ALL[0], ...ALL]);
    expect(server.requests[1]!.atMs - server.requests[0]!.atMs).toBeGreaterThanOrEqual(990);
  });

  test('are tried five times at most, then told, and asked again later', async () => {
    for (const status of [500, 503, 429, 502, 500]) server.script.push({ status, body: '{"error":"overloaded"}' });
    const made = rig();
    await expect.poll(() => made.state.condition, { timeout: 5_000 }).toBe('stale');
    expect(paths()).toEqual(Array.from({ length: 5 }, () => ALL[0]));
    expect(made.state.words).toMatch(
      /^calendar: HTTP 500: overloaded, 5 times in a row; no calendar yet\. It is asked again at \d\d:\d\d UTC\.$/,
    );
  });

  test('stop for the month when its quota is used up', async () => {
    server.script.push({ status: 429, headers: { 'retry-after': '1' }, body: '{"error":"quota_exceeded"}' });
    const made = rig();
    await expect.poll(() => made.state.condition).toBe('quota');
    const next = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + 1, 1)).toISOString();
    expect(made.state.words).toContain(`used up; no calendar yet. It is asked again from ${next.slice(0, 10)}`);
    expect(paths()).toEqual([ALL[0]]);
  });

  test('take garbage and refusals for what they are', async () => {
    server.script.push({ status: 200, body: '<html>' });
    const garbage = rig();
    await expect.poll(() => garbage.state.condition).toBe('stale');
    expect(garbage.state.words).toMatch(/^calendar: the answer is not as documented/);
    server.script.push({ status: 404, body: '{"message":"no such path"}' });
    const refused = rig();
    await expect.poll(() => refused.state.condition).toBe('refused');
    expect(refused.state.words).toMatch(/^calendar: refused with HTTP 404: no such path; no calendar yet/);
  });

  test('do not hang on a server that is silent', async () => {
    for (let n = 0; n < 5; n++) server.script.push({ status: 0, silent: true });
    const made = rig({ timing: { requestTimeoutMs: 50 } });
    await expect.poll(() => made.state.condition, { timeout: 5_000 }).toBe('stale');
    expect(made.state.words).toMatch(/did not answer in time, 5 times in a row/);
  });

  test('keep to the plan of a minute', async () => {
    // A fifth of the plan at once, the rest spread evenly: one every 75 ms.
    const made = rig({ requestsAMinute: 1_000, newsEverySeconds: 0.001 });
    await expect.poll(() => server.requests.length, { timeout: 10_000 }).toBeGreaterThan(230);
    const times = server.requests.map(({ atMs }) => atMs);
    const seconds = (times.at(-1)! - times[0]!) / 1000;
    expect(times.length).toBeLessThanOrEqual(200 + (800 / 60) * seconds + 2);
    expect(made.state.condition).toBe('live');
  });

  test('tell a calendar anew only when it changed, and date what changed alone', async () => {
    const made = rig({ calendarEveryMinutes: 0.0005 });
    await expect.poll(() => paths().length).toBeGreaterThan(20);
    expect(made.events.map(({ title }) => title)).toEqual(['Non Farm Payrolls', 'PMI', 'CPI']);
    server.weeks[0][0]!.actual = 61;
    await expect.poll(() => made.events.length).toBe(5);
    const [before, pmi, , released, pmiAgain] = made.events;
    expect(released).toEqual({ ...before, actual: '61', revisedUs: released!.revisedUs });
    expect(released!.revisedUs).toBeGreaterThan(before!.revisedUs);
    expect(pmiAgain).toEqual(pmi);
  });

  test('skip what cannot be read of a calendar, and say so', async () => {
    server.weeks[0].push(vendorEvent(30, 'Odd', { importance: 'severe' }));
    const made = rig();
    await expect.poll(() => made.state.condition).toBe('live');
    expect(made.events.map(({ title }) => title)).toEqual(['Non Farm Payrolls', 'PMI', 'CPI']);
    expect(made.state.words).toContain('1 events could not be read');
    expect(made.spans[0]).toBeUndefined();
  });
});

describe('a check of the connection', () => {
  const check = (key: string, url = server.url, limitMs = 2_000) =>
    checkInsightSentry(
      {
        gateway: 'direct',
        url,
        key,
        requestsAMinute: 6_000,
        clock: new LiveClock(),
        random: new Random(1),
        baseMs: 10,
      },
      limitMs,
    );

  test('is one request', async () => {
    const { ok, words } = await check(KEY);
    expect(words).toMatch(/^the key is taken; 2 news sources, answered after \d+ ms$/);
    expect(ok).toBe(true);
    expect(paths()).toEqual(['/v3/newsfeed/list']);
    expect(server.connections).toBe(0);
  });

  test('says what is wrong, and never the key', async () => {
    const wrong = await check('secret-of-mine');
    expect(wrong).toMatchObject({
      ok: false,
      words: expect.stringContaining('Set INSIGHTSENTRY_API_KEY to a valid key'),
    });
    expect(wrong.words).not.toContain('secret-of-mine');
    server.script.push({ status: 0, silent: true });
    expect(await check(KEY, server.url, 100)).toEqual({ ok: false, words: 'no answer to work with after 0.1 s' });
    const { url } = server;
    await server.close();
    expect(await check(KEY, url)).toEqual({
      ok: false,
      words: `news sources: ${new URL(url).host} cannot be reached (ECONNREFUSED), 5 times in a row`,
    });
  });
});
