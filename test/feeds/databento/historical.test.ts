import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { DbnDecoder } from '../../../main/codec/dbn/decoder.ts';
import { openDbn } from '../../../main/codec/dbn/file.ts';
import { LiveClock } from '../../../main/core/clock/live-clock.ts';
import { Random } from '../../../main/core/clock/random.ts';
import { Backfill, backfillRoute } from '../../../main/feeds/databento/backfill.ts';
import { DatabentoHistory, type HistoricalOptions } from '../../../main/feeds/databento/historical.ts';
import { HistoricalError } from '../../../main/feeds/databento/historical-error.ts';
import { gatewayAddress } from '../../../main/feeds/databento/live-handshake.ts';
import { DatabentoGateway } from '../../venues/databento-gateway.ts';
import { DatabentoHttp, type HistoryScript } from '../../venues/databento-http.ts';
import { DatabentoMarket } from '../../venues/databento-market.ts';
import { KEY } from './live-terminal.ts';

const START_US = Date.UTC(2026, 10, 12, 14) * 1000;
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function historyOf(script: Partial<HistoryScript> = {}, options: Partial<HistoricalOptions> = {}) {
  const server = await DatabentoHttp.listen({ key: KEY, ...script });
  open.push(server);
  const history = new DatabentoHistory({
    clock: new LiveClock(),
    random: new Random(1),
    key: KEY,
    url: server.url,
    baseMs: 1,
    mostMs: 5,
    ...options,
  });
  return { server, history };
}

function selection(schema: string, fromUs: number, toUs: number) {
  const range = { startNs: BigInt(fromUs) * 1000n, endNs: BigInt(toUs) * 1000n };
  return { dataset: 'GLBX.MDP3', schema, stypeIn: 'continuous', symbols: ['6E.v.0'], ...range } as const;
}

const someHour = selection('mbp-10', START_US, START_US + 3_600_000_000);

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return Buffer.concat(parts);
}

/** How a promise fails: the fault and the sentence. */
async function failure(promise: Promise<unknown>): Promise<HistoricalError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof HistoricalError)) throw new Error(`no HistoricalError but ${String(error)}`);
  return error;
}

describe('what is asked and answered', () => {
  test('cost, size and count of a selection, range of a dataset, meaning of symbols', async () => {
    const market = new DatabentoMarket('6EZ6', 42, 50_000, 23_000, START_US);
    const { server, history } = await historyOf({ records: market.next(100), costUsd: 1.25 });
    expect(await history.estimate(someHour)).toEqual({ costUsd: 1.25, bytes: market.updates * 368 });
    expect(await history.recordCount(someHour)).toBe(market.updates);
    expect(Object.fromEntries(server.requests[0]!.fields)).toEqual({
      dataset: 'GLBX.MDP3',
      schema: 'mbp-10',
      stype_in: 'continuous',
      symbols: '6E.v.0',
      start: `${START_US}000`,
      end: `${START_US + 3_600_000_000}000`,
    });
    const range = await history.datasetRange('GLBX.MDP3');
    expect(range).toEqual({ startNs: 1_275_782_400_000_000_000n, endNs: 1_893_456_000_000_000_000n });
    const dates = { startDate: '2026-11-12', endDate: '2026-11-13' };
    const resolution = await history.resolve({
      dataset: 'GLBX.MDP3',
      symbols: ['6E.v.0'],
      stypeIn: 'continuous',
      stypeOut: 'instrument_id',
      ...dates,
    });
    expect(resolution.intervals.get('6E.v.0')).toEqual([
      { fromDate: '2026-11-12', toDate: '2026-11-13', symbol: '42' },
    ]);
  });

  test('a range of several zstd frames comes out whole, streamed and as a file', async () => {
    const records = new DatabentoMarket('6EZ6', 42, 50_000, 23_000, START_US).next(500);
    const depth = Buffer.concat(records.filter(({ schema }) => schema === 'mbp-10').map(({ bytes }) => bytes));
    const { history } = await historyOf({ records });
    const stream = await joined(history.range(someHour));
    expect(Buffer.compare(stream.subarray(-depth.length), depth)).toBe(0);
    const folder = await mkdtemp(join(tmpdir(), 'history-'));
    open.push({ close: () => rm(folder, { recursive: true }) });
    await history.save(someHour, join(folder, 'hour.dbn.zst'));
    let count = 0;
    for await (const decoder of openDbn(join(folder, 'hour.dbn.zst'))) while (decoder.next()) count++;
    expect(count).toBe(depth.length / 368);
  });

  test('more than the settled size is refused with its cost, until it is confirmed', async () => {
    const { server, history } = await historyOf({ bytes: 75_000_000, costUsd: 3.5 });
    const error = await failure(joined(history.range(someHour)));
    expect(error.fault).toBe('unconfirmed');
    expect(error.message).toBe('This is 75 MB for USD 3.50, more than 50 MB: confirm it to have it fetched.');
    expect(server.requests.map(({ method }) => method)).not.toContain('timeseries.get_range');
    expect((await joined(history.range(someHour, true))).length).toBeGreaterThan(0);
  });
});

