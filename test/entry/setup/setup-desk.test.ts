import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CommandDesk } from '../../../main/core/publisher/command-desk.ts';
import { environmentKeys } from '../../../main/entry/setup/feed-keys.ts';
import { KeyDesk } from '../../../main/entry/setup/key-desk.ts';
import { openSettings, readSettings, settingsPath } from '../../../main/entry/setup/settings-file.ts';
import { type SetupCommand, SetupDesk } from '../../../main/entry/setup/setup-desk.ts';
import { DEFAULT_SETTINGS } from '../../../shared/settings.ts';

const SECRET = 'kraken-Sup3rSecret0123456789==';
let folder: string;
let restarts: number;
let inMarket: string | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-setup-'));
  restarts = 0;
  inMarket = undefined;
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Commands as a page sends them, through the desk that checks their shape. */
async function openDesk(fixed?: string) {
  const held = new Map();
  const keys = new KeyDesk(
    environmentKeys({ DATABENTO_API_KEY: SECRET }),
    {
      place: 'keyring',
      held,
      trouble: async () => undefined,
      keep: async () => undefined,
      forget: async () => undefined,
    },
    () => 7,
  );
  const { settings: running, unusable } = await openSettings(folder);
  const setup = new SetupDesk({
    folder,
    running,
    unusable,
    keys,
    checkVendor: async (vendor, settings, keys) => ({
      vendor,
      state: keys('KRAKEN_API_KEY') === SECRET ? 'ok' : 'not configured',
      words: settings.feeds.kraken.url,
    }),
    fixed,
    restart: () => {
      restarts++;
    },
  });
  const commands = new CommandDesk((name, params) => setup.command(name as SetupCommand, params, () => inMarket));
  let id = 0;
  return (name: string, params: unknown) => commands.answer(`command-${++id}`, name, params);
}

test('reads the file and where keys are held, never a key', async () => {
  const send = await openDesk();
  const answer = await send('settingsRead', {});
  expect(answer).toMatchObject({
    ok: true,
    value: {
      settings: DEFAULT_SETTINGS,
      file: settingsPath(folder),
      unusable: '',
      keysRefused: '',
      keysChanged: false,
    },
  });
  expect(JSON.stringify(answer)).not.toContain(SECRET);
  expect(JSON.stringify(answer)).toContain('"place":"environment"');
});

test('a change is checked without being written, then written, and the engine starts anew', async () => {
  const send = await openDesk();
  const wrong = { patch: { feeds: { kraken: { depth: 12 } }, risk: { maxSpreadPips: -1 } } };
  expect(await send('settingsCheck', wrong)).toMatchObject({
    ok: true,
    value: { issues: [{ path: 'feeds.kraken.depth' }, { path: 'risk.maxSpreadPips' }] },
  });
  expect(await send('settingsWrite', wrong)).toMatchObject({
    ok: false,
    code: 'invalid',
    words: expect.stringContaining('feeds.kraken.depth'),
  });
  expect(await readSettings(folder)).toEqual(DEFAULT_SETTINGS);
  const right = { patch: { source: { kind: 'live' }, feeds: { kraken: { depth: 25 } } } };
  expect(await send('settingsWrite', right)).toMatchObject({ ok: true, value: { restarts: true } });
  expect(await readSettings(folder)).toMatchObject({ source: { kind: 'live' }, feeds: { kraken: { depth: 25 } } });
  expect(restarts).toBe(0);
  await expect.poll(() => restarts).toBe(1);
});

test('what changes nothing does not restart', async () => {
  const send = await openDesk();
  expect(await send('settingsWrite', { patch: {} })).toMatchObject({ ok: true, value: { restarts: false } });
});

test('the source is not changed while the trader is in the market, other settings are', async () => {
  const send = await openDesk();
  inMarket = '2 deals are open';
  expect(await send('settingsWrite', { patch: { source: { kind: 'live' } } })).toMatchObject({
    ok: false,
    code: 'refused',
    words: expect.stringMatching(/2 deals are open.*simulated market.*flat.*live venues/),
  });
  expect(await readSettings(folder)).toEqual(DEFAULT_SETTINGS);
  expect(await send('settingsWrite', { patch: { risk: { maxOrderLots: 3 } } })).toMatchObject({ ok: true });
});

