import { afterEach, describe, expect, test } from 'vitest';
import { ACCOUNT, type FeedRig, startRig } from './feed-rig.ts';

let rig: FeedRig;
afterEach(() => rig.close());

const settled = () => expect.poll(() => rig.same() && rig.whole, { timeout: 20_000 }).toBe(true);
const live = () => expect.poll(() => rig.condition, { timeout: 20_000 }).toBe('live');

describe('books and trades over a socket', () => {
  test('after 100,000 updates every level and every trade is the server’s', async () => {
    rig = await startRig();
    await expect.poll(() => rig.whole).toBe(true);
    await rig.server.run(56_000);
    await settled();
    const { tally } = rig.mapped.mapper;
    let updates = 0;
    for (const [symbol, sent] of rig.server.sent) {
      updates += tally.symbols.get(symbol)!.updates;
      expect(tally.symbols.get(symbol)!.updates).toBe(sent.updates + 1);
      expect(tally.symbols.get(symbol)!.trades).toBe(sent.trades);
      expect(rig.mapped.market(symbol).trades).toBe(sent.trades);
      const { depth } = rig.mapped.market(symbol);
      const best = rig.mapped.mapper.bookText(symbol, 10)!;
      const unit = 10 ** (symbol === 'BTC/USD' ? 1 : 5);
      expect([...depth.bidPrice]).toEqual(best.bids.map(([price]) => Math.round(Number(price) * unit)));
      expect([...depth.askSize]).toEqual(best.asks.map(([, qty]) => Math.round(Number(qty) * 1e8)));
    }
    expect(updates).toBeGreaterThan(100_000);
    expect(tally).toMatchObject({ gaps: 0, checksumFailures: 0 });
    expect(rig.faults).toEqual([]);
    await live();
  });

  test('books by order, with token and checksum, are the server’s', async () => {
    rig = await startRig(ACCOUNT, (server) => ({
      level3: { account: ACCOUNT, depth: 100, url: server.level3Url, restUrl: server.restUrl },
    }));
    await expect.poll(() => rig.whole).toBe(true);
    await rig.server.run(10_000);
    await settled();
    for (const [symbol, sent] of rig.server.sent) {
      expect(rig.mapped.mapper.tally.symbols.get(symbol)).toMatchObject({
        updates: sent.updates + 1,
        trades: sent.trades,
      });
      expect(rig.mapped.market(symbol).depthSchema).toBe('mbo');
    }
    expect(rig.mapped.mapper.tally).toMatchObject({ gaps: 0, checksumFailures: 0 });
    await live();
  });

  test('the venue’s word on the instruments makes the markets', async () => {
    rig = await startRig();
    await settled();
    expect(rig.mapped.market('XRP/USD').instrument).toMatchObject({
      venue: 'KRAKEN',
      tickNano: 10_000,
      tickSource: 'definition',
      lotDecimals: 8,
      quoteCurrency: 'USD',
      calendar: 'crypto',
    });
  });
});