describe('what goes wrong', () => {
  test('no key, and a key that is refused: the sentence names the variable and never the key', async () => {
    const { history: without } = await historyOf({}, { key: ' ' });
    expect((await failure(without.cost(someHour))).message).toContain('DATABENTO_API_KEY');
    const key = 'db-wrongwrongwrongwrongwrongwron';
    const { server, history } = await historyOf({}, { key });
    const error = await failure(history.cost(someHour));
    expect(error).toMatchObject({ fault: 'bad-credentials', status: 401 });
    expect(error.message).toContain('DATABENTO_API_KEY');
    expect(error.message).not.toContain(key);
    expect(error.message).not.toContain(Buffer.from(`${key}:`).toString('base64'));
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    [402, 'not-entitled', 'plan and credit'],
    [403, 'not-entitled', 'plan and credit'],
    [422, 'bad-request', 'check dataset, schema, symbols and times'],
  ])('HTTP %i is %s, and is not asked again', async (status, fault, words) => {
    const body = JSON.stringify({ detail: { case: 'x', message: 'because of this' } });
    const { server, history } = await historyOf({ canned: [{ status, body }] });
    const error = await failure(history.cost(someHour));
    expect(error).toMatchObject({ fault, status });
    expect(error.message).toContain('because of this');
    expect(error.message).toContain(words);
    expect(server.requests).toHaveLength(1);
  });

  test('429 waits as long as it is told, 500 and 503 back off, and then the answer counts', async () => {
    const canned = [{ status: 429, headers: { 'retry-after': '0.3' } }, { status: 500 }, { status: 503 }];
    const { server, history } = await historyOf({ canned, costUsd: 2 });
    const begunMs = performance.now();
    expect(await history.cost(someHour)).toBe(2);
    expect(performance.now() - begunMs).toBeGreaterThanOrEqual(299);
    expect(server.requests).toHaveLength(4);
  });

  test('a limit for an hour is told at once; a vendor that goes on failing is given up', async () => {
    const hour = await historyOf({ canned: [{ status: 429, headers: { 'retry-after': '3600' } }] });
    expect((await failure(hour.history.cost(someHour))).fault).toBe('rate');
    const canned = Array.from({ length: 9 }, () => ({ status: 500, body: '{"detail":"down"}' }));
    const failing = await historyOf({ canned }, { attempts: 3 });
    expect((await failure(failing.history.cost(someHour))).fault).toBe('vendor');
    expect(failing.server.requests).toHaveLength(3);
  });

  test('a body that breaks off is told, and leaves no file', async () => {
    const records = new DatabentoMarket('6EZ6', 42, 50_000, 23_000, START_US).next(500);
    const { history } = await historyOf({ records, breakAfter: 5_000 });
    expect((await failure(joined(history.range(someHour)))).fault).toBe('broken-off');
    const folder = await mkdtemp(join(tmpdir(), 'history-'));
    open.push({ close: () => rm(folder, { recursive: true }) });
    expect((await failure(history.save(someHour, join(folder, 'x.dbn.zst')))).fault).toBe('broken-off');
    expect(await readdir(folder)).toEqual([]);
  });

  test('nobody there, and an answer that is none', async () => {
    const { server, history } = await historyOf({}, { attempts: 2 });
    await server.close();
    open.pop();
    const error = await failure(history.cost(someHour));
    expect(error.fault).toBe('unreachable');
    expect(error.message).toContain('ECONNREFUSED');
    const odd = await historyOf({ canned: [{ status: 200, body: '<html>' }] });
    expect((await failure(odd.history.cost(someHour))).fault).toBe('vendor');
  });
});

