import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { playRecording } from '../../main/entry/offline/offline-run.ts';
import { OfflineTerminal } from '../../main/entry/offline/offline-terminal.ts';
import { venuePlan } from '../../main/entry/venues/venues.ts';
import { openRecording } from '../../main/feeds/replay/open-recording.ts';
import { DEFAULT_SETTINGS, settingsSchema } from '../../shared/settings.ts';
import { IG_LOGIN, IgServer } from '../venues/ig-server.ts';
import { liveSession } from './live-session.ts';

const EURUSD = 'CS.D.EURUSD.CFD.IP';
const KEYS: Readonly<Record<string, string>> = {
  IG_API_KEY: IG_LOGIN.apiKey,
  IG_IDENTIFIER: IG_LOGIN.identifier,
  IG_PASSWORD: IG_LOGIN.password,
};
let folder: string;
let server: IgServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-ig-'));
  server = await IgServer.start();
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

test('an IG session that was recorded live, with a login anew in between, replays to the hash that it had', async () => {
  const settings = settingsSchema.parse({ feeds: { ig: { url: server.url, symbols: ['EURUSD', 'USD/JPY'] } } });
  const session = liveSession([venuePlan('ig', settings, (name) => KEYS[name])], folder);
  const [line] = session.lines;
  let bid = 115_000;
  const quotes = async (count: number) => {
    for (let i = 0; i < count; i++) {
      bid += (i % 7) - 3;
      const price = (ticks: number) => (ticks / 1e5).toFixed(5);
      server.quote(EURUSD, {
        BIDPRICE1: price(bid),
        ASKPRICE1: i % 40 === 39 ? null : price(bid + 6),
        BIDSIZE1: String(1_000 + i),
        ASKSIZE1: '500',
        TIMESTAMP: String(1_795_003_200_000 + bid),
        DLG_FLAG: i % 100 === 50 ? 'SUSPEND' : 'DEAL',
      });
    }
    const best = () => line!.mapper.bookText('EURUSD', 1)?.bids[0]?.[0];
    await expect.poll(best, { timeout: 10_000 }).toBe((bid / 1e5).toFixed(5));
  };
  await quotes(50);
  await quotes(500);
  server.stream.end(48, 'too old');
  await expect.poll(() => line!.feed.reconnects, { timeout: 10_000 }).toBe(1);
  await quotes(500);
  const hash = await session.end();
  expect(session.faults).toEqual([]);
  expect(line!.mapper.tally).toMatchObject({ gaps: 1, recordCounts: { market: 2 } });

  const captures = readdirSync(folder).filter((name) => name.endsWith('.zst'));
  const replayed = new OfflineTerminal(DEFAULT_SETTINGS);
  const recording = openRecording(
    captures.map((name) => join(folder, name)),
    replayed.engine,
  );
  await playRecording(recording, { stop: new AbortController().signal });
  replayed.finish();
  expect(replayed.hash.hex()).toBe(hash);
  expect(replayed.engine.inputSequence).toBe(session.terminal.engine.inputSequence);
  for (const name of readdirSync(folder)) {
    expect(readFileSync(join(folder, name)).toString('latin1')).not.toMatch(/secret-\d|pa55-word|trader\.jane|c0ffee/);
  }
});
