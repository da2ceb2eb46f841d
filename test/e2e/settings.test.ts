import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROTOCOL_VERSION } from '../../shared/contract/protocol.ts';
import type { DEFAULT_SETTINGS } from '../../shared/settings.ts';
import { DatabentoGateway } from '../venues/databento-gateway.ts';
import { KrakenServer } from '../venues/kraken-server.ts';
import { type Desk, openDesk } from './desk.ts';
import { type ServedTerminal, serveTerminal } from './served-terminal.ts';

const SYMBOL = 'BTC/USD';
/** Keys in every way that there is: from the environment, and typed into the page. */
const SECRETS = {
  environment: 'db-3nvironmentSecret0123456789FF',
  typed: 'typ3dSecretOfTheTrader0123456789',
} as const;

let kraken: KrakenServer;
let databento: DatabentoGateway;
let terminal: ServedTerminal;
let desk: Desk;

beforeAll(async () => {
  kraken = await KrakenServer.listen({
    pairs: [{ symbol: SYMBOL, priceDecimals: 1, qtyDecimals: 8, start: 600_000 }],
    key: 'known',
    secret: 'c2VjcmV0',
  });
  // It knows another key, so the one of the environment is refused in words.
  databento = await DatabentoGateway.listen({ key: 'db-anotherKey567890123456789012', resolve: () => [] });
  const environment = {
    DATABENTO_API_KEY: SECRETS.environment,
    // No keyring is to be found, whatever runs on this machine.
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus',
  };
  terminal = await serveTerminal(
    {
      signal: { minRemainingPips: 1000 },
      proposal: { stopSpreadFactor: 30, expiryMs: 20_000 },
      feeds: {
        kraken: { url: kraken.url, symbols: [SYMBOL], depth: 25 },
        databento: { enabled: true, url: databento.url },
      },
    },
    [],
    environment,
  );
  desk = await openDesk(terminal.url, 1440, 900);
}, 60_000);

afterAll(async () => {
  await desk?.close();
  await terminal?.stop();
  await kraken?.close();
  await databento?.close();
});

const dialog = () => desk.page.getByRole('dialog', { name: 'Settings' });

/** Presses Tab until the control of this name has the focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let step = 0; step < 150; step++) {
    await page.keyboard.press('Tab');
    const label = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement | null;
      return element?.getAttribute('aria-label') ?? element?.labels?.[0]?.textContent ?? element?.textContent ?? '';
    });
    if (name.test(label)) return;
  }
  throw new Error(`no control ${name} was reached by Tab`);
}

async function openSettings(): Promise<void> {
  await desk.page.keyboard.press('Control+Comma');
  await dialog()
    .getByRole('radio', { name: /Simulated/ })
    .waitFor();
}

async function save(): Promise<void> {
  await tabTo(desk.page, /^Save/);
  await desk.page.keyboard.press('Enter');
}

function savedSettings(): typeof DEFAULT_SETTINGS {
  return JSON.parse(readFileSync(join(terminal.folder, 'settings.json'), 'utf8'));
}

/** Every byte that lies in the data folder, as text. */
function everyFile(): string {
  return readdirSync(terminal.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

test('the source is not changed while a deal is open, and the words say so', { timeout: 60_000 }, async () => {
  const { page } = desk;
  await page.keyboard.press('Space');
  await desk.paneShows('Ticket', /(?<!DIS)ARMED/);
  await page.keyboard.press('b');
  await desk.paneShows('Ticket', /BUY\s*EUR\/USD/);
  await expect
    .poll(
      async () => {
        await page.keyboard.press('Enter');
        return desk.pane('Positions');
      },
      { timeout: 15_000, interval: 400 },
    )
    .toMatch(/Long 1/);
  await openSettings();
  await tabTo(page, /^Simulated/);
  await page.keyboard.press('ArrowDown');
  await save();
  await dialog()
    .getByText(/1 deal is open.*must be flat/)
    .waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });
  expect(savedSettings().source).toBeUndefined();
});

