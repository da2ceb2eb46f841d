import { expect } from 'vitest';

/** Waits for what the page will show, for as long as a busy machine may need. */
export function eventually<T>(read: () => T | Promise<T>) {
  return expect.poll(read, { timeout: 10_000, interval: 30 });
}
