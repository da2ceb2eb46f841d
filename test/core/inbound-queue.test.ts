import { expect, test } from 'vitest';
import { type Batch, InboundQueue } from '../../main/core/inbound-queue.ts';

function queueOf(maxBytes: number): { queue: InboundQueue<Batch>; told: string[] } {
  const told: string[] = [];
  const queue = new InboundQueue<Batch>({
    maxBytes,
    take: ({ bytes, localUs }) => told.push(`${bytes.length}@${localUs}`),
    onOverflow: (batches, bytes) => told.push(`lost ${batches} (${bytes})`),
  });
  return { queue, told };
}

test('batches are played in order, in a turn of their own', async () => {
  const { queue, told } = queueOf(100);
  queue.push({ bytes: new Uint8Array(3), localUs: 1 });
  queue.push({ bytes: new Uint8Array(4), localUs: 2 });
  expect(told).toEqual([]);
  expect(queue.oldestUs).toBe(1);
  await expect.poll(() => told).toEqual(['3@1', '4@2']);
  expect(queue.oldestUs).toBeUndefined();
});

test('a loss is told at its place: after what came before it, before what came after', () => {
  const { queue, told } = queueOf(10);
  queue.push({ bytes: new Uint8Array(6), localUs: 1 });
  queue.push({ bytes: new Uint8Array(8), localUs: 2 });
  queue.push({ bytes: new Uint8Array(9), localUs: 3 });
  queue.push({ bytes: new Uint8Array(4), localUs: 4 });
  queue.push({ bytes: new Uint8Array(1), localUs: 5 });
  queue.drain();
  expect(told).toEqual(['6@1', 'lost 2 (17)', '4@4', 'lost 1 (1)']);
});

test('a batch larger than the queue is told without waiting for another', async () => {
  const { queue, told } = queueOf(10);
  queue.push({ bytes: new Uint8Array(11), localUs: 1 });
  await expect.poll(() => told).toEqual(['lost 1 (11)']);
});

test('what was played makes room again, and a loss is told once', () => {
  const { queue, told } = queueOf(10);
  for (let round = 0; round < 3; round++) {
    queue.push({ bytes: new Uint8Array(10), localUs: round });
    queue.drain();
  }
  queue.drain();
  expect(told).toEqual(['10@0', '10@1', '10@2']);
});

test('a flood of batches is played in order, and those that come while it is played', () => {
  const played: number[] = [];
  const queue = new InboundQueue<Batch>({
    maxBytes: 1_000_000,
    take: ({ localUs }) => {
      played.push(localUs);
      if (localUs % 7_000 === 0 && localUs < 40_000)
        queue.push({ bytes: new Uint8Array(1), localUs: 40_000 + localUs });
    },
    onOverflow: () => expect.unreachable(),
  });
  const flood = Array.from({ length: 30_000 }, (_, index) => index);
  for (const localUs of flood) queue.push({ bytes: new Uint8Array(1), localUs });
  queue.drain();
  expect(played).toEqual([...flood, 40_000, 47_000, 54_000, 61_000, 68_000]);
  expect(queue.oldestUs).toBeUndefined();
});
