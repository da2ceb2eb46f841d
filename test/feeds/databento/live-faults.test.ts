import { afterEach, describe, expect, test } from 'vitest';
import { SessionCalendar } from '../../../main/core/calendar/session-calendar.ts';
import { LiveClock } from '../../../main/core/clock/live-clock.ts';
import type { FeedFrame } from '../../../main/core/feed-port.ts';
import type { LiveDatabentoFeed } from '../../../main/feeds/databento/live-feed.ts';
import { liveSchemas } from '../../../main/feeds/databento/live-schemas.ts';
import { DatabentoGateway, type GatewayScript, record } from '../../venues/databento-gateway.ts';
import { DatabentoMarket } from '../../venues/databento-market.ts';
import { Desk, eventually, KEY, Listener, serverAccount } from './live-terminal.ts';

/** A Wednesday afternoon: CME is open. */
const OPEN_US = Date.UTC(2026, 10, 18, 14) * 1000;
const SATURDAY_US = Date.UTC(2026, 10, 21, 12) * 1000;
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function gatewayOf(script: Partial<GatewayScript> = {}): Promise<DatabentoGateway> {
  const resolve = () => [{ rawSymbol: '6EZ6', instrumentId: 42 }];
  const gateway = await DatabentoGateway.listen({ key: KEY, resolve, ...script });
  open.push(gateway);
  return gateway;
}

function listen(url: string, options: ConstructorParameters<typeof Listener>[1] = {}): Listener {
  const listener = new Listener(url, options);
  open.unshift({ close: () => listener.feed.stop() });
  listener.feed.start();
  return listener;
}

/** A clock that goes on from an instant, and can be set. */
function clockAt(us: number): { nowUs(): number; ahead(us: number): void } {
  const wall = new LiveClock();
  let offsetUs = us - wall.nowUs();
  return {
    nowUs: () => wall.nowUs() + offsetUs,
    ahead: (by) => {
      offsetUs += by;
    },
  };
}

describe('a key that is no good', () => {
  const MUTTERING = `key ${KEY} auth=be87ce3d564b64481d4ad1902e2b41b26e3eef62b9de37d87eb4a1d4a5199b6f-FFFFF is unknown`;

  function expectNoKey(listener: Listener): void {
    const told = JSON.stringify(listener.states) + JSON.stringify(listener.frames.map(({ name }) => name));
    expect(told).not.toContain(KEY);
    expect(told).not.toContain('FFFFF');
    for (const { bytes } of listener.frames) expect(Buffer.from(bytes).includes(KEY)).toBe(false);
  }

  test('none at all: nothing is connected, and the words name the variable', async () => {
    const gateway = await gatewayOf();
    const listener = listen(gateway.url, { key: undefined });
    expect(listener.state).toMatchObject({ condition: 'bad-credentials' });
    expect(listener.state?.words).toContain('DATABENTO_API_KEY');
    expect(gateway.sessions).toHaveLength(0);
  });

  test('refused at login: it stops and names the variable, whatever the gateway mutters', async () => {
    const gateway = await gatewayOf({ refuse: MUTTERING });
    const listener = listen(gateway.url);
    await eventually(() => listener.state?.condition).toBe('bad-credentials');
    expect(listener.state?.words).toContain('DATABENTO_API_KEY');
    expectNoKey(listener);
    expect(gateway.sessions).toHaveLength(1);
  });

  test.each([1, 2])(
    'error %i in the stream: it stops; the frames that a capture keeps are without the key',
    async (code) => {
      const gateway = await gatewayOf({ error: { code, text: MUTTERING } });
      const listener = listen(gateway.url);
      await eventually(() => listener.state?.condition).toBe('bad-credentials');
      expect(listener.frames.map(({ kind }) => kind)).toEqual(['opened', 'message', 'message', 'lost']);
      expectNoKey(listener);
    },
  );

  test('a wrong key fails the challenge', async () => {
    const gateway = await gatewayOf();
    const listener = listen(gateway.url, { key: 'db-another' });
    await eventually(() => listener.state?.condition).toBe('bad-credentials');
    expect(listener.state?.words).toContain('User authentication failed');
  });
});

