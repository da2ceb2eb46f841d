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
    warmUpUs: 0,
    push: (chunk, reachedUs) => {
      chunks.push(chunk);
      times.push(reachedUs);
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
  const feed = new SimulatedFeed({ ...options, clock, warmUpUs: 0, push: (chunk) => chunks.push(chunk) });
  feed.start();
  clock.advanceTo(START_US + 10_000_000);
  await new Promise<void>((resolve) => {
    const wait = () => (chunks.length > 5 ? resolve() : void afterMs(1, wait));
    wait();
  });
  feed.stop();
  const whole = simulate(10).bytes;
  expect(Buffer.concat(chunks).equals(whole)).toBe(true);
  for (const chunk of chunks) expect(chunk.length).toBeLessThan(whole.length / 4);
});

test('a warm-up plays the minutes before the start, and a resumed market goes on where its snapshot was taken', async () => {
  const clock = new SimulatedClock(START_US + 4_000_000);
  const { startUs: _, ...options } = OPTIONS;
  const chunks: Uint8Array[] = [];
  const feed = new SimulatedFeed({ ...options, clock, warmUpUs: 4_000_000, push: (chunk) => chunks.push(chunk) });
  feed.start();
  expect(feed.catchingUp).toBe(true);
  await reached(feed, clock);
  feed.stop();
  expect(Buffer.concat(chunks).equals(simulate(4).bytes)).toBe(true);

  const rest: Uint8Array[] = [];
  const resume = structuredClone(feed.snapshot());
  clock.advanceTo(START_US + 10_000_000);
  const resumed = new SimulatedFeed({ ...options, clock, warmUpUs: 0, resume, push: (chunk) => rest.push(chunk) });
  resumed.start();
  await reached(resumed, clock);
  resumed.stop();
  const whole = readStream(simulate(10).bytes).records;
  const continued = readStream(Buffer.concat(rest)).records;
  const lastNs = continued.at(-1)!.tsRecvNs;
  expect(lastNs > BigInt(START_US + 9_900_000) * 1000n && lastNs <= BigInt(START_US + 10_000_000) * 1000n).toBe(true);
  expect(continued.length).toBeGreaterThan(whole.length / 4);
});

function reached(feed: SimulatedFeed, clock: SimulatedClock): Promise<void> {
  return new Promise((resolve) => {
    const wait = () => (feed.snapshot().reachedUs < clock.nowUs() ? void afterMs(1, wait) : resolve());
    wait();
  });
}
