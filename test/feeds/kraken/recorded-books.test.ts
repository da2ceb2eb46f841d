import { describe, expect, test } from 'vitest';
import { haveFixtures, readFixture } from '../../fixtures.ts';
import { cbcapFrames } from './cbcap.ts';
import { MapperRig } from './mapper-rig.ts';
import { PlainBook } from './plain-book.ts';

const read = (path: string) => Buffer.from(readFixture(path)).toString('utf8');

describe.skipIf(!haveFixtures)('checksums of the documentation', () => {
  test('the worked example of the book channel', () => {
    const example = JSON.parse(read('kraken/docs_examples/kraken_ws2_book_checksum_doc_example.json'));
    const rig = new MapperRig();
    rig.message(example.frame_verbatim_numbers);
    expect(example.expected_checksum).toBe(3310070434);
    expect(rig.mapper.tally.checksumFailures).toBe(0);
    expect(rig.mapper.bookText('BTC/USD', 1)).toEqual({
      bids: [['45283.5', '0.10000000']],
      asks: [['45285.2', '0.00100000']],
    });
    const wrong = new MapperRig();
    wrong.message(example.frame_verbatim_numbers.replace('3310070434', '3310070435'));
    expect(wrong.mapper.tally.checksumFailures).toBe(1);
    expect(wrong.mapper.bookText('BTC/USD', 1)).toBeUndefined();
  });

  test('the worked example of the level3 channel', () => {
    const example = JSON.parse(read('kraken/docs_examples/kraken_ws2_level3_checksum_doc_example.json'));
    const rig = new MapperRig();
    rig.message(example.frame_verbatim_numbers, 'level3');
    expect(example.expected_checksum).toBe(1063832831);
    expect(rig.mapper.tally.checksumFailures).toBe(0);
    const market = rig.market('BTC/USD');
    expect(market.depthSchema).toBe('mbo');
    expect(market.depth.bidPrice[0]).toBe(449_394);
    expect(market.depth.bidOrders[0]).toBe(8);
    expect(market.gapped).toBe(false);
    const wrong = new MapperRig();
    wrong.message(example.frame_verbatim_numbers.replace('0.88968699', '0.88968698'), 'level3');
    expect(wrong.mapper.tally.checksumFailures).toBe(1);
  });

  test('the worked example of the older protocol, whose algorithm is the same', () => {
    const { asks, bids, expected_checksum } = JSON.parse(
      read('kraken/docs_examples/kraken_ws1_book_checksum_doc_example.json'),
    );
    const list = (levels: readonly (readonly [string, string])[]) =>
      levels.map(([price, qty]) => `{"price":${price},"qty":${qty}}`).join();
    const rig = new MapperRig();
    rig.message(
      `{"channel":"book","type":"snapshot","data":[{"symbol":"X/Y","bids":[${list(bids)}],"asks":[${list(asks)}],` +
        `"checksum":${expected_checksum},"timestamp":"2024-01-01T00:00:00Z"}]}`,
    );
    expect(rig.mapper.tally.checksumFailures).toBe(0);
    expect(rig.market('X/Y').instrument.tickNano).toBe(10_000);
  });
});

describe.skipIf(!haveFixtures)('recorded sessions', () => {
  const expected = haveFixtures ? JSON.parse(read('kraken/expected_checksums.json')).files : {};

  test.each([
    ['ws2_captures/kraken_btcusd_l2.cbcap', 'BTC/USD', 8],
    ['ws2_captures/kraken_xrpusd_sample.cbcap', 'XRP/USD', 8],
  ])('%s: every checksum is right, and every book is that of a plain reader', (path, symbol, lotDecimals) => {
    const want = expected[path];
    const rig = new MapperRig();
    const plain = new PlainBook(want.depth);
    let books = 0;
    for (const { bytes } of cbcapFrames(`kraken/${path}`)) {
      rig.message(bytes);
      const text = Buffer.from(bytes).toString('utf8');
      if (!text.includes('"channel":"book","type"')) continue;
      books++;
      expect(plain.apply(text)).toBe(true);
      expect(rig.mapper.bookText(symbol, want.depth)).toEqual({ bids: plain.bids, asks: plain.asks });
    }
    const { tally } = rig.mapper;
    expect(books).toBe(want.book_frames);
    expect(tally.checksumFailures).toBe(0);
    expect(tally.gaps).toBe(0);
    expect(tally.symbols.get(symbol)?.updates).toBe(want.book_frames);
    expect(tally.recordCounts['book']).toBe(want.book_frames);
    expect(rig.mapper.bookText(symbol, 1)).toEqual({ bids: [want.final_bid], asks: [want.final_ask] });
    expect(rig.asked).toEqual([]);
    expect(rig.market(symbol).instrument.lotDecimals).toBe(lotDecimals);
    expect(rig.market(symbol).depthSchema).toBe('l2');
  });

  test('a session with the precision told beforehand', () => {
    const folder = 'kraken/rust-orderbook-feed';
    const rig = new MapperRig();
    rig.message(readFixture(`${folder}/kraken_btcusd_instrument.json`));
    expect(rig.engine.markets).toEqual([]);
    const plain = new PlainBook(10);
    for (const line of read(`${folder}/kraken_btcusd_book.jsonl`).trim().split('\n')) {
      rig.message(line);
      expect(plain.apply(line)).toBe(true);
      expect(rig.mapper.bookText('BTC/USD', 10)).toEqual({ bids: plain.bids, asks: plain.asks });
    }
    expect(rig.mapper.tally).toMatchObject({ checksumFailures: 0, recordCounts: { instrument: 1, book: 11 } });
    expect(rig.market('BTC/USD').instrument).toMatchObject({
      tickNano: 100_000_000,
      lotDecimals: 8,
      quoteCurrency: 'USD',
    });
    expect(rig.market('BTC/USD').tsEventUs).toBe(Date.parse('2026-07-05T10:37:39.395Z') * 1000 + 457);
  });
});
