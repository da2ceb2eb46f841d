import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InsightSentryServer } from '../../venues/insightsentry-server.ts';
import { FeedRig, KEY, MemoryFile, vendorEvent } from './feed-rig.ts';

const EUR = 'FX:EURUSD';
const ES = 'CME_MINI:ES1!';

let server: InsightSentryServer;
const rigs: FeedRig[] = [];

beforeEach(async () => {
  server = await InsightSentryServer.open(KEY);
  server.weeks[0].push(vendorEvent(60, 'PMI'));
  server.quotes.set(EUR, {
    code: EUR,
    last_price: 1.1702,
    change_percent: 0.4,
    lp_time: 1_757_061_265,
    delay_seconds: 0,
  });
  server.quotes.set(ES, {
    code: ES,
    last_price: 6501.25,
    change_percent: -0.2,
    lp_time: 1_757_060_365,
    delay_seconds: 900,
  });
});

afterEach(async () => {
  for (const made of rigs.splice(0)) await made.feed.stop();
  await server.close();
});

function rig(options: ConstructorParameters<typeof FeedRig>[1] = {}): FeedRig {
  const made = new FeedRig(server, { quotes: [EUR, ES], ...options });
  rigs.push(made);
  return made;
}

const last = ({ quotes }: FeedRig, code = EUR) => quotes.get(code)?.last;
const STREAMED = / · news are streamed · quotes are streamed$/;
const asked = () => server.requests.filter(({ path }) => path.startsWith('/v3/symbols/quotes')).length;
const liveGreetings = () => server.greetings.filter((greeting) => 'subscriptions' in (greeting as object));
const counted = ({ file }: FeedRig) =>
  (JSON.parse(file.text ?? '{}') as { connections?: { count: number } }).connections?.count;

