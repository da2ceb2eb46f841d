import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DbnRecordWriter } from '../../../main/codec/dbn/write-record.ts';
import { playRecording } from '../../../main/entry/offline/offline-run.ts';
import { OfflineTerminal } from '../../../main/entry/offline/offline-terminal.ts';
import { RecordPlayer } from '../../../main/feeds/databento/record-player.ts';
import { openRecording } from '../../../main/feeds/replay/open-recording.ts';
import { SimulatedMarket } from '../../../main/feeds/simulated/simulated-market.ts';
import { DbnFormat } from '../../../main/storage/capture/capture-chunks.ts';
import { CaptureWriter } from '../../../main/storage/capture/capture-writer.ts';
import { DEFAULT_SETTINGS } from '../../../shared/settings.ts';
import { OPTIONS, START_US } from '../../feeds/simulated/simulate.ts';

let folder: string;
const stop = new AbortController().signal;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-offline-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A market played as a terminal plays it live, chunk by chunk, while it is captured. Gives the hash of the output. */
async function live(chunkUs: number, dataset?: string): Promise<string> {
  const lateUs = dataset === undefined ? 0 : 700;
  const terminal = new OfflineTerminal(DEFAULT_SETTINGS);
  const player = new RecordPlayer(terminal.engine);
  const capture = new CaptureWriter({ folder, source: 'live', format: new DbnFormat() });
  const market = new SimulatedMarket(OPTIONS);
  const out = new DbnRecordWriter(1 << 20);
  market.prologue(out);
  for (let us = START_US; us <= START_US + 130_000_000; us += chunkUs) {
    market.advanceTo(us, out);
    const chunk = out.written().slice();
    out.clear();
    if (chunk.length === 0) continue;
    if (dataset !== undefined && us === START_US) chunk.set(new TextEncoder().encode(dataset.padEnd(16, '\0')), 8);
    capture.write(chunk, terminal.engine.inputSequence, us + lateUs);
    player.play(chunk, dataset === undefined ? undefined : us + lateUs);
    terminal.engine.advanceTo(us + lateUs);
  }
  await capture.close();
  terminal.finish();
  return terminal.hash.hex();
}

async function replayed(file: string): Promise<OfflineTerminal> {
  const terminal = new OfflineTerminal(DEFAULT_SETTINGS);
  await playRecording(openRecording([file], terminal.engine), { stop });
  terminal.finish();
  return terminal;
}

function captured(): string {
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.dbn.zst'))!);
}

describe('a captured session', () => {
  test('of a simulated market replays to the very output that it had live, whatever the chunks', async () => {
    const hash = await live(5_000);
    const terminal = await replayed(captured());
    expect(terminal.hash.hex()).toBe(hash);
    expect(terminal.summary()).toMatchObject({ gaps: 0, bars: expect.any(Number) });
    rmSync(captured());
    expect(await live(40_000)).toBe(hash);
  }, 30_000);

  test('of another source replays by the local times of its sidecar', async () => {
    const hash = await live(20_000, 'GLBX.MDP3');
    expect((await replayed(captured())).hash.hex()).toBe(hash);
    rmSync(join(folder, readdirSync(folder).find((name) => name.endsWith('.arrivals'))!));
    expect((await replayed(captured())).hash.hex()).not.toBe(hash);
  }, 30_000);
});

test('a run stops when it is told to, with what was played in the engine', async () => {
  const market = new SimulatedMarket(OPTIONS);
  const out = new DbnRecordWriter(1 << 20);
  market.prologue(out);
  market.advanceTo(START_US + 60_000_000, out);
  const file = join(folder, 'market.dbn');
  writeFileSync(file, out.written());
  const terminal = new OfflineTerminal(DEFAULT_SETTINGS);
  let records = 0;
  await playRecording(openRecording([file], terminal.engine), { stop, visit: () => ++records < 500 });
  expect([records, terminal.engine.inputSequence]).toEqual([500, 500]);
  const admitted = new OfflineTerminal(DEFAULT_SETTINGS);
  let offered = 0;
  await playRecording(openRecording([file], admitted.engine), { stop, admit: () => offered++ < 300 });
  expect(admitted.engine.inputSequence).toBe(300);
});