test('what was written by hand is kept, and a file that is wrong is not overwritten', async () => {
  const send = await openDesk();
  writeFileSync(settingsPath(folder), '{"risk": {"maxPositionLots": 7}}');
  await send('settingsWrite', { patch: { risk: { maxOrderLots: 3 } } });
  expect((await readSettings(folder)).risk).toMatchObject({ maxPositionLots: 7, maxOrderLots: 3 });
  writeFileSync(settingsPath(folder), '{"risk": {"maxPositionLot": 7}}');
  expect(await send('settingsWrite', { patch: { risk: { maxOrderLots: 4 } } })).toMatchObject({
    ok: false,
    words: expect.stringContaining('maxPositionLot'),
  });
  expect(readFileSync(settingsPath(folder), 'utf8')).toBe('{"risk": {"maxPositionLot": 7}}');
});

test('a file that the engine could not start with is replaced by a save, and kept', async () => {
  const wrong = '{"risk": {"maxPositionLot": 7}}';
  writeFileSync(settingsPath(folder), wrong);
  const send = await openDesk();
  expect(await send('settingsRead', {})).toMatchObject({
    ok: true,
    value: { settings: DEFAULT_SETTINGS, unusable: expect.stringContaining('maxPositionLot') },
  });
  expect(await send('settingsWrite', { patch: { risk: { maxOrderLots: 4 } } })).toMatchObject({
    ok: true,
    value: { restarts: true, words: expect.stringContaining('settings.unusable.json') },
  });
  expect((await readSettings(folder)).risk.maxOrderLots).toBe(4);
  expect(readFileSync(join(folder, 'settings.unusable.json'), 'utf8')).toBe(wrong);
});

test('one that was mended by hand is taken up by a save that changes nothing', async () => {
  writeFileSync(settingsPath(folder), '{"risk": {"maxPositionLot": 7}}');
  const send = await openDesk();
  writeFileSync(settingsPath(folder), '{"risk": {"maxPositionLots": 7}}');
  expect(await send('settingsWrite', { patch: {} })).toMatchObject({ ok: true, value: { restarts: true } });
  expect((await readSettings(folder)).risk.maxPositionLots).toBe(7);
  expect(existsSync(join(folder, 'settings.unusable.json'))).toBe(false);
});

test('nothing is changed from a replay', async () => {
  const send = await openDesk('A recording is being replayed.');
  expect(await send('settingsWrite', { patch: { risk: { maxOrderLots: 3 } } })).toMatchObject({
    ok: false,
    code: 'not-now',
  });
});

test('a key goes in and never comes back, whatever is answered', async () => {
  const send = await openDesk();
  const answers = [
    await send('keySet', { name: 'KRAKEN_API_KEY', value: SECRET }),
    await send('settingsRead', {}),
    await send('testConnection', { vendor: 'kraken', patch: { feeds: { kraken: { url: 'ws://127.0.0.1:1' } } } }),
    await send('keySet', { name: 'DATABENTO_API_KEY', value: SECRET }),
    await send('keySet', { name: 'NO_SUCH_KEY', value: SECRET }),
    await send('keySet', { name: 'KRAKEN_API_KEY', value: SECRET.repeat(40) }),
    await send('keySet', { name: 'KRAKEN_API_KEY', valeu: SECRET }),
    await send('settingsWrite', { patch: { feeds: { kraken: { key: SECRET } } } }),
    await send('settingsWrite', { patch: {} }),
    await send('keyForget', { name: 'KRAKEN_API_KEY' }),
  ];
  expect(JSON.stringify(answers)).not.toContain(SECRET);
  expect(answers.map(({ ok }) => ok)).toEqual([true, true, true, false, false, false, false, false, true, true]);
  expect(answers[2]).toMatchObject({ value: { state: 'ok', words: 'ws://127.0.0.1:1' } });
  expect(answers[8]).toMatchObject({ value: { restarts: true } });
});
