import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    environment: 'node',
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Many tests wait for sockets, timers and other processes: with one more than two cores can run, neither idles.
    maxWorkers: 3,
    // What the tests start (engines, command lines, workers) is compiled once, not each time.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules', '.cache', 'node') },
    // Conditions over sockets and processes are waited for, however busy the machine is.
    expect: { poll: { timeout: 15_000 } },
  },
});
