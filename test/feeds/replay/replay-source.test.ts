import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SimulatedClock } from '../../../main/core/clock/simulated-clock.ts';
import { Engine } from '../../../main/core/engine.ts';
import type { Bar } from '../../../main/core/ports.ts';
import { FeatureStage } from '../../../main/features/feature-stage.ts';
import { MinuteBars } from '../../../main/features/minute-bars.ts';
import { openRecording } from '../../../main/feeds/replay/open-recording.ts';
import { ReplaySource } from '../../../main/feeds/replay/replay-source.ts';
import { LeadSignal } from '../../../main/signals/lead-signal.ts';
import { DEFAULT_LINKS } from '../../../shared/links.ts';
import { DEFAULT_SETTINGS } from '../../../shared/settings.ts';
import { START_US, simulate } from '../simulated/simulate.ts';

const SECONDS = 100;
let folder: string;
let file: string;
let bytes: Uint8Array;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'replay-'));
  file = join(folder, 'simulated.dbn');
  bytes = simulate(SECONDS, { eventsPerSecond: 30 }).bytes;
  writeFileSync(file, bytes);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const opened: ReplaySource[] = [];
afterEach(async () => {
  for (const source of opened.splice(0)) await source.stop();
});

/** A replay with everything on the engine that keeps state. */
async function openReplay(path = file) {
  const engine = new Engine({ continuity: 'live' });
  const bars: Bar[] = [];
  const errors: string[] = [];
  let signals = 0;
  engine.addStage(new FeatureStage());
  engine.addStage(new MinuteBars(engine.scheduler, { onBar: (_market, bar) => bars.push(bar) }));
  engine.addStage(new LeadSignal(DEFAULT_LINKS, DEFAULT_SETTINGS, () => signals++));
  const clock = new SimulatedClock(0);
  const source = new ReplaySource({
    recording: openRecording([path], engine),
    engine,
    clock,
    snapshot: () => structuredClone(engine.snapshot()),
    restore: (saved) => engine.restore(saved as ReturnType<Engine['snapshot']>),
    onChange: () => undefined,
    onError: (error) => errors.push(error.message),
  });
  opened.push(source);
  await source.open();
  return { engine, clock, source, bars, errors, signals: () => signals };
}

/** State of an uninterrupted replay at a time. */
async function stateAt(us: number) {
  const { engine, source } = await openReplay();
  await source.seek(us);
  return engine.snapshot();
}

async function finished(source: ReplaySource): Promise<void> {
  await expect.poll(() => source.state.finished, { timeout: 20_000, interval: 5 }).toBe(true);
}

describe('a replay', () => {
  test('knows its span before it plays, and plays to its end as fast as it goes', async () => {
    const { engine, source, bars } = await openReplay();
    expect(source.state).toMatchObject({ playing: false, finished: false, startUs: START_US });
    expect(source.state.endUs - START_US).toBeGreaterThan((SECONDS - 2) * 1_000_000);
    expect(engine.inputSequence).toBe(0);
    source.setSpeed(0);
    source.play();
    await finished(source);
    expect(source.state.playing).toBe(false);
    expect(engine.nowUs).toBe(source.state.endUs);
    expect(bars).toHaveLength(6);
    expect(await stateAt(source.state.endUs)).toEqual(engine.snapshot());
  });

  test('keeps to the pace of its clock', async () => {
    const { engine, clock, source } = await openReplay();
    source.setSpeed(10);
    source.play();
    clock.advanceTo(3_000_000);
    await expect.poll(() => engine.nowUs, { timeout: 5_000, interval: 5 }).toBe(START_US + 30_000_000);
    source.pause();
    clock.advanceTo(9_000_000);
    await source.step(1);
    expect(engine.nowUs).toBeLessThan(START_US + 31_000_000);
    const state = engine.snapshot();
    source.setSpeed(1);
    source.play();
    const resumedUs = engine.nowUs;
    clock.advanceTo(9_500_000);
    await expect.poll(() => engine.nowUs, { timeout: 5_000, interval: 5 }).toBe(resumedUs + 500_000);
    await source.stop();
    expect(engine.inputSequence).toBeGreaterThan(state.inputs);
  });

  test('steps by judged events and stands', async () => {
    const { engine, source } = await openReplay();
    const judged = () => engine.markets.reduce((events, market) => events + market.events, 0);
    await source.step(1);
    expect(judged()).toBe(1);
    await source.step(250);
    expect(judged()).toBe(251);
    expect(source.state.playing).toBe(false);
  });

  test('played and paused again and again, ends where an uninterrupted one does', async () => {
    const { engine, source } = await openReplay();
    source.setSpeed(0);
    for (let turn = 0; turn < 5; turn++) {
      source.play();
      source.pause();
      source.play();
      await source.seek(START_US + turn * 7_000_000);
    }
    await finished(source);
    expect(engine.snapshot()).toEqual(await stateAt(source.state.endUs));
  });
});

describe('a seek', () => {
  test('gives the state that an uninterrupted replay has then, after any seeks and steps before', {
    timeout: 60_000,
  }, async () => {
    const at = fc.integer({ min: -1_000_000, max: (SECONDS + 1) * 1_000_000 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(at, fc.nat(40)), { minLength: 1, maxLength: 5 }), at, async (moves, last) => {
        const { engine, source } = await openReplay();
        for (const [offset, steps] of moves) {
          await source.seek(START_US + offset);
          if (steps > 0) await source.step(steps);
        }
        await source.seek(START_US + last);
        expect(engine.snapshot()).toEqual(await stateAt(START_US + last));
      }),
      { numRuns: 12 },
    );
  });

  test('back to before the start leaves no market, and bars close as if for the first time', async () => {
    const { engine, source, bars } = await openReplay();
    await source.seek(source.state.endUs);
    const whole = [...bars];
    expect(whole).toHaveLength(6);
    await source.seek(START_US - 1);
    expect(engine.markets).toEqual([]);
    bars.length = 0;
    await source.seek(source.state.endUs);
    expect(bars).toEqual(whole);
  });

  test('goes on playing if it played', async () => {
    const { engine, source } = await openReplay();
    source.setSpeed(0);
    source.play();
    await source.seek(START_US + 90_000_000);
    expect(source.state.playing).toBe(true);
    await finished(source);
    await source.seek(START_US + 5_000_000);
    expect(source.state).toMatchObject({ playing: false, finished: false });
    expect(engine.nowUs).toBe(START_US + 5_000_000);
    await source.step(3);
    expect(source.state.finished).toBe(false);
  });
});

describe('a damaged file', () => {
  test('is replayed as far as it is sound, then says so, and can be gone back in', async () => {
    const cut = join(folder, 'cut.dbn');
    writeFileSync(cut, bytes.subarray(0, Math.floor(bytes.length / 2) + 1));
    const { engine, source, errors } = await openReplay(cut);
    source.setSpeed(0);
    source.play();
    await finished(source);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/byte/);
    const reached = engine.nowUs;
    expect(reached).toBe(source.state.endUs);
    await source.seek(START_US + 10_000_000);
    expect(engine.nowUs).toBe(START_US + 10_000_000);
    expect(engine.snapshot()).toEqual(await stateAt(START_US + 10_000_000));
  });

  test('with nothing readable in it cannot be opened', async () => {
    const junk = join(folder, 'junk.dbn');
    writeFileSync(junk, 'no market data');
    await expect(openReplay(junk)).rejects.toThrow(/byte/);
  });
});
