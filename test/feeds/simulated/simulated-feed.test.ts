import { expect, test } from 'vitest';
import { SimulatedClock } from '../../../main/core/clock/simulated-clock.ts';
import { afterMs } from '../../../main/core/clock/wall-timer.ts';
import { SimulatedFeed } from '../../../main/feeds/simulated/simulated-feed.ts';
import { readStream } from './plain-reader.ts';
import { OPTIONS, START_US, simulate } from './simulate.ts';

test('pushes the prologue first and then what has happened by each tick, until it is stopped', async () => {
  const clock = new SimulatedClock(START_US);
  const chunks: Uint8Array[] = [];
  const times: number[] = [];
  const { startUs: _, ...options } = OPTIONS;
  const feed = new SimulatedFeed({
    ...options,
    clock,
    push: (chunk, localUs) => {
      chunks.push(chunk);
      times.push(localUs);
      if (chunks.length <= 20) clock.advanceTo(START_US + chunks.length * 500_000);
    },
  });
  feed.start();
  expect(chunks.length).toBe(1);
  expect(readStream(chunks[0]!).records.length).toBe(24);
  expect(() => feed.start()).toThrow(/already/);
  await new Promise<void>((resolve) => {
    const wait = () => (chunks.length > 20 ? resolve() : void afterMs(1, wait));
    wait();
  });
  feed.stop();
  const count = chunks.length;
  clock.advanceTo(START_US + 60_000_000);
  await new Promise<void>((resolve) => void afterMs(20, resolve));
  expect(chunks.length).toBe(count);
  expect(times).toEqual(chunks.map((_, index) => START_US + Math.min(index, 20) * 500_000));
  expect(Buffer.concat(chunks).equals(simulate(10).bytes)).toBe(true);
});

test('after a stall it catches up in slices instead of all at once', async () => {
  const clock = new SimulatedClock(START_US);
  const chunks: Uint8Array[] = [];
  const { startUs: _, ...options } = OPTIONS;
  const feed = new SimulatedFeed({ ...options, clock, push: (chunk) => chunks.push(chunk) });
  feed.start();
  clock.advanceTo(START_US + 10_000_000);
  await new Promise<void>((resolve) => {
    const wait = () => (chunks.length > 10 ? resolve() : void afterMs(1, wait));
    wait();
  });
  feed.stop();
  const whole = simulate(10).bytes;
  expect(Buffer.concat(chunks).equals(whole)).toBe(true);
  for (const chunk of chunks) expect(chunk.length).toBeLessThan(whole.length / 4);
});
