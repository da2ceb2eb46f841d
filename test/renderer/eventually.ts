import { expect } from 'vitest';

/** Waits for what the page will show, for as long as a busy machine may need. */
export const eventually: typeof expect.poll = (read, options) =>
  expect.poll(read, { timeout: 10_000, interval: 30, ...options });