test('another setting is taken up by a restart that keeps the deal and disarms', { timeout: 60_000 }, async () => {
  const { page } = desk;
  await openSettings();
  await dialog().getByRole('tab', { name: 'Market data' }).focus();
  await page.keyboard.press('ArrowDown');
  await tabTo(page, /^Largest order/);
  await page.keyboard.press('Control+a');
  await page.keyboard.type('7');
  await save();
  await dialog().waitFor({ state: 'detached' });
  await expect.poll(() => terminal.said(), { timeout: 20_000 }).toContain('The engine is back.');
  await desk.paneShows('Ticket', /DISARMED/);
  await desk.paneShows('Positions', /Long 1/);
  await page.locator('[data-pane="Ladder"][data-state="live"]').waitFor({ timeout: 20_000 });
  expect(savedSettings().risk.maxOrderLots).toBe(7);
  expect(terminal.said()).not.toContain('died');
  await page.keyboard.press('f');
  await desk.paneShows('Positions', /Flat\./);
});

test('a key typed into the page is refused where no keyring is, and is nowhere afterwards', {
  timeout: 60_000,
}, async () => {
  const { page } = desk;
  await openSettings();
  await dialog()
    .getByText(/keyring of the operating system cannot be used.*environment variables/)
    .waitFor({ timeout: 10_000 });
  await desk.picture('settings-without-keyring');
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });
  const answer = await page.evaluate(
    async ({ value, protocol }) => {
      const line = new WebSocket(`ws://${location.host}/engine`);
      await new Promise((opened) => line.addEventListener('open', opened));
      line.send(JSON.stringify({ kind: 'hello', protocol }));
      const params = { name: 'KRAKEN_API_KEY', value };
      line.send(JSON.stringify({ kind: 'command', id: 'key-by-hand', name: 'keySet', params }));
      return new Promise<string>((answered) => {
        line.addEventListener('message', ({ data }) => {
          if (typeof data === 'string' && data.includes('key-by-hand')) answered(data);
        });
      });
    },
    { value: SECRETS.typed, protocol: PROTOCOL_VERSION },
  );
  expect(JSON.parse(answer)).toMatchObject({
    ok: false,
    code: 'refused',
    words: expect.stringContaining('environment variable KRAKEN_API_KEY'),
  });
  expect(answer).not.toContain(SECRETS.typed);
});

test('live venues by keyboard: tried, saved, the engine starts anew and shows the coin', {
  timeout: 90_000,
}, async () => {
  const { page } = desk;
  await openSettings();
  await tabTo(page, /^Simulated/);
  await page.keyboard.press('ArrowDown');
  await dialog()
    .getByText(/Saving connects this computer to Kraken \(BTC\/USD\), Databento/)
    .waitFor();
  await tabTo(page, /^Test connection to Kraken/);
  await page.keyboard.press('Enter');
  await dialog()
    .getByRole('region', { name: 'Kraken' })
    .getByText(/books and trades of BTC\/USD flow · first message after \d+ ms/)
    .waitFor({ timeout: 15_000 });
  await tabTo(page, /^Test connection to Databento/);
  await page.keyboard.press('Enter');
  await dialog().getByRole('region', { name: 'Databento' }).getByText('failing').waitFor({ timeout: 15_000 });
  await desk.picture('settings-live');
  await save();
  await dialog().waitFor({ state: 'detached' });
  await page.locator('.mode-word', { hasText: 'PAPER' }).waitFor({ timeout: 20_000 });
  await expect.poll(() => kraken.subscribed(SYMBOL), { timeout: 20_000 }).toBe(true);
  await kraken.run(2_000);
  await page.locator('[data-pane="Ladder"][data-state="live"]').waitFor({ timeout: 20_000 });
  await page.locator('.link-name', { hasText: SYMBOL }).waitFor();
  await desk.paneShows('Ticket', /No execution instrument is linked to BTC\/USD/);
  const { bids, asks } = kraken.rows(SYMBOL, 1);
  await expect.poll(() => quoteOnPage(page), { timeout: 20_000 }).toEqual([bids[0]![0], asks[0]![0]]);
  for (const [width, height] of [
    [1280, 720],
    [1440, 900],
  ] as const) {
    await page.setViewportSize({ width, height });
    await kraken.run(500);
    await desk.picture(`live-coin-${width}`);
  }
  await page.keyboard.press('Shift+H');
  const health = page.getByRole('dialog', { name: 'Health' });
  await health.getByText(/DATABENTO_API_KEY/).waitFor({ timeout: 15_000 });
  expect(await health.innerText()).toMatch(/GLBX\s+bad credentials/);
  await desk.picture('live-health');
  await page.keyboard.press('Escape');
  expect(savedSettings()).toMatchObject({ source: { kind: 'live' }, feeds: { kraken: { depth: 25 } } });
  if (process.platform !== 'win32') expect(statSync(join(terminal.folder, 'settings.json')).mode & 0o777).toBe(0o600);
  expect(terminal.said()).toContain('started anew, as was asked for');
  expect(terminal.said()).not.toContain('died');
});