describe('what ends for good and what does not', () => {
  test('a subscription or dataset that is refused says which setting', async () => {
    const listener = listen((await gatewayOf({ error: { code: 5, text: 'Invalid schema' } })).url);
    await eventually(() => listener.state?.condition).toBe('refused');
    expect(listener.state?.words).toContain('feeds.databento');
    const other = listen((await gatewayOf({ dataset: 'XNAS.ITCH' })).url);
    await eventually(() => other.state?.condition).toBe('refused');
  });

  test('too many sessions: it waits at least as long as is set', async () => {
    const gateway = await gatewayOf({ error: { code: 3, text: 'User has reached their open connection limit' } });
    const listener = listen(gateway.url, { limitMs: 300 });
    await eventually(() => gateway.sessions.length).toBe(2);
    expect(gateway.connectedMs[1]! - gateway.connectedMs[0]!).toBeGreaterThanOrEqual(299);
    expect(listener.state?.condition).toBe('connecting');
  });

  test('nobody there, a server that says nothing, and one that is no gateway: connecting, with words', async () => {
    const nobody = await gatewayOf();
    const { url } = nobody;
    await nobody.close();
    open.pop();
    const alone = listen(url);
    await eventually(() => alone.state?.words).toContain('could not be reached (ECONNREFUSED)');
    const mute = listen((await gatewayOf({ greeting: '' })).url, { loginMs: 50 });
    await eventually(() => mute.state?.words).toContain('did not answer the login within 0.05 s');
    const web = listen((await gatewayOf({ greeting: 'HTTP/1.1 400 Bad Request\r\n\r\n' })).url);
    await eventually(() => web.state?.words).toContain('"HTTP/1.1 400 Bad Request"');
    const noise = listen((await gatewayOf({ greeting: 'x'.repeat(200_000) })).url);
    await eventually(() => noise.state?.words).toContain('no line of a login');
    for (const { state } of [alone, mute, web, noise]) expect(state?.condition).toBe('connecting');
  });

  test('after it was stopped nothing comes any more', async () => {
    const gateway = await gatewayOf();
    const listener = listen(gateway.url);
    await eventually(() => listener.frames.length).toBeGreaterThan(1);
    await listener.feed.stop();
    const frames = listener.frames.length;
    gateway.publish(new DatabentoMarket('6EZ6', 42, 50_000, 23_000, OPEN_US).next(10));
    await eventually(() => gateway.session.closed).toBe(true);
    expect(listener.frames).toHaveLength(frames);
    expect(listener.state).toEqual({ condition: 'stopped', words: 'stopped' });
  });

  test('settings that can’t be are refused with words before anything starts', () => {
    const make = (options: Partial<ConstructorParameters<typeof LiveDatabentoFeed>[0]>) => () =>
      new Listener('tcp://127.0.0.1:1', options);
    expect(make({ symbols: [] })).toThrow('at least one symbol');
    expect(make({ schemas: ['depth'] })).toThrow('no live schema "depth"');
    expect(make({ url: 'glbx' })).toThrow('tcp://host:port');
    expect(() => liveSchemas(['mbp-1', 'tbbo'])).toThrow('share a record type');
  });
});

describe('the market is closed', () => {
  test('on a Saturday that is no fault, and says until when', async () => {
    const listener = listen((await gatewayOf()).url, {
      clock: clockAt(SATURDAY_US),
      calendar: new SessionCalendar('cme-globex-fx'),
      staleMs: 20,
    });
    await eventually(() => listener.frames.length).toBeGreaterThan(1);
    await expect
      .poll(() => listener.state)
      .toEqual({
        condition: 'closed',
        words: 'market closed until Sun 23:00 UTC',
      });
    const away = listen('tcp://127.0.0.1:9', {
      clock: clockAt(SATURDAY_US),
      calendar: new SessionCalendar('cme-globex-fx'),
    });
    await eventually(() => away.state?.words).toContain('could not be reached');
    expect(away.state).toMatchObject({ condition: 'connecting' });
    expect(away.state?.words).toContain('market closed until Sun 23:00 UTC; the gateway');
  });

  test('with the market open silence is stale, though heartbeats come', async () => {
    const gateway = await gatewayOf({ heartbeatMs: 10 });
    const listener = listen(gateway.url, {
      clock: clockAt(OPEN_US),
      calendar: new SessionCalendar('cme-globex-fx'),
      staleMs: 60,
    });
    await eventually(() => listener.state?.condition).toBe('stale');
    expect(listener.state?.words).toContain('no market data came since 14:00 UTC');
    gateway.publish(new DatabentoMarket('6EZ6', 42, 50_000, 23_000, OPEN_US).next(10));
    await eventually(() => listener.states.map(({ condition }) => condition)).toContain('live');
  });

  test('the venue’s own word wins over the calendar', async () => {
    const gateway = await gatewayOf();
    const clock = clockAt(OPEN_US);
    const listener = listen(gateway.url, {
      clock,
      calendar: new SessionCalendar('cme-globex-fx'),
      schemas: ['mbp-10', 'status'],
    });
    const market = new DatabentoMarket('6EZ6', 42, 50_000, 23_000, OPEN_US);
    await eventually(() => listener.feed.contracts.length).toBe(1);
    gateway.publish(market.next(20));
    await eventually(() => listener.state?.condition).toBe('live');
    const status = (action: number) => ({
      schema: 'status',
      instrumentId: 42,
      tsEventNs: BigInt(clock.nowUs()) * 1000n,
      bytes: record((out) => {
        out.instrument(1, 42);
        out.time(clock.nowUs(), 0, clock.nowUs(), 0);
        out.status({ action });
      }),
    });
    gateway.publish([status(8)]);
    clock.ahead(6_000_000);
    await expect
      .poll(() => listener.state)
      .toEqual({
        condition: 'closed',
        words: 'trading is halted by the venue',
      });
    gateway.publish([status(7)]);
    gateway.publish(market.next(20));
    await eventually(() => listener.state?.condition).toBe('live');
  });
});

test('a flood is taken at the speed of the reader, in memory that does not grow', async () => {
  const gateway = await gatewayOf({ heartbeatMs: 60_000 });
  const desk = new Desk();
  const market = new DatabentoMarket('6EZ6', 42, 50_000, 23_000, OPEN_US);
  let peak = 0;
  const listener = listen(gateway.url, {
    outlet: {
      frame: (frame: FeedFrame) => {
        desk.take(frame);
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        peak = Math.max(peak, heapUsed + arrayBuffers);
      },
      state: () => undefined,
    },
  });
  await eventually(() => listener.feed.contracts.length).toBe(1);
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const parts = function* () {
    for (let part = 0; part < 400; part++) yield Buffer.concat(market.next(500).map(({ bytes }) => bytes));
  };
  await gateway.session.flood(parts());
  await eventually(() => desk.account('6EZ6')).toEqual(serverAccount(market));
  expect(desk.mapper.tally.recordCounts['mbp-10']).toBe(200_000);
  expect((peak - heapUsed - arrayBuffers) / 1e6).toBeLessThan(150);
});
