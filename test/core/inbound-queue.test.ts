import { expect, test } from 'vitest';
import { InboundQueue } from '../../main/core/inbound-queue.ts';

function queueOf(maxBytes: number): { queue: InboundQueue; told: string[] } {
  const told: string[] = [];
  const queue = new InboundQueue({
    maxBytes,
    take: ({ bytes, localUs }) => told.push(`${bytes.length}@${localUs}`),
    onOverflow: (batches, bytes) => told.push(`lost ${batches} (${bytes})`),
  });
  return { queue, told };
}

test('batches are played in order, in a turn of their own', async () => {
  const { queue, told } = queueOf(100);
  queue.push(new Uint8Array(3), 1);
  queue.push(new Uint8Array(4), 2);
  expect(told).toEqual([]);
  expect(queue.oldestUs).toBe(1);
  await expect.poll(() => told).toEqual(['3@1', '4@2']);
  expect(queue.oldestUs).toBeUndefined();
});

test('a loss is told at its place: after what came before it, before what came after', () => {
  const { queue, told } = queueOf(10);
  queue.push(new Uint8Array(6), 1);
  queue.push(new Uint8Array(8), 2);
  queue.push(new Uint8Array(9), 3);
  queue.push(new Uint8Array(4), 4);
  queue.push(new Uint8Array(1), 5);
  queue.drain();
  expect(told).toEqual(['6@1', 'lost 2 (17)', '4@4', 'lost 1 (1)']);
});

test('a batch larger than the queue is told without waiting for another', async () => {
  const { queue, told } = queueOf(10);
  queue.push(new Uint8Array(11), 1);
  await expect.poll(() => told).toEqual(['lost 1 (11)']);
});

test('what was played makes room again, and a loss is told once', () => {
  const { queue, told } = queueOf(10);
  for (let round = 0; round < 3; round++) {
    queue.push(new Uint8Array(10), round);
    queue.drain();
  }
  queue.drain();
  expect(told).toEqual(['10@0', '10@1', '10@2']);
});