test('and back to the simulated market', { timeout: 60_000 }, async () => {
  const { page } = desk;
  await openSettings();
  await tabTo(page, /^Live venues/);
  await page.keyboard.press('ArrowUp');
  await save();
  await page.locator('.mode-word', { hasText: 'SIMULATED' }).waitFor({ timeout: 20_000 });
  await page.locator('[data-pane="Ladder"][data-state="live"]').waitFor({ timeout: 20_000 });
  await page.locator('.link-name', { hasText: 'EUR/USD' }).waitFor();
  await expect.poll(() => kraken.clients).toBe(0);
});

test('a file that cannot be used keeps nobody from the screen: it says how to mend it, and a save does', {
  timeout: 90_000,
}, async () => {
  const { page } = desk;
  const path = join(terminal.folder, 'settings.json');
  const before = savedSettings();
  const wrong = JSON.stringify({ ...before, risk: { ...before.risk, maxOrderLot: 9 } });
  writeFileSync(path, wrong);
  process.kill(terminal.enginePid()!, 'SIGKILL');
  const notice = page.locator('.notice-words', { hasText: 'Arming is refused' });
  await notice.waitFor({ timeout: 20_000 });
  expect(await notice.innerText()).toMatch(/risk: there is no setting "maxOrderLot".*last start hold.*Mend the file/);
  await page.locator('[data-pane="Ladder"][data-state="live"]').waitFor({ timeout: 20_000 });
  await page.keyboard.press('Space');
  await page.locator('.refusal-words', { hasText: 'Arming is refused' }).waitFor();
  await desk.paneShows('Ticket', /DISARMED/);
  await desk.picture('settings-unusable');
  await openSettings();
  await dialog()
    .getByText(/there is no setting "maxOrderLot"/)
    .waitFor();
  await desk.picture('settings-unusable-dialog');
  await save();
  await dialog().waitFor({ state: 'detached' });
  await notice.waitFor({ state: 'detached', timeout: 20_000 });
  expect(savedSettings()).toEqual(before);
  expect(readFileSync(join(terminal.folder, 'settings.unusable.json'), 'utf8')).toBe(wrong);
  await page.locator('[data-pane="Ladder"][data-state="live"]').waitFor({ timeout: 20_000 });
  await expect
    .poll(
      async () => {
        await page.keyboard.press('Space');
        return desk.pane('Ticket');
      },
      { timeout: 15_000, interval: 400 },
    )
    .toMatch(/(?<!DIS)ARMED/);
  await page.keyboard.press('Space');
  await desk.paneShows('Ticket', /DISARMED/);
});

test('no key is in any file, on the page, or in what was said', { timeout: 30_000 }, async () => {
  const seen = [await desk.page.content(), await desk.page.locator('body').innerText(), terminal.said(), everyFile()];
  await terminal.end();
  seen.push(everyFile(), terminal.said());
  for (const secret of Object.values(SECRETS)) for (const text of seen) expect(text).not.toContain(secret);
});

/** Best bid and ask as the page writes them. */
async function quoteOnPage(page: Page): Promise<readonly string[]> {
  const texts = await page.locator('.spot-quote .display').allInnerTexts();
  return texts.map((text) => text.replaceAll(/[^\d.]/g, ''));
}
