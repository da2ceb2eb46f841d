import { describe, expect, test } from 'vitest';
import type { VenueReport } from '../../main/entry/venues/headless-venue.ts';
import { DatabentoGateway } from '../venues/databento-gateway.ts';
import { runCli, startCli } from './run-cli.ts';
import { DATABENTO_KEY, VENUE_STANDS } from './venue-stands.ts';

/** The venues' own tests go further; here five processes share the machine. */
const UPDATES = 20_000;

describe('live --json, when the server has closed for good', () => {
  test.concurrent.for(VENUE_STANDS)(
    '%s: the books are the server’s after many updates',
    { timeout: 90_000 },
    async ([, open]) => {
      const stand = await open();
      const child = startCli(['live', ...stand.args, '--json'], stand.environment);
      let out = '';
      let err = '';
      child.stdout.on('data', (text: Buffer) => {
        out += text.toString();
      });
      child.stderr.on('data', (text: Buffer) => {
        err += text.toString();
      });
      const ended = new Promise<number | null>((done) => child.once('close', done));
      await expect.poll(() => stand.subscribed(), { timeout: 20_000 }).toBe(true);
      await stand.run(UPDATES);
      const book = stand.book();
      await stand.close();
      const code = await ended;
      expect(err).not.toContain('Error');
      const lines = out.trimEnd().split('\n');
      expect(lines).toHaveLength(1);
      const report = JSON.parse(lines[0]!) as VenueReport;
      const { bids, asks, updates, trades } = report.symbols[stand.symbol]!;
      expect({ bids, asks }).toEqual(book);
      // What traded before the first snapshot may be left out; nothing may be counted twice.
      expect(trades).toBeLessThanOrEqual(stand.trades());
      expect(trades).toBeGreaterThanOrEqual(stand.trades() * 0.95);
      expect(updates).toBeGreaterThan(UPDATES / 2);
      expect(report).toMatchObject({ checksumFailures: 0, refusedFrames: 0 });
      expect(code).toBe(0);
    },
  );
});

test('a wrong key ends it with words that name the setting, and never the key', async () => {
  const gateway = await DatabentoGateway.listen({ key: DATABENTO_KEY });
  const wrong = 'db-wrongkey0123456789012345678901';
  try {
    const { code, out, err } = await runCli(
      ['live', '--venue', 'databento', '--symbols', '6E.v.0', '--url', gateway.url, '--json'],
      { DATABENTO_API_KEY: wrong },
    );
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ state: 'bad-credentials' });
    expect(err).toContain('DATABENTO_API_KEY');
    expect(out + err).not.toContain(wrong);
  } finally {
    await gateway.close();
  }
});

test('an address or a venue that cannot be is said so before anything is connected', async () => {
  const bad = await runCli(['live', '--venue', 'kraken', '--symbols', 'BTC/USD', '--url', 'nowhere']);
  expect(bad).toMatchObject({ code: 2, out: '' });
  expect(bad.err).toContain('nowhere');
  const depth = await runCli(['live', '--venue', 'kraken', '--symbols', 'BTC/USD', '--depth', '7']);
  expect(depth).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^fathom: feeds\.kraken\.depth: .*10\|25\|100.*\n$/),
  });
  const foreign = await runCli(['live', '--venue', 'coinbase', '--symbols', 'BTC-USD', '--depth', '10']);
  expect(foreign).toMatchObject({ code: 2, err: 'fathom: --depth means nothing to coinbase; leave it out\n' });
  const schema = await runCli(['live', '--venue', 'kraken', '--symbols', 'BTC/USD', '--schema', 'mbo']);
  expect(schema).toMatchObject({ code: 2, err: expect.stringContaining('--schema mbo is not one of kraken') });
  expect((await runCli(['live', '--venue', 'nyse', '--symbols', 'X'])).code).toBe(2);
  expect((await runCli(['live', '--venue', 'kraken'])).code).toBe(2);
});
