import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli, startCli } from './run-cli.ts';
import { VENUE_STANDS } from './venue-stands.ts';

const UPDATES = 3_000;
/** Longer than what is recorded may wait before it is written. */
const SETTLED_MS = 1_500;
/** Less than a second of a market that moves takes on disk. */
const HEARTBEAT_BYTES = 1_000;
const LIMITS = { timeout: 90_000 };

test.for(VENUE_STANDS)('record %s: what is on disk after SIGINT is read by every command', LIMITS, async ([, open]) => {
  const folder = mkdtempSync(join(tmpdir(), 'fathom-record-'));
  const stand = await open();
  try {
    const child = startCli(['record', ...stand.args, '--out', folder, '--json'], stand.environment);
    let out = '';
    child.stdout.on('data', (text: Buffer) => {
      out += text.toString();
    });
    const ended = new Promise<number | null>((done) => child.once('close', done));
    await expect.poll(() => stand.subscribed(), { timeout: 20_000 }).toBe(true);
    await stand.run(UPDATES);
    await expect.poll(() => captures(folder), { timeout: 20_000 }).toHaveLength(1);
    await expect.poll(settled(folder), { timeout: 40_000, interval: SETTLED_MS }).toBe(true);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    const report = JSON.parse(out);
    expect(report).toMatchObject({ lostBytes: 0, refusedFrames: 0 });

    const [file] = captures(folder);
    const summary = JSON.parse((await runCli(['inspect', file!])).out);
    expect(summary.instruments.length).toBeGreaterThan(0);
    const [first, again] = await Promise.all([
      runCli(['replay', '--hash', file!]),
      runCli(['replay', '--hash', file!]),
    ]);
    expect(first.out).toMatch(/^[0-9a-f]{64}\n$/);
    expect(again.out).toBe(first.out);
    const [bars, features, book] = await Promise.all(['bars', 'features', 'book'].map((name) => runCli([name, file!])));
    expect([bars!.code, features!.code, book!.code]).toEqual([0, 0, 0]);
    expect(bars!.out.split('\n').length).toBeGreaterThan(1);
    expect(features!.out.split('\n').length).toBeGreaterThan(100);
    const reported = report.symbols[stand.symbol];
    const inside = JSON.parse(book!.out);
    expect(inside.bids[0].price).toBe(Number(reported.bids[0][0]));
    expect(inside.asks[0].price).toBe(Number(reported.asks[0][0]));
  } finally {
    await stand.close();
    rmSync(folder, { recursive: true });
  }
});

/** Whether no more than heartbeats was written since it was asked last: everything that was sent has been taken in. */
function settled(folder: string): () => boolean {
  let before = 0;
  return () => {
    const bytes = captures(folder).reduce((sum, path) => sum + statSync(path).size, 0);
    const quiet = before > 0 && bytes - before < HEARTBEAT_BYTES;
    before = bytes;
    return quiet;
  };
}

function captures(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.zst'))
    .map((name) => join(folder, name));
}
