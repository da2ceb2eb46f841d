import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DbnInspection, inspectDbn } from '../../main/codec/dbn/inspect.ts';
import { ACTION, FLAG, SIDE } from '../../main/codec/dbn/layout.ts';
import { encodeMetadata, MIXED_STREAM } from '../../main/codec/dbn/metadata.ts';
import { DbnRecordWriter } from '../../main/codec/dbn/write-record.ts';
import { fixture, haveFixtures } from '../fixtures.ts';
import { runCli, startCli } from './run-cli.ts';

let folder: string;
let simulated: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-cli-'));
  simulated = join(folder, 'simulated.dbn');
  const { code } = await runCli(['simulate', '--seed', '7', '--minutes', '1.2', '--rate', '40', '--out', simulated]);
  expect(code).toBe(0);
}, 30_000);

afterAll(() => rmSync(folder, { recursive: true }));

/** Rows of a CSV as objects; every value as text. */
function csv(text: string): Record<string, string>[] {
  const [header, ...lines] = text.trimEnd().split('\n');
  const names = header!.split(',');
  return lines.map((line) => {
    const values = line.split(',');
    expect(values).toHaveLength(names.length);
    return Object.fromEntries(names.map((name, index) => [name, values[index]!]));
  });
}

describe('the command line', () => {
  test('help goes to stdout, wrong usage to stderr with exit 2', async () => {
    const help = await runCli(['--help']);
    expect([help.code, help.err]).toEqual([0, '']);
    for (const name of ['inspect', 'dump', 'features', 'book', 'bars', 'replay', 'simulate', 'serve', 'doctor']) {
      expect(help.out).toContain(name);
    }
    expect((await runCli(['bars', '--help'])).code).toBe(0);
    for (const args of [
      [],
      ['nothing'],
      ['dump'],
      ['dump', 'x', '--limit', '-1'],
      ['features', 'x', '--every', '5s'],
    ]) {
      const { code, out, err } = await runCli(args);
      expect([code, out]).toEqual([2, '']);
      expect(err).not.toBe('');
    }
  }, 30_000);

  test('a file that is not there is one sentence and exit 1', async () => {
    const { code, out, err } = await runCli(['inspect', join(folder, 'nowhere.dbn')]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^fathom: .*nowhere\.dbn does not exist\n$/);
  });

  test('a folder in place of a file is named', async () => {
    const { code, err } = await runCli(['inspect', folder]);
    expect([code, err]).toEqual([1, `fathom: ${folder} is a folder, not a file\n`]);
  });

  test('a file to be written into a folder that is not there says so', async () => {
    const path = join(folder, 'nowhere', 'x.dbn');
    const { code, err } = await runCli(['simulate', '--seed', '1', '--minutes', '0.01', '--out', path]);
    expect([code, err]).toEqual([1, `fathom: ${path}: there is no folder ${join(folder, 'nowhere')}\n`]);
  });

  test.skipIf(!existsSync('/dev/full'))('output onto a disk that is full is one sentence and exit 1', async () => {
    const full = openSync('/dev/full', 'w');
    const { code, err } = await runCli(['inspect', simulated], {}, full);
    closeSync(full);
    expect([code, err]).toEqual([1, 'fathom: the output cannot be written: the disk is full\n']);
  });

  test('a summary that is stopped is one of what was read', async () => {
    const total = ({ summary }: DbnInspection) => Object.values(summary!.recordCounts).reduce((sum, n) => sum + n, 0);
    const whole = total(await inspectDbn(simulated));
    const part = await inspectDbn(simulated, { stop: AbortSignal.abort() });
    expect(part.fault).toBeUndefined();
    expect(total(part)).toBeGreaterThan(0);
    expect(total(part)).toBeLessThan(whole);
  });

  test('part of an event at the end of a file is not in its book', async () => {
    const [half, judged] = [join(folder, 'half.dbn'), join(folder, 'judged.dbn')];
    const image = (bidLots: number) => [1_084_000_000, 1_084_050_000, bidLots, 7, 1, 1];
    const out = new DbnRecordWriter(4096);
    out.append(encodeMetadata({ dataset: 'GLBX.MDP3', ...MIXED_STREAM }));
    out.instrument(1, 42);
    const record = (us: number, flags: number, bidLots: number) => {
      out.time(us, 0, us, 0);
      const levels = new Float64Array(60);
      for (let at = 6; at < levels.length; at += 6) levels.fill(Number.NaN, at, at + 2);
      levels.set(image(bidLots));
      out.mbp10(ACTION.ADD, SIDE.BID, flags, 0, 1_084_000_000, 1, 0, 1, levels);
    };
    record(1_000_000, FLAG.LAST, 5);
    writeFileSync(judged, out.written());
    record(2_000_000, 0, 9);
    writeFileSync(half, out.written());
    const [cut, whole] = await Promise.all([runCli(['book', half]), runCli(['book', judged])]);
    expect(JSON.parse(whole.out)).toMatchObject({ tsNs: '1000000000', bids: [{ size: 5 }] });
    expect(cut).toEqual(whole);
    writeFileSync(half, out.written().subarray(0, -3));
    const damaged = await runCli(['book', half]);
    expect([damaged.code, damaged.out]).toEqual([1, whole.out]);
  });

  test('a reader that leaves early ends it quietly', async () => {
    const child = startCli(['features', simulated]);
    let err = '';
    child.stderr.on('data', (text: Buffer) => {
      err += text.toString();
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = (await once(child, 'exit')) as [number];
    expect([code, err]).toEqual([0, '']);
  });

  test('of a truncated file everything good is delivered, with the offset of the fault and exit 1', async () => {
    const cut = join(folder, 'cut.dbn');
    const whole = readFileSync(simulated);
    writeFileSync(cut, whole.subarray(0, Math.floor(whole.length / 2) + 1));
    const [full, part] = await Promise.all([runCli(['features', simulated]), runCli(['features', cut])]);
    expect(full.code).toBe(0);
    expect(part.code).toBe(1);
    expect(part.err).toMatch(/^fathom: DBN truncated at byte \d+: .*\n$/);
    expect(part.out.split('\n').length).toBeGreaterThan(1_000);
    expect(full.out.startsWith(part.out)).toBe(true);
    for (const command of ['inspect', 'book', 'bars', 'dump']) {
      const { code, out, err } = await runCli([command, cut]);
      expect([command, code]).toEqual([command, 1]);
      expect(out.length).toBeGreaterThan(100);
      expect(err).toMatch(/truncated/);
    }
  }, 30_000);

  test('SIGINT ends the output after a whole row, with exit 130', async () => {
    const child = startCli(['features', simulated]);
    let out = '';
    child.stdout.once('data', () => child.kill('SIGINT'));
    child.stdout.on('data', (text: Buffer) => {
      out += text.toString();
    });
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(130);
    const all = (await runCli(['features', simulated])).out;
    expect(out.endsWith('\n')).toBe(true);
    expect(all.startsWith(out)).toBe(true);
    expect(out.length).toBeLessThan(all.length);
  });
});

describe('export', () => {
  test('never writes over what it reads, nor over a file when there is nothing to write', async () => {
    const [input, output] = [join(folder, 'to-export.dbn'), join(folder, 'earlier.dbn')];
    copyFileSync(simulated, input);
    copyFileSync(simulated, output);
    const itself = await runCli(['export', input, '--out', join(folder, '.', 'to-export.dbn')]);
    expect([itself.code, itself.err]).toEqual([2, expect.stringContaining('is the capture that is read')]);
    expect((await runCli(['export', join(folder, 'none.dbn'), '--out', output])).code).toBe(1);
    for (const path of [input, output]) expect(statSync(path).size).toBe(statSync(simulated).size);
  });
});

test('record into a place that is no folder says so, and fails', async () => {
  const args = ['record', '--venue', 'kraken', '--symbols', 'BTC/USD', '--url', 'ws://127.0.0.1:9', '--for', '0.1'];
  const { code, err } = await runCli([...args, '--out', simulated]);
  expect([code, err]).toEqual([1, `fathom: ${simulated} is a file, or lies under one, where a folder is needed\n`]);
});

describe('simulate and replay', () => {
  test('the same seed gives the same file, plain or compressed, and truth beside it', async () => {
    const again = join(folder, 'again.dbn.zst');
    const truth = join(folder, 'truth.jsonl');
    const args = ['simulate', '--seed', '7', '--minutes', '1.2', '--rate', '40', '--truth', truth, '--out', again];
    expect((await runCli(args)).code).toBe(0);
    const [one, two] = await Promise.all([runCli(['inspect', simulated]), runCli(['inspect', again])]);
    expect(two.out).toBe(one.out);
    expect(statSync(again).size).toBeLessThan(statSync(simulated).size / 3);
    const planted = readFileSync(truth, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(planted.filter(({ kind }) => kind === 'lag')).toHaveLength(3);
  }, 30_000);

  test('the hash is one line, equal on every run and for the compressed file, and another for another seed', async () => {
    const other = join(folder, 'other.dbn');
    await runCli(['simulate', '--seed', '8', '--minutes', '1.2', '--rate', '40', '--out', other]);
    const files = [simulated, simulated, join(folder, 'again.dbn.zst'), other].filter((file) => existsSync(file));
    const runs = await Promise.all(files.map((file) => runCli(['replay', file, '--speed', 'max', '--hash'])));
    for (const { code, out } of runs) expect([code, out]).toEqual([0, expect.stringMatching(/^[0-9a-f]{64}\n$/)]);
    const hashes = runs.map(({ out }) => out);
    expect(new Set(hashes).size).toBe(2);
    expect(hashes.at(-1)).not.toBe(hashes[0]);
    const summary = JSON.parse((await runCli(['replay', simulated])).out);
    expect(`${summary.hash}\n`).toBe(hashes[0]);
    expect(await runCli(['replay', join(folder, 'nowhere.dbn')])).toMatchObject({ code: 1, out: '' });
  }, 30_000);

  test('bars of a simulated file say so', async () => {
    const { code, out } = await runCli(['bars', simulated]);
    const rows = csv(out);
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toBe(
      'start_us,instrument_id,open,high,low,close,volume,vwap,source,volume_type,vwap_kind',
    );
    expect(rows).toHaveLength(12);
    expect(new Set(rows.map(({ source }) => source))).toEqual(new Set(['simulated']));
    for (const { instrument_id: id, volume, vwap, low, high, volume_type, vwap_kind } of rows) {
      expect([volume_type, vwap_kind]).toEqual(Number(id) > 900_100 ? ['tick', 'twap'] : ['real', 'true_vwap']);
      if (volume_type === 'real') continue;
      expect(Number(volume)).toBeGreaterThan(0);
      expect(Number(vwap)).toBeGreaterThanOrEqual(Number(low));
      expect(Number(vwap)).toBeLessThanOrEqual(Number(high));
    }
    expect(rows.map(({ start_us }) => Number(start_us))).toEqual(rows.map(({ start_us }) => Number(start_us)).sort());
    const one = await runCli(['bars', simulated, '--instrument', rows[0]!['instrument_id']!]);
    expect(csv(one.out)).toEqual(rows.filter(({ instrument_id }) => instrument_id === rows[0]!['instrument_id']));
  });

  test('features by interval are the last rows of their intervals', async () => {
    const [all, some] = await Promise.all([
      runCli(['features', simulated]),
      runCli(['features', simulated, '--every', '250ms']),
    ]);
    const last = new Map<string, Record<string, string>>();
    for (const row of csv(all.out)) {
      const key = `${Math.floor(Number(row['ts_recv_us']) / 250_000)}:${row['instrument_id']}`;
      last.delete(key);
      last.set(key, row);
    }
    expect(csv(some.out)).toEqual([...last.values()]);
    expect(csv(some.out).map(({ ts_recv_us }) => Number(ts_recv_us))).toEqual(
      csv(some.out)
        .map(({ ts_recv_us }) => Number(ts_recv_us))
        .sort((a, b) => a - b),
    );
  }, 20_000);

  test('an instrument that does not occur is said so', async () => {
    for (const command of ['features', 'book', 'bars']) {
      const { code, err } = await runCli([command, simulated, '--instrument', '4']);
      expect([code, err]).toEqual([1, expect.stringContaining('instrument 4')]);
    }
  });
});

describe('doctor', () => {
  test('tells what is configured, and fails on settings that cannot be used', async () => {
    const home = join(folder, 'home');
    const good = await runCli(['doctor', '--json'], { FATHOM_HOME: home, DATABENTO_API_KEY: '' });
    expect(good.code).toBe(0);
    const names = JSON.parse(good.out).map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['fathom', 'node', 'settings', 'database', 'captures', 'electron']));
    expect(names.slice(-6)).toEqual(['databento', 'ig', 'kraken', 'binance', 'coinbase', 'insightsentry']);
    const asked = JSON.parse(good.out).find(({ name }: { name: string }) => name === 'databento');
    expect(asked).toEqual({ name: 'databento', state: 'not configured', words: 'set DATABENTO_API_KEY' });
    expect(existsSync(home)).toBe(false);
    mkdirSync(join(home, 'captures'), { recursive: true });
    writeFileSync(join(home, 'captures', 'kraken-2026-11-18T13Z.frames.zst'), 'twelve bytes');
    const recorded = await runCli(['doctor'], { FATHOM_HOME: home });
    expect(recorded.out).toMatch(/captures +ok +1 files, 12 bytes/);
    const file = await runCli(['doctor'], { FATHOM_HOME: simulated });
    expect(file.code).toBe(1);
    expect(file.out).toMatch(/data folder +fault .*it is a file/);
    writeFileSync(join(folder, 'settings.json'), '{"risk":{"riskPerTrade":3}}');
    const bad = await runCli(['doctor'], { FATHOM_HOME: folder });
    expect(bad.code).toBe(1);
    expect(bad.out).toMatch(/settings +fault .*riskPerTrade/);
    const url = 'postgres://me@127.0.0.1:1/fx';
    writeFileSync(join(folder, 'settings.json'), JSON.stringify({ store: { url } }));
    const away = await runCli(['doctor'], { FATHOM_HOME: folder, FATHOM_DB_PASSWORD: 'hunter2' });
    expect(away.code).toBe(1);
    expect(away.out).toMatch(/database +fault +store: Postgres at 127\.0\.0\.1 port 1, database "fx": nothing listens/);
    expect(away.out + away.err).not.toContain('hunter2');
  }, 30_000);
});

describe.skipIf(!haveFixtures)('on recorded files', () => {
  const derived = fixture('databento/derived/esm4-20240508-2s.mbp-10.derived.dbn.zst');
  const mbo = fixture(
    'databento/nautilus/order_book_deltas_catalog/orderbooks_mbo_2024-05-08T00-00-00_2024-05-08T00-00-02.dbn.zst',
  );

  test('inspect tells what a file holds', async () => {
    const { code, out } = await runCli(['inspect', mbo]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      dataset: 'GLBX.MDP3',
      schema: 'mbo',
      recordCounts: { mbo: 13_796 },
      unknownRecords: 0,
      instruments: [{ id: 5602, rawSymbol: 'ESM4' }],
    });
  });

  test('dump gives the records that were asked for', async () => {
    const [all, some, none] = await Promise.all([
      runCli(['dump', derived]),
      runCli(['dump', derived, '--offset', '3', '--limit', '2']),
      runCli(['dump', derived, '--limit', '0']),
    ]);
    const lines = all.out.trimEnd().split('\n');
    expect(lines).toHaveLength(169);
    expect(some.out.trimEnd().split('\n')).toEqual(lines.slice(3, 5));
    expect(none.out).toBe('');
    expect(Object.keys(JSON.parse(lines[0]!))).toEqual([
      'hd',
      'ts_recv',
      'action',
      'side',
      'depth',
      'price',
      'size',
      'flags',
      'ts_in_delta',
      'sequence',
      'levels',
    ]);
  });

  test('features have a row per event, whose prices and queue imbalance follow from the dump', async () => {
    const [features, dump] = await Promise.all([runCli(['features', derived]), runCli(['dump', derived])]);
    const rows = csv(features.out);
    const last = dump.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ flags }) => (flags & 128) !== 0);
    expect(Object.keys(rows[0]!).slice(0, 14).join()).toBe(
      'ts_recv_us,instrument_id,bid,ask,mid,spread,microprice,qi1,qi5,qi10,ofi,mlofi,cvd,state',
    );
    expect(rows).toHaveLength(last.length);
    for (const [index, row] of rows.entries()) {
      const { ts_recv, levels } = last[index];
      const { bid_px, ask_px, bid_sz, ask_sz } = levels[0];
      expect(row['ts_recv_us']).toBe(ts_recv.slice(0, -3));
      expect([Number(row['bid']), Number(row['ask'])]).toEqual([Number(bid_px), Number(ask_px)]);
      expect(Number(row['qi1'])).toBe((bid_sz - ask_sz) / (bid_sz + ask_sz));
      expect(row['state']).toBe('normal');
    }
    expect(rows[0]).toMatchObject({ ofi: '0', mlofi: '0' });
  });

  test('book at the end of a file by order has all its levels, in number and at the inside', async () => {
    const { out } = await runCli(['book', mbo]);
    const book = JSON.parse(out);
    expect([book.instrument, book.bids.length, book.asks.length]).toEqual([5602, 976, 571]);
    expect([book.bids[0].price, book.bids[0].size]).toEqual([5214, 28]);
    expect([book.asks[0].price, book.asks[0].size]).toEqual([5214.25, 17]);
    const orders = [...book.bids, ...book.asks].reduce((sum: number, level) => sum + level.orders, 0);
    expect(orders).toBe(13_598);
  });

  test('book at a time is the image of the last event received by then; the same by order and by level', async () => {
    const dump = await runCli(['dump', derived]);
    const records = dump.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const index of [40, 100, 150]) {
      const record = records.slice(0, index).findLast(({ flags }) => (flags & 128) !== 0);
      const at = String(BigInt(record.ts_recv));
      const [byLevel, byOrder] = await Promise.all([
        runCli(['book', derived, '--at', at]),
        runCli(['book', mbo, '--at', at]),
      ]);
      const book = JSON.parse(byLevel.out);
      const there = records.findLast(({ ts_recv, flags }) => BigInt(ts_recv) <= BigInt(at) && (flags & 128) !== 0);
      expect(book.tsNs).toBe(there.ts_recv);
      expect(book.bids).toEqual(
        there.levels.map((level: Record<string, string>) => ({
          price: Number(level['bid_px']),
          size: level['bid_sz'],
          orders: level['bid_ct'],
        })),
      );
      const whole = JSON.parse(byOrder.out);
      expect(whole.bids.slice(0, 10)).toEqual(book.bids);
      expect(whole.asks.slice(0, 10)).toEqual(book.asks);
    }
    expect((await runCli(['book', derived, '--at', '5'])).code).toBe(1);
  }, 30_000);

  test('a legacy file is refused with a sentence', async () => {
    const { code, out, err } = await runCli(['dump', fixture('databento/dbn-repo/test_data.mbo.dbz')]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/legacy DBZ/);
  });
});