describe('backfill', () => {
  const DAY_US = 86_400_000_000;

  test('the last day is replayed, what is older comes from history', () => {
    const gap = (fromUs: number) => ({ fromUs, toUs: fromUs + 1, schemas: ['trades'], symbols: ['6E.v.0'] });
    expect(backfillRoute(gap(START_US - DAY_US / 2), START_US)).toBe('replay');
    expect(backfillRoute(gap(START_US - DAY_US), START_US)).toBe('history');
  });

  test.each(['replay', 'history'] as const)('by %s: the records of the gap, no more and no less', async (route) => {
    const nowUs = Math.floor(Date.now()) * 1000;
    const fromUs = route === 'replay' ? nowUs - DAY_US / 4 : nowUs - 3 * DAY_US;
    const records = new DatabentoMarket('6EZ6', 42, 50_000, 23_000, fromUs).next(2_000);
    const depth = records.filter(({ schema }) => schema === 'mbp-10');
    const gap = {
      fromUs: Number(depth[300]!.tsEventNs / 1000n),
      toUs: Number(depth[900]!.tsEventNs / 1000n),
      schemas: ['mbp-10', 'trades'],
      symbols: ['6E.v.0'],
    };
    const missing = records.filter(
      ({ tsEventNs }) => tsEventNs >= BigInt(gap.fromUs) * 1000n && tsEventNs < BigInt(gap.toUs) * 1000n,
    );
    const { server, history } = await historyOf({ records });
    const gateway = await DatabentoGateway.listen({
      key: KEY,
      resolve: () => [{ rawSymbol: '6EZ6', instrumentId: 42 }],
    });
    open.push(gateway);
    gateway.log.push(...records);
    const backfill = new Backfill({
      clock: new LiveClock(),
      dataset: 'GLBX.MDP3',
      history,
      gateway: { address: gatewayAddress('GLBX.MDP3', gateway.url), key: KEY },
    });
    const streams = new Map<number, DbnDecoder>();
    const counts = { 'mbp-10': 0, trades: 0 };
    const report = await backfill.fill(gap, (bytes, stream) => {
      const decoder = streams.get(stream) ?? new DbnDecoder();
      streams.set(stream, decoder);
      decoder.push(bytes);
      while (decoder.next()) {
        if (decoder.rtype === 10) counts['mbp-10']++;
        if (decoder.rtype === 0) counts.trades++;
      }
    });
    expect(report).toEqual({ route, records: missing.length, filledToUs: gap.toUs, tradeHole: true });
    expect(counts['mbp-10'] + counts.trades).toBe(missing.length);
    expect(counts['mbp-10']).toBe(missing.filter(({ schema }) => schema === 'mbp-10').length);
    const asked = server.requests.map(({ method }) => method);
    if (route === 'replay') expect(asked).toEqual([]);
    else expect(asked.indexOf('metadata.get_cost')).toBeLessThan(asked.indexOf('timeseries.get_range'));
  });

  test('history that ends within the gap fills it up to there', async () => {
    const fromUs = START_US;
    const records = new DatabentoMarket('6EZ6', 42, 50_000, 23_000, fromUs).next(50);
    const { history } = await historyOf({ records, rangeEnd: '2026-11-12T14:30:00.000000000Z' });
    const backfill = new Backfill({
      clock: new LiveClock(),
      dataset: 'GLBX.MDP3',
      history,
      gateway: { address: { host: '127.0.0.1', port: 1 }, key: KEY },
    });
    const gap = { fromUs, toUs: fromUs + 3_600_000_000, schemas: ['trades'], symbols: ['6E.v.0'] };
    const report = await backfill.fill(gap, () => undefined);
    expect(report.filledToUs).toBe(START_US + 1_800_000_000);
    const later = { ...gap, fromUs: START_US + 7_200_000_000, toUs: START_US + 9_000_000_000 };
    expect((await failure(backfill.fill(later, () => undefined))).message).toContain('does not reach the gap yet');
  });

  test('a replay that the gateway refuses or breaks off is an error with its words', async () => {
    const { history } = await historyOf();
    const gateway = await DatabentoGateway.listen({ key: KEY, error: { code: 8, text: 'Replay data has aged out' } });
    open.push(gateway);
    const parts = { clock: new LiveClock(), dataset: 'GLBX.MDP3', history };
    const address = gatewayAddress('GLBX.MDP3', gateway.url);
    const nowUs = Math.floor(Date.now()) * 1000;
    const gap = { fromUs: nowUs - 60_000_000, toUs: nowUs, schemas: ['trades'], symbols: ['6E.v.0'] };
    const aged = await failure(new Backfill({ ...parts, gateway: { address, key: KEY } }).fill(gap, () => undefined));
    expect(aged.message).toContain('aged out');
    const key = 'db-other';
    const refused = await failure(new Backfill({ ...parts, gateway: { address, key } }).fill(gap, () => undefined));
    expect(refused).toMatchObject({ fault: 'bad-credentials' });
  });
});
