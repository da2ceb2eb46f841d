import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadArrivals } from '../../main/codec/capture/arrivals.ts';
import { decodeSidecar, sidecarPath } from '../../main/codec/capture/sidecar.ts';
import { openDbn } from '../../main/codec/dbn/file.ts';
import { inspectDbn } from '../../main/codec/dbn/inspect.ts';
import { DbnRecordWriter } from '../../main/codec/dbn/write-record.ts';
import { SimulatedMarket } from '../../main/feeds/simulated/simulated-market.ts';
import { DbnFormat } from '../../main/storage/capture/capture-chunks.ts';
import { CaptureWriter, faultWords } from '../../main/storage/capture/capture-writer.ts';
import { OPTIONS, START_US } from '../feeds/simulated/simulate.ts';

const HOUR = 3_600_000_000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-capture-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

interface Piece {
  readonly bytes: Uint8Array;
  readonly records: number;
  readonly localUs: number;
}

/** A simulated market in pieces of a tenth of a second, told to arrive 123 µs late. */
function pieces(count: number, startUs = START_US): Piece[] {
  const market = new SimulatedMarket({ ...OPTIONS, startUs });
  const out = new DbnRecordWriter(1 << 20);
  let records = market.prologue(out);
  return Array.from({ length: count }, (_, index) => {
    const us = startUs + index * 100_000;
    records += market.advanceTo(us, out);
    const piece = { bytes: out.written().slice(), records, localUs: us + 123 };
    out.clear();
    records = 0;
    return piece;
  });
}

function record(writer: CaptureWriter, list: readonly Piece[]): void {
  let input = 0;
  for (const piece of list) {
    writer.write(piece.bytes, input, piece.localUs);
    input += piece.records;
  }
}

function dataFiles(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.dbn.zst'))
    .sort();
}

async function records(name: string): Promise<number> {
  const { summary, fault } = await inspectDbn(join(folder, name));
  expect(fault).toBeUndefined();
  return Object.values(summary!.recordCounts).reduce((sum, count) => sum + count, 0);
}

