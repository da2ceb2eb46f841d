import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InsightSentryServer } from '../../venues/insightsentry-server.ts';
import { FeedRig, KEY, MemoryFile, vendorEvent } from './feed-rig.ts';

let server: InsightSentryServer;
const rigs: FeedRig[] = [];

beforeEach(async () => {
  server = await InsightSentryServer.open(KEY);
  server.weeks[0].push(vendorEvent(60, 'PMI'));
  server.news.push({ title: 'Old', link: 'https://a.example/1', published_at: 1_762_106_652, source: 'Reuters' });
});

afterEach(async () => {
  for (const made of rigs.splice(0)) await made.feed.stop();
  await server.close();
});

function rig(options: ConstructorParameters<typeof FeedRig>[1] = {}): FeedRig {
  const made = new FeedRig(server, options);
  rigs.push(made);
  return made;
}

const titles = ({ news }: FeedRig) => news.map(({ title }) => title);
const STREAMED = /^calendar of \d\d:\d\d UTC · news are streamed$/;
const newsAsked = () => server.requests.filter(({ path }) => path.startsWith('/v3/newsfeed')).length;

describe("InsightSentry's news stream", () => {
  test('gives each headline once, though requests and each connection repeat them', async () => {
    const made = rig();
    await expect.poll(() => made.state.words).toMatch(STREAMED);
    server.push({
      title: 'New',
      link: 'https://a.example/2',
      published_at: 1_762_106_700,
      related_symbols: ['FX:EURUSD'],
    });
    server.push({ title: 'Without link', published_at: 1_762_106_701, source: 'Wire', sentiment: -0.5 });
    await expect.poll(() => titles(made)).toEqual(['Old', 'New', 'Without link']);
    server.desk.dropAll();
    await expect.poll(() => server.connections).toBe(2);
    server.push({ title: 'After', link: 'https://a.example/3', published_at: 1_762_106_702 });
    await expect.poll(() => titles(made)).toEqual(['Old', 'New', 'Without link', 'After']);
    expect(made.news[2]!.sentiment).toEqual({ value: -0.5, label: 'vendor' });
    expect(made.news[3]!.sentiment).toBeNull();
    expect(server.greetings).toEqual([{ api_key: KEY }, { api_key: KEY }]);
    expect(made.everything).not.toContain(KEY);
  });

  test('is kept up by pings and spares requests for news', async () => {
    const made = rig({ newsEverySeconds: 0.05 });
    await expect.poll(() => made.state.words).toMatch(STREAMED);
    const asked = newsAsked();
    await expect.poll(() => server.heard.length).toBeGreaterThan(4);
    expect(newsAsked()).toBe(asked);
    server.refusals.push({ status: 503 }, { status: 503 }, { status: 503 });
    server.desk.dropAll();
    await expect.poll(newsAsked).toBeGreaterThan(asked);
    await expect.poll(() => made.state.words).toMatch(STREAMED);
  });

  test('ignores what is no headline', async () => {
    const made = rig();
    await expect.poll(() => made.state.words).toMatch(STREAMED);
    for (const text of [
      'garbage {',
      '{"server_time":1}',
      '{"event":"subscription_status"}',
      '[]',
      'null',
      '{"title":"x"}',
    ]) {
      server.say(text);
    }
    server.push({ title: 'Good', published_at: 1_762_106_700 });
    await expect.poll(() => titles(made)).toEqual(['Old', 'Good']);
  });

  test('that falls silent is taken for dead and renewed', async () => {
    const made = rig({ timing: { silenceMs: 200 } });
    await expect.poll(() => made.state.words).toMatch(STREAMED);
    server.desk.fallSilent();
    await expect.poll(() => server.connections, { timeout: 5_000 }).toBe(2);
    await expect.poll(() => made.state.words).toMatch(STREAMED);
    expect(made.states.some(({ words }) => words.includes('the news stream is down: nothing came for 0.2 s'))).toBe(
      true,
    );
  });

  test('ends for the day when its connections are used, across restarts; news are asked for instead', async () => {
    const file = new MemoryFile();
    const first = rig({ file, connectionsADay: 3, newsEverySeconds: 0.05 });
    await expect.poll(() => first.state.words).toMatch(STREAMED);
    server.desk.dropAll();
    await expect.poll(() => server.connections).toBe(2);
    await expect.poll(() => first.state.words).toMatch(STREAMED);
    await first.feed.stop();
    const second = rig({ file, connectionsADay: 3, newsEverySeconds: 0.05 });
    await expect.poll(() => second.state.words).toMatch(STREAMED);
    server.desk.dropAll();
    const used = /news asked for every 0\.05 s, since all 3 WebSocket connections of this day \(UTC\) are used$/;
    await expect.poll(() => second.state.words).toMatch(used);
    const asked = newsAsked();
    server.news.push({ title: 'Asked for', published_at: 1_762_106_800 });
    await expect.poll(() => titles(second)).toContain('Asked for');
    expect(newsAsked()).toBeGreaterThan(asked);
    await second.feed.stop();
    const third = rig({ file, connectionsADay: 3 });
    await expect.poll(() => third.state.words).toMatch(/since all 3 WebSocket connections/);
    expect(server.connections).toBe(3);
    // The next day has its own.
    await third.feed.stop();
    file.text = file.text!.replace(/"day":(\d+)/, (_, day) => `"day":${Number(day) - 1}`);
    const fourth = rig({ file, connectionsADay: 3 });
    await expect.poll(() => fourth.state.words).toMatch(STREAMED);
    expect(server.connections).toBe(4);
  });

  test('is counted before it is begun, and not where nobody answers', async () => {
    const file = new MemoryFile();
    const count = () => (JSON.parse(file.text ?? '{}') as { connections?: { count: number } }).connections?.count;
    // One attempt only: another one under way at the end would be counted, since nobody knows what becomes of it.
    const once = { baseMs: 600_000, mostMs: 600_000 };
    const away = rig({ file, streamUrl: 'ws://127.0.0.1:1', timing: once });
    await expect
      .poll(() => away.state.words)
      .toMatch(/the news stream is down: the connection failed \(ECONNREFUSED\)/);
    await away.feed.stop();
    expect(count()).toBe(0);
    rig({ file });
    await expect.poll(() => server.connections).toBe(1);
    expect(count()).toBe(1);
  });

  test('is not begun right after the last one: a program that fails again and again costs none', async () => {
    const file = new MemoryFile();
    const first = rig({ file });
    await expect.poll(() => first.state.words).toMatch(STREAMED);
    await first.feed.stop();
    const second = rig({ file, timing: { connectionGapMs: 60_000 }, newsEverySeconds: 0.02 });
    const asked = newsAsked();
    await expect.poll(newsAsked).toBeGreaterThan(asked + 3);
    expect(second.state.condition).toBe('live');
    expect(server.connections).toBe(1);
  });

  test.each([401, 403, 404])('refused with HTTP %i is left for the day', async (status) => {
    server.refusals.push({ status });
    const made = rig();
    await expect.poll(() => made.state.words).toContain(`the news stream refused with HTTP ${status}`);
    expect(made.state.condition).toBe('live');
    expect(server.connections).toBe(0);
  });

  test('that does not take the key says so without showing it', async () => {
    server.greeting = (seat) => {
      server.desk.send(seat, JSON.stringify({ error: 'invalid_api_key', message: `no such key: ${KEY}` }));
      seat.socket.close(1008);
    };
    const made = rig();
    await expect
      .poll(() => made.state.words)
      .toContain('the news stream was refused (invalid_api_key: no such key: key)');
    expect(server.connections).toBe(1);
    expect(made.everything).not.toContain(KEY);
  });

  test.each([
    ['waits', { error: 'processing_throttled', action: 'wait_and_retry' }, 1, 1],
    ['sends again', { error: 'temporarily_unavailable', retryable: true, delay_seconds: 0 }, 1, 2],
    ['connects again', { error: 'moved', action: 'reconnect', retry_after_seconds: 0 }, 2, 2],
  ])('%s when the vendor asks for it', async (_, told, connections, greetings) => {
    let faults = 1;
    server.greeting = (seat) => {
      server.desk.send(seat, JSON.stringify({ event: 'connection_status' }));
      if (faults-- > 0) server.desk.send(seat, JSON.stringify(told));
    };
    const made = rig();
    await expect.poll(() => [server.connections, server.greetings.length]).toEqual([connections, greetings]);
    await expect.poll(() => made.state.words).toMatch(STREAMED);
    server.push({ title: 'Still here', published_at: 1_762_106_900 });
    await expect.poll(() => titles(made)).toContain('Still here');
  });

  test("has a key of its own for RapidAPI's customers, asked for once and never kept", async () => {
    const file = new MemoryFile();
    const made = rig({ gateway: 'rapidapi', file });
    await expect.poll(() => made.state.words).toMatch(STREAMED);
    server.desk.dropAll();
    await expect.poll(() => server.greetings.length).toBe(2);
    expect(server.greetings).toEqual([{ api_key: `stream-1-${KEY}` }, { api_key: `stream-1-${KEY}` }]);
    expect(server.requests.filter(({ path }) => path === '/v2/websocket-key')).toHaveLength(1);
    expect(made.everything).not.toContain('stream-1');
  });
});

test('a server that closes every connection at once costs no more than the day allows', async () => {
  server.greeting = (seat) => seat.socket.close(1013);
  const made = rig({ connectionsADay: 8 });
  await expect.poll(() => made.state.words, { timeout: 5_000 }).toMatch(/since all 8 WebSocket connections/);
  expect(server.connections).toBe(8);
  expect(made.state.condition).toBe('live');
});
