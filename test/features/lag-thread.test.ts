import { afterEach, expect, test } from 'vitest';
import { LagThread } from '../../main/features/lag-thread.ts';
import { estimateLag } from '../../main/features/lead-lag.ts';
import { series } from './mid-series.ts';

let thread: LagThread;
let ownTime = false;
const faults: string[] = [];

afterEach(() => thread.close());

function start(): LagThread {
  thread = new LagThread({ atOnce: () => ownTime, onFault: (words) => faults.push(words) });
  return thread;
}

const wave = (lagUs: number) =>
  series(Array.from({ length: 400 }, (_, i) => [i * 120_000 + lagUs + 1, 1 + (((i * 7) % 31) + 1) / 1e4] as const));

test('the thread gives the very estimate that the function gives, without being waited for', async () => {
  ownTime = false;
  const answers = [100_000, 250_000].map((lagUs) => start().ask(wave(0), wave(lagUs)));
  expect(answers.map((answer) => answer())).toEqual([undefined, undefined]);
  await expect.poll(() => answers[1]!(), { timeout: 5_000 }).toEqual(estimateLag(wave(0), wave(250_000)));
  expect(faults).toEqual([]);
});

test('while engine time runs by itself the answer is there at once', () => {
  ownTime = true;
  expect(start().ask(wave(0), wave(100_000))()).toEqual(estimateLag(wave(0), wave(100_000)));
});

test('a closed thread answers nothing', async () => {
  ownTime = false;
  const closed = start();
  const before = closed.ask(wave(0), wave(100_000));
  await closed.close();
  expect([before(), closed.ask(wave(0), wave(100_000))()]).toEqual([undefined, undefined]);
});
