import { afterEach, describe, expect, test } from 'vitest';
import { decompressZstd } from '../../../main/codec/dbn/zstd.ts';
import { haveFixtures, readFixture } from '../../fixtures.ts';
import { DatabentoGateway, type GatewayScript } from '../../venues/databento-gateway.ts';
import { Desk, eventually, KEY, Listener } from './live-terminal.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function gatewayOf(script: Partial<GatewayScript> = {}): Promise<DatabentoGateway> {
  const gateway = await DatabentoGateway.listen({ key: KEY, ...script });
  open.push(gateway);
  return gateway;
}

function listen(gateway: DatabentoGateway, options: ConstructorParameters<typeof Listener>[1] = {}): Listener {
  const listener = new Listener(gateway.url, options);
  open.unshift({ close: () => listener.feed.stop() });
  listener.feed.start();
  return listener;
}

async function plain(path: string): Promise<Uint8Array> {
  const source = (async function* () {
    yield readFixture(path);
  })();
  const parts: Uint8Array[] = [];
  for await (const part of decompressZstd(source)) parts.push(part);
  return Buffer.concat(parts);
}

describe.skipIf(!haveFixtures)('recorded streams through a socket', () => {
  test.each([
    ['databento-python/LIVE/test_data.live.dbn.zst', 46],
    ['dbn-repo/test_data.mbp-10.v1.dbn.zst', 2],
    ['dbn-repo/test_data.mbp-10.v2.dbn.zst', 2],
    ['dbn-repo/test_data.mbp-10.v3.dbn.zst', 2],
    ['dbn-repo/test_data.definition.v1.dbn.zst', 2],
  ])('%s comes out as it went in, cut at records', async (path) => {
    const stream = await plain(`databento/${path}`);
    const listener = listen(await gatewayOf({ stream }));
    await eventually(() => listener.stream().length).toBe(stream.length);
    expect(Buffer.compare(listener.stream(), stream)).toBe(0);
    expect(listener.frames[0]!.kind).toBe('opened');
    expect(Buffer.from(listener.frames[1]!.bytes.subarray(0, 3)).toString()).toBe('DBN');
  });
});

test.skipIf(!haveFixtures)(
  'the recorded session of the live gateway reaches engine and tally record by record',
  async () => {
    const stream = await plain('databento/databento-python/LIVE/test_data.live.dbn.zst');
    const desk = new Desk();
    const listener = listen(await gatewayOf({ stream }), {
      outlet: { frame: (frame) => desk.take(frame), state: () => undefined },
    });
    await eventually(() => desk.engine.inputSequence).toBe(46);
    expect(desk.mapper.tally.recordCounts).toEqual({
      'symbol-mapping': 20,
      'ohlcv-1s': 2,
      'ohlcv-1m': 2,
      statistics: 9,
      definition: 2,
      mbo: 5,
      'mbp-1': 2,
      trades: 2,
      'mbp-10': 2,
    });
    expect(desk.faults).toEqual([]);
    expect(listener.feed.contracts.map(({ asked }) => asked)).toContain('ESZ4');
  },
);

test('the login names dataset, heartbeat and client, and every schema is asked for', async () => {
  const gateway = await gatewayOf({ resolve: () => [{ rawSymbol: '6EZ6', instrumentId: 5 }] });
  const listener = listen(gateway, { schemas: ['mbp-10', 'definition'], symbols: ['6E.v.0', '6B.FUT', '6JZ6'] });
  await eventually(() => listener.feed.contracts.length).toBe(3);
  const { login, subscriptions } = gateway.session;
  expect(Object.fromEntries(login)).toMatchObject({
    dataset: 'GLBX.MDP3',
    encoding: 'dbn',
    compression: 'none',
    heartbeat_interval_s: '10',
    client: 'fathom',
  });
  expect(subscriptions.map((line) => `${line.schema} ${line.stypeIn} ${line.symbols} ${line.startNs}`)).toEqual([
    'mbp-10 continuous 6E.v.0 undefined',
    'mbp-10 parent 6B.FUT undefined',
    'mbp-10 raw_symbol 6JZ6 undefined',
    'definition continuous 6E.v.0 0',
    'definition parent 6B.FUT 0',
    'definition raw_symbol 6JZ6 0',
  ]);
});
