import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { environmentKeys } from '../../../main/entry/setup/feed-keys.ts';
import { checkAllVendors, checkVendor } from '../../../main/entry/venues/vendor-checks.ts';
import { type Settings, settingsSchema } from '../../../shared/settings.ts';
import { VENDORS, type Vendor } from '../../../shared/vendors.ts';
import { DatabentoGateway } from '../../venues/databento-gateway.ts';
import { IG_LOGIN, IgServer } from '../../venues/ig-server.ts';
import { KrakenServer } from '../../venues/kraken-server.ts';
import { VENUE_STANDS } from '../venue-stands.ts';

const SECRET = 'Sup3rSecretKey0123456789ABCDEFFF';
const settingsWith = (vendor: Vendor, feed: object): Settings => settingsSchema.parse({ feeds: { [vendor]: feed } });
const check = (vendor: Vendor, feed: object, environment: NodeJS.ProcessEnv = {}) =>
  checkVendor(vendor, settingsWith(vendor, feed), environmentKeys(environment));

/** What is told of each: also outside the hours of its market. */
const SEEN = {
  kraken: /books and trades of BTC\/USD flow · first message after \d+ ms/,
  binance: /depth .*first message after \d+ ms/,
  coinbase: /depth and trades .*first message after \d+ ms/,
  databento: /live · first message|connected; market closed until/,
  ig: /account CFD \(CFD, USD\) on demo · (Prices of EUR\/USD|connected; )/,
} as const;

describe.each(VENUE_STANDS)('%s', (vendor, open) => {
  test('is ok with what was seen of it, and is let go again', { timeout: 30_000 }, async () => {
    const stand = await open();
    const asked = check(vendor, stand.settings, stand.environment);
    let moving = true;
    const moved = (async () => {
      while (moving) {
        if (stand.subscribed()) await stand.run(300);
        await new Promise((next) => setImmediate(next));
      }
    })();
    const finding = await asked;
    moving = false;
    await moved;
    expect(finding).toMatchObject({ vendor, state: 'ok' });
    expect(finding.words).toMatch(SEEN[vendor]);
    await stand.close();
  });
});

describe('a vendor that is not configured', () => {
  test('says which key is missing', async () => {
    expect(await check('databento', {})).toEqual({
      vendor: 'databento',
      state: 'not configured',
      words: 'set DATABENTO_API_KEY',
    });
    expect(await check('ig', {}, { IG_API_KEY: SECRET })).toMatchObject({ words: 'set IG_IDENTIFIER, IG_PASSWORD' });
    expect(await check('kraken', { level3: true })).toMatchObject({ words: 'set KRAKEN_API_KEY, KRAKEN_API_SECRET' });
    expect(await check('insightsentry', {})).toMatchObject({
      state: 'not configured',
      words: 'set INSIGHTSENTRY_API_KEY',
    });
  });
});

/** A port that was free a moment ago. */
async function portOfNobody(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

describe('a vendor that fails', () => {
  test('says that nothing listens, at once and of all vendors together', async () => {
    const host = `127.0.0.1:${await portOfNobody()}`;
    const none = `ws://${host}`;
    const rest = `http://${host}`;
    const settings = settingsSchema.parse({
      feeds: {
        databento: { url: `tcp://${host}` },
        ig: { url: rest },
        kraken: { url: none, restUrl: rest },
        binance: { url: none, restUrl: rest },
        coinbase: { url: none, restUrl: rest },
        insightsentry: { url: rest },
      },
    });
    const findings = await checkAllVendors(settings, () => SECRET);
    expect(findings.map(({ vendor }) => vendor)).toEqual(VENDORS);
    for (const { vendor, state, words } of findings) {
      expect(`${vendor} ${state}`).toBe(`${vendor} failing`);
      // Over the weekend IG's own site is down, and the feed says that instead.
      expect(words, vendor).toMatch(
        vendor === 'ig' ? /ECONNREFUSED|site is down/ : /ECONNREFUSED: nothing listens at the address/,
      );
      expect(words, vendor).toContain(`feeds.${vendor}`);
      expect(words).not.toMatch(/next attempt|trying again/);
      expect(words).not.toContain(SECRET);
    }
  }, 20_000);

  test('says that the name is not known', async () => {
    const { words } = await check('kraken', { url: 'ws://no-such-host.invalid/v2' });
    expect(words).toMatch(/ENOTFOUND|EAI_AGAIN/);
    expect(words).toContain('DNS');
  }, 20_000);

  test('says that the key was refused, without the key', async () => {
    const gateway = await DatabentoGateway.listen({ key: 'db-anotherKey567890123456789012', resolve: () => [] });
    const databento = await check('databento', { url: gateway.url }, { DATABENTO_API_KEY: SECRET });
    expect(databento).toMatchObject({ state: 'failing', words: expect.stringContaining('DATABENTO_API_KEY') });
    expect(databento.words).not.toContain(SECRET);
    await gateway.close();

    const server = await IgServer.start();
    const ig = await check(
      'ig',
      { url: server.url, symbols: ['CS.D.EURUSD.CFD.IP'] },
      { IG_API_KEY: IG_LOGIN.apiKey, IG_IDENTIFIER: IG_LOGIN.identifier, IG_PASSWORD: SECRET },
    );
    expect(ig).toMatchObject({ state: 'failing', words: expect.stringMatching(/IG_PASSWORD|IG_IDENTIFIER/) });
    expect(ig.words).not.toContain(SECRET);
    await server.close();
  }, 20_000);

  test('says with which status it was turned away', async () => {
    const server = await KrakenServer.listen({
      pairs: [{ symbol: 'BTC/USD', priceDecimals: 1, qtyDecimals: 8, start: 600_000 }],
    });
    server.refusal = { status: 503, times: 100 };
    const { state, words } = await check('kraken', { url: server.url });
    expect(`${state} ${words}`).toMatch(/failing .*503/);
    await server.close();
  }, 20_000);

  test('says of a key for news that it was refused', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' }).end(`{"message": "no such key ${SECRET}"}`);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { state, words } = await check('insightsentry', { url }, { INSIGHTSENTRY_API_KEY: SECRET });
    expect(`${state} ${words}`).toMatch(/failing .*401.*INSIGHTSENTRY_API_KEY/);
    expect(words).not.toContain(SECRET);
    server.close();
  }, 20_000);
});
