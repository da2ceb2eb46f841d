import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  openSettings,
  patchSettings,
  readSettings,
  SettingsError,
  settingsPath,
  writeSettings,
} from '../../../main/entry/setup/settings-file.ts';
import { DEFAULT_SETTINGS } from '../../../shared/settings.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-settings-'));
});

afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

describe('settings file', () => {
  test('the first run writes the safe defaults in full, for the owner alone', async () => {
    const defaults = { settings: DEFAULT_SETTINGS, unusable: undefined };
    expect(await openSettings(folder)).toEqual(defaults);
    expect(JSON.parse(readFileSync(settingsPath(folder), 'utf8'))).toEqual(DEFAULT_SETTINGS);
    expect(DEFAULT_SETTINGS.source.kind).toBe('simulated');
    if (process.platform !== 'win32') expect(statSync(settingsPath(folder)).mode & 0o777).toBe(0o600);
    expect(await openSettings(folder)).toEqual(defaults);
  });

  test('reading alone writes nothing', async () => {
    expect(await readSettings(folder)).toEqual(DEFAULT_SETTINGS);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ['{"risk": {"maxOrderLot": 3}}', /maxOrderLot/],
    ['{"feeds": {"kraken": {"depth": 11}}}', /feeds\.kraken\.depth/],
    ['{"feeds": {"kraken": {"url": "http://x"}}}', /feeds\.kraken\.url/],
    ['{"risk": ', /not JSON/],
  ])('a wrong file is refused with words that name the setting, and stays as it is: %s', async (text, words) => {
    writeFileSync(settingsPath(folder), text);
    const error = await readSettings(folder).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SettingsError);
    expect((error as Error).message).toMatch(words);
    expect((error as Error).message).toContain('settings.json');
    const opened = await openSettings(folder);
    expect(opened.settings).toEqual(DEFAULT_SETTINGS);
    expect(opened.unusable).toContain((error as Error).message);
    expect(opened.unusable).toMatch(/^Arming is refused.*the defaults hold.*Mend the file/);
    expect(readFileSync(settingsPath(folder), 'utf8')).toBe(text);
  });

  test('a file that went wrong leaves the settings of the last start in force, until it is sound', async () => {
    const changed = { ...DEFAULT_SETTINGS, capture: { record: false, keepSimulatedHours: 3 } };
    await writeSettings(folder, changed);
    await openSettings(folder);
    writeFileSync(settingsPath(folder), '{"risk": {"maxOrderLot": 3}}');
    const held = await openSettings(folder);
    expect(held.settings).toEqual(changed);
    expect(held.unusable).toMatch(/risk: there is no setting "maxOrderLot".*the settings of the last start hold/);
    expect((await openSettings(folder)).settings).toEqual(changed);
    writeFileSync(settingsPath(folder), '{"risk": {"maxOrderLots": 3}}');
    const { risk } = DEFAULT_SETTINGS;
    const mended = { ...DEFAULT_SETTINGS, risk: { ...risk, maxOrderLots: 3 } };
    expect(await openSettings(folder)).toEqual({ settings: mended, unusable: undefined });
  });

  test('a write replaces the whole file and leaves nothing beside it', async () => {
    await openSettings(folder);
    // What a kill in mid-write left behind is no obstacle.
    writeFileSync(`${settingsPath(folder)}.next`, '{"half');
    const changed = { ...DEFAULT_SETTINGS, capture: { record: false, keepSimulatedHours: 3 } };
    await writeSettings(folder, changed);
    expect(await readSettings(folder)).toEqual(changed);
    expect(readdirSync(folder).sort()).toEqual(['settings.json', 'state']);
  });

  test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'what cannot be written is one sentence, and the file before it stays',
    async () => {
      await openSettings(folder);
      chmodSync(folder, 0o500);
      await expect(writeSettings(folder, DEFAULT_SETTINGS)).rejects.toThrow(/settings\.json cannot be written/);
      expect(await readSettings(folder)).toEqual(DEFAULT_SETTINGS);
    },
  );

  test('a path that is no file is a sentence', async () => {
    const path = join(folder, 'nothing');
    writeFileSync(path, '');
    await expect(readSettings(path)).rejects.toBeInstanceOf(SettingsError);
  });
});

describe('changes laid over settings', () => {
  test.each([
    [{ risk: { riskPerTradePercent: 7 } }, 'at most 5'],
    [{ risk: { riskPerTradePercent: 0 } }, 'more than 0'],
    [{ risk: { maxOrderLots: 1.5 } }, 'a whole number is expected'],
    [{ risk: { maxOrderLots: 'x' } }, 'a number is expected'],
    [{ risk: { lots: 1 } }, 'there is no setting "lots"'],
  ])('what is wrong is said in words: %j', (patch, words) => {
    expect(patchSettings(DEFAULT_SETTINGS, patch)).toMatchObject({ issues: [{ words }] });
  });

  test('sections are merged, lists and values replaced', () => {
    const patched = patchSettings(DEFAULT_SETTINGS, {
      source: { kind: 'live' },
      feeds: { kraken: { symbols: ['ETH/USD'], depth: 25 } },
    });
    expect(patched).toMatchObject({
      settings: {
        source: { kind: 'live', seed: DEFAULT_SETTINGS.source.seed },
        feeds: { kraken: { enabled: true, symbols: ['ETH/USD'], depth: 25 }, ig: DEFAULT_SETTINGS.feeds.ig },
      },
    });
  });

  test.each([
    [{ risk: { riskPerTradePercent: 7 } }, 'risk.riskPerTradePercent'],
    [{ feeds: { binance: { url: 'https://x' } } }, 'feeds.binance.url'],
    [{ feeds: { databento: { key: 'secret' } } }, 'feeds.databento'],
    [{ nothing: 1 }, ''],
    [{ risk: null }, 'risk'],
    [{ risk: [1] }, 'risk'],
    [JSON.parse('{"__proto__": {"polluted": 1}}'), ''],
  ])('what is wrong is named by its path: %j', (patch, path) => {
    const patched = patchSettings(DEFAULT_SETTINGS, patch as Record<string, unknown>);
    expect(patched).toMatchObject({ issues: [{ path }] });
    expect(JSON.stringify(patched)).not.toContain('secret');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