describe("InsightSentry's quote stream", () => {
  test('brings quotes with their delay, and what changes of them', async () => {
    const made = rig();
    await expect.poll(() => made.state.words).toMatch(STREAMED);
    await expect.poll(() => last(made)).toBe(1.1702);
    expect(made.quotes.get(ES)).toEqual({
      id: ES,
      last: 6501.25,
      decimals: 2,
      changePercent: -0.2,
      atUs: 1_757_060_365_000_000,
      delaySeconds: 900,
    });
    server.quote({ code: EUR, last_price: 1.1705, lp_time: 1_757_061_270 });
    await expect.poll(() => last(made)).toBe(1.1705);
    expect(made.quotes.get(EUR)).toMatchObject({ changePercent: 0.4, atUs: 1_757_061_270_000_000, delaySeconds: 0 });
    expect(liveGreetings()).toEqual([
      {
        api_key: KEY,
        subscriptions: [
          { code: EUR, type: 'quote' },
          { code: ES, type: 'quote' },
        ],
        slow_consumer_policy: 'adaptive',
      },
    ]);
    await expect.poll(() => server.heard).toContain('ping');
    expect(server.seatsAt('/live')).toHaveLength(1);
    expect(counted(made)).toBe(2);
    expect(made.feed.heardUs).toBeGreaterThan(0);
    expect(made.everything).not.toContain(KEY);
  });

  test('is not begun, and nothing is asked for, where no quotes are wanted', async () => {
    const made = rig({ quotes: [] });
    await expect.poll(() => made.state.words).toMatch(/ · news are streamed$/);
    expect(server.connections).toBe(1);
    expect(asked()).toBe(0);
    expect(made.quotes.size).toBe(0);
  });

  test('gives way to requests where the plan allows one connection at once', async () => {
    const made = rig({ connectionsAtOnce: 1, newsEverySeconds: 0.03 });
    await expect
      .poll(() => made.state.words)
      .toMatch(/ · news are streamed · quotes asked for every 0\.06 s, since the plan allows no connection for them$/);
    await expect.poll(() => last(made)).toBe(1.1702);
    server.quote({ code: EUR, last_price: 1.18, lp_time: 1_757_061_290 });
    await expect.poll(() => last(made)).toBe(1.18);
    expect(server.seatsAt('/live')).toHaveLength(0);
  });

  test('shares the connections of the day with news, across restarts', async () => {
    const file = new MemoryFile();
    const first = rig({ file, connectionsADay: 3 });
    await expect.poll(() => first.state.words).toMatch(STREAMED);
    await first.feed.stop();
    const second = rig({ file, connectionsADay: 3, newsEverySeconds: 0.03 });
    await expect
      .poll(() => second.state.words)
      .toMatch(/news are streamed · quotes asked for every 0\.06 s, since all 3 WebSocket connections of this day/);
    expect(server.connections).toBe(3);
    expect(counted(second)).toBe(3);
    await expect.poll(() => last(second)).toBe(1.1702);
  });

  test('that breaks is made anew, with the whole list; meanwhile quotes are asked for', async () => {
    const made = rig({ newsEverySeconds: 0.02 });
    await expect.poll(() => made.state.words).toMatch(STREAMED);
    const before = asked();
    server.refusals.push({ status: 503 }, { status: 503 }, { status: 503 });
    for (const { raw } of server.seatsAt('/live')) raw.destroy();
    await expect.poll(asked).toBeGreaterThan(before);
    await expect.poll(() => made.state.words).toMatch(STREAMED);
    expect(liveGreetings()).toHaveLength(2);
    expect(liveGreetings()[1]).toEqual(liveGreetings()[0]);
    server.quote({ code: EUR, last_price: 1.19, lp_time: 1_757_061_300 });
    await expect.poll(() => last(made)).toBe(1.19);
  });

  test('that falls silent is taken for dead and renewed', async () => {
    const made = rig({ timing: { silenceMs: 200 } });
    await expect.poll(() => made.state.words).toMatch(STREAMED);
    for (const seat of server.seatsAt('/live')) {
      seat.mute = true;
      seat.raw.pause();
    }
    await expect.poll(() => liveGreetings().length, { timeout: 5_000 }).toBe(2);
    expect(made.states.some(({ words }) => words.includes('the quotes stream is down: nothing came for 0.2 s'))).toBe(
      true,
    );
    await expect.poll(() => made.state.words).toMatch(STREAMED);
  });

  test('goes on without a code that the vendor does not know, and names it', async () => {
    const made = rig({ quotes: [EUR, 'FX:NOSUCH'] });
    await expect
      .poll(() => made.state.words)
      .toMatch(/quotes are streamed, but invalid_symbol: no such symbol: FX:NOSUCH$/);
    server.quote({ code: EUR, last_price: 1.2, lp_time: 1_757_061_300 });
    await expect.poll(() => last(made)).toBe(1.2);
    expect(made.state.condition).toBe('live');
    expect(last(made, 'FX:NOSUCH')).toBe(null);
  });

  test('is taken to bring quotes only once it does: until then they are asked for', async () => {
    server.liveGreeting = (seat) => server.desk.send(seat, JSON.stringify({ event: 'connection_status' }));
    const made = rig({ newsEverySeconds: 0.02 });
    await expect.poll(() => server.seatsAt('/live').length).toBe(1);
    const before = asked();
    await expect.poll(asked).toBeGreaterThan(before + 2);
    server.say('{"event":"subscription_status","status":"active","subscription_count":2}', '/live');
    await expect.poll(() => made.state.words).toMatch(STREAMED);
  });

  test('ignores what is no quote', async () => {
    const made = rig();
    await expect.poll(() => last(made)).toBe(1.1702);
    const other = '{"data":[{"code":"FX:GBPUSD","last_price":1.3}]}';
    const series = '{"code":"FX:EURUSD","bar_end":1.0,"series":[{"time":1,"close":9}]}';
    for (const text of ['garbage {', '{"server_time":1}', '[]', 'null', '{"data":[7]}', other, series]) {
      server.say(text, '/live');
    }
    server.quote({ code: EUR, last_price: 1.21, lp_time: 1_757_061_300 });
    await expect.poll(() => last(made)).toBe(1.21);
    expect([...made.quotes.keys()]).toEqual([EUR, ES]);
    expect(made.state.words).toMatch(STREAMED);
  });

  test.each([
    ['waits', { error: 'processing_throttled', action: 'wait_and_retry' }, 1, 1],
    ['sends the whole list again', { error: 'temporarily_unavailable', retryable: true, delay_seconds: 0 }, 1, 2],
    ['connects again', { error: 'moved', action: 'reconnect', retry_after_seconds: 0 }, 2, 2],
  ])('%s when the vendor asks for it', async (_, told, connections, greetings) => {
    let faults = 1;
    let lives = 0;
    server.liveGreeting = (seat) => {
      lives++;
      server.desk.send(seat, JSON.stringify(faults-- > 0 ? told : { event: 'subscription_status', status: 'active' }));
    };
    const made = rig();
    await expect.poll(() => [server.connections - 1, lives]).toEqual([connections, greetings]);
    expect(liveGreetings().every((greeting) => JSON.stringify(greeting) === JSON.stringify(liveGreetings()[0]))).toBe(
      true,
    );
    server.quote({ code: EUR, last_price: 1.22, lp_time: 1_757_061_300 });
    await expect.poll(() => last(made)).toBe(1.22);
    await expect.poll(() => made.state.words).toMatch(STREAMED);
  });

  test('that does not take the key says so without showing it; news go on', async () => {
    server.liveGreeting = (seat) => {
      server.desk.send(seat, JSON.stringify({ error: 'invalid_api_key', message: `no such key: ${KEY}` }));
      seat.socket.close(1008);
    };
    const made = rig();
    await expect
      .poll(() => made.state.words)
      .toContain(
        'news are streamed · quotes asked for every 60 s, since the quotes stream was refused (invalid_api_key: no such key: key)',
      );
    expect(server.connections).toBe(2);
    await expect.poll(() => last(made)).toBe(1.1702);
    expect(made.everything).not.toContain(KEY);
  });

  test('refused as a request stops neither calendar nor news', async () => {
    const made = rig({ connectionsAtOnce: 1, newsEverySeconds: 0.03 });
    await expect.poll(() => last(made)).toBe(1.1702);
    server.script.push({ status: 400, body: '{"message":"no such symbol"}' });
    await expect.poll(() => made.state.words).toContain('quotes: refused with HTTP 400: no such symbol');
    expect(made.state.condition).toBe('live');
    server.push({ title: 'Still here', published_at: 1_762_106_900 });
    await expect.poll(() => made.news.map(({ title }) => title)).toContain('Still here');
  });

  test('asks for ten codes at a time', async () => {
    const codes = Array.from({ length: 23 }, (_, i) => `FX:PAIR${i}`);
    for (const code of codes) server.quotes.set(code, { code, last_price: 1 });
    const made = rig({ quotes: codes, connectionsAtOnce: 1 });
    await expect.poll(() => [...made.quotes.values()].filter(({ last }) => last === 1).length).toBe(23);
    const sizes = server.requests
      .filter(({ path }) => path.startsWith('/v3/symbols/quotes'))
      .map(({ path }) => new URL(path, server.url).searchParams.get('codes')!.split(',').length);
    expect(sizes).toEqual([10, 10, 3]);
  });

  test("uses RapidAPI's key for streams, asked for once for both", async () => {
    const made = rig({ gateway: 'rapidapi' });
    await expect.poll(() => made.state.words).toMatch(STREAMED);
    expect(server.requests.filter(({ path }) => path === '/v2/websocket-key')).toHaveLength(1);
    expect(made.everything).not.toContain('stream-1');
  });
});