describe('captures', () => {
  test('hold the stream byte for byte, and for every record when it arrived and which input it was', async () => {
    const list = pieces(60);
    const writer = new CaptureWriter({ folder, source: 'simulated', format: new DbnFormat() });
    record(writer, list);
    await writer.close();
    expect(writer.state).toEqual({ ok: true, words: 'recording', lostBytes: 0 });
    expect(dataFiles()).toEqual(['simulated-2026-11-18T13Z.dbn.zst']);
    const path = join(folder, dataFiles()[0]!);
    const arrivals = (await loadArrivals(path))!;
    let index = 0;
    let seen = 0;
    let input = 0;
    let count = 0;
    const bytes: Uint8Array[] = [];
    for await (const decoder of openDbn(path)) {
      while (decoder.next()) {
        while (seen === list[index]!.records) {
          input += seen;
          seen = 0;
          index++;
        }
        expect(arrivals.localUsAt(decoder.offset)).toBe(list[index]!.localUs);
        expect(arrivals.inputAt(decoder.offset)).toBe(input);
        bytes.push(decoder.bytes.slice(decoder.byteAt, decoder.byteAt + decoder.recordBytes));
        seen++;
        count++;
      }
    }
    expect(count).toBe(list.reduce((sum, piece) => sum + piece.records, 0));
    const whole = Buffer.concat(list.map((piece) => piece.bytes));
    expect(whole.subarray(-Buffer.concat(bytes).length).equals(Buffer.concat(bytes))).toBe(true);
  });

  test('close with size and checksum, and hold no path', async () => {
    const writer = new CaptureWriter({ folder, source: 'simulated', format: new DbnFormat() });
    record(writer, pieces(20));
    await writer.close();
    const path = join(folder, dataFiles()[0]!);
    const sidecar = readFileSync(sidecarPath(path));
    const data = readFileSync(path);
    expect(decodeSidecar(sidecar).at(-1)!.line).toMatchObject({
      type: 'close',
      bytes: data.length,
      sha256: createHash('sha256').update(data).digest('hex'),
    });
    expect(sidecar.toString()).not.toContain(folder);
  });

  test('begin a new file each hour, which can be read by itself', async () => {
    const list = pieces(100, START_US + HOUR - 5_000_000);
    const writer = new CaptureWriter({ folder, source: 'simulated', format: new DbnFormat() });
    record(writer, list);
    await writer.close();
    expect(dataFiles()).toEqual(['simulated-2026-11-18T13Z.dbn.zst', 'simulated-2026-11-18T14Z.dbn.zst']);
    const [before, after] = await Promise.all(dataFiles().map((name) => inspectDbn(join(folder, name))));
    expect(after!.summary!.instruments).toEqual(before!.summary!.instruments);
    expect(after!.summary!.recordCounts['definition']).toBe(before!.summary!.recordCounts['definition']);
    const path = join(folder, dataFiles()[1]!);
    const arrivals = (await loadArrivals(path))!;
    let known = 0;
    let repeated = 0;
    for await (const decoder of openDbn(path)) {
      while (decoder.next()) {
        if (Number.isNaN(arrivals.localUsAt(decoder.offset))) repeated++;
        else known++;
      }
    }
    expect(known).toBe(
      list.filter(({ localUs }) => localUs >= START_US + HOUR).reduce((n, piece) => n + piece.records, 0),
    );
    expect(repeated).toBeGreaterThan(0);
  });

  test('go on in the file of the same hour after a restart, with one metadata block', async () => {
    const list = pieces(40);
    const total = list.reduce((sum, piece) => sum + piece.records, 0);
    for (const part of [list.slice(0, 20), [{ ...list[0]!, localUs: list[20]!.localUs }, ...list.slice(20)]]) {
      const writer = new CaptureWriter({ folder, source: 'simulated', format: new DbnFormat() });
      record(writer, part);
      await writer.close();
    }
    expect(dataFiles()).toHaveLength(1);
    expect(await records(dataFiles()[0]!)).toBe(total + list[0]!.records);
    const lines = decodeSidecar(readFileSync(sidecarPath(join(folder, dataFiles()[0]!)))).map(({ line }) => line.type);
    expect(lines.filter((type) => type !== 'frame')).toEqual(['run', 'close', 'run', 'close']);
  });

  test('cut a torn tail to the last whole frame at the next start', async () => {
    const writer = new CaptureWriter({ folder, source: 'simulated', format: new DbnFormat() });
    record(writer, pieces(20));
    await writer.close();
    const path = join(folder, dataFiles()[0]!);
    const whole = readFileSync(path);
    const total = await records(dataFiles()[0]!);
    appendFileSync(path, whole.subarray(0, whole.length - 5));
    appendFileSync(sidecarPath(path), '0123 {"type":"fr');
    expect((await inspectDbn(path)).fault).toBeDefined();
    await new CaptureWriter({ folder, source: 'simulated', format: new DbnFormat() }).close();
    expect(readFileSync(path).equals(whole)).toBe(true);
    expect(await records(dataFiles()[0]!)).toBe(total);
    expect(decodeSidecar(readFileSync(sidecarPath(path))).at(-1)!.end).toBe(statSync(sidecarPath(path)).size);
  });

  test('keep a whole frame that the sidecar missed', async () => {
    const writer = new CaptureWriter({ folder, source: 'simulated', format: new DbnFormat() });
    record(writer, pieces(20));
    await writer.close();
    const path = join(folder, dataFiles()[0]!);
    const total = await records(dataFiles()[0]!);
    const lines = decodeSidecar(readFileSync(sidecarPath(path)));
    const frames = lines.filter(({ line }) => line.type === 'frame').length;
    writeFileSync(sidecarPath(path), readFileSync(sidecarPath(path)).subarray(0, lines[0]!.end));
    await new CaptureWriter({ folder, source: 'simulated', format: new DbnFormat() }).close();
    expect(await records(dataFiles()[0]!)).toBe(total);
    const repaired = decodeSidecar(readFileSync(sidecarPath(path)));
    expect(repaired.filter(({ line }) => line.type === 'frame')).toHaveLength(frames);
    expect((await loadArrivals(path))!.localUsAt(1_000)).toBeNaN();
  });

  test('say when the disk refuses, keep what comes within bounds, count what is lost, and recover', async () => {
    const blocked = join(folder, 'captures');
    writeFileSync(blocked, 'a file where the folder should be');
    const list = pieces(30);
    const size = list.slice(0, 20).reduce((sum, piece) => sum + piece.bytes.length, 0);
    const writer = new CaptureWriter({
      folder: blocked,
      source: 'simulated',
      format: new DbnFormat(),
      mostWaitingBytes: size,
    });
    record(writer, list);
    await vi.waitFor(() => expect(writer.state.ok).toBe(false), 3_000);
    expect(writer.state.words).toMatch(/cannot be written .*Trading goes on/);
    expect(writer.state.lostBytes).toBe(list.slice(20).reduce((sum, piece) => sum + piece.bytes.length, 0));
    rmSync(blocked);
    await vi.waitFor(() => expect(writer.state.ok).toBe(true), 5_000);
    expect(writer.state.words).toMatch(/bytes were lost before/);
    await writer.close();
    const name = join('captures', readdirSync(blocked).find((file) => file.endsWith('.zst'))!);
    expect(await records(name)).toBe(list.slice(0, 20).reduce((sum, piece) => sum + piece.records, 0));
    const lines = decodeSidecar(readFileSync(sidecarPath(join(folder, name)))).map(({ line }) => line);
    expect(lines.find(({ type }) => type === 'lost')).toMatchObject({ chunks: 10 });
  });

  test('a full disk has words of its own', () => {
    expect(faultWords(Object.assign(new Error('x'), { code: 'ENOSPC' }))).toMatch(/disk is full.*Trading goes on/);
  });

  test('killed in the middle of writing: what remains decodes, and at most one second is missing', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'capture-recorder.ts'), folder]);
    let told = '';
    const enough = new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (text: Buffer) => {
        told += text.toString();
        if (told.split('\n').length > 400) resolve();
      });
      child.on('exit', () => reject(new Error('the recorder ended by itself')));
    });
    const closed = new Promise((resolve) => child.on('close', resolve));
    await enough;
    child.kill('SIGKILL');
    await closed;
    const lines = told
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ').map(Number) as [number, number]);
    const killedUs = lines.at(-1)![1];
    const safe = lines.findLast(([, us]) => us <= killedUs - 1_000_000)![0];
    appendFileSync(join(folder, dataFiles()[0]!), Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 1));
    await new CaptureWriter({ folder, source: 'simulated', format: new DbnFormat() }).close();
    expect(await records(dataFiles()[0]!)).toBeGreaterThanOrEqual(safe);
  }, 30_000);

  test('two recorders of one source do not write over each other: the second says so and waits for the first to go', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'capture-recorder.ts'), folder]);
    const closed = new Promise((resolve) => child.on('close', resolve));
    try {
      await expect.poll(() => dataFiles().length).toBe(1);
      const second = new CaptureWriter({ folder, source: 'simulated', format: new DbnFormat() });
      const list = pieces(5);
      record(second, list);
      await expect.poll(() => second.state.ok).toBe(false);
      expect(second.state.words).toContain(`another Fathom (process ${child.pid}) keeps the captures of this source`);
      const other = new CaptureWriter({ folder, source: 'elsewhere', format: new DbnFormat() });
      record(other, list);
      await other.close();
      expect(other.state).toMatchObject({ ok: true, lostBytes: 0 });
      child.kill('SIGKILL');
      await closed;
      await expect.poll(() => second.state.ok).toBe(true);
      await second.close();
      expect(second.state.lostBytes).toBe(0);
      const count = list.reduce((sum, piece) => sum + piece.records, 0);
      const file = dataFiles().find((name) => name.startsWith('simulated-'))!;
      expect(await records(file)).toBeGreaterThan(count);
      expect(readdirSync(folder).filter((name) => name.endsWith('.lock'))).toEqual([]);
    } finally {
      child.kill('SIGKILL');
      await closed;
    }
  }, 30_000);
});
