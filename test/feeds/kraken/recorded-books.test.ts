import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { haveFixtures, readFixture } from '../../fixtures.ts';
import { cbcapFrames } from './cbcap.ts';
import { MapperRig } from './mapper-rig.ts';
import { PlainBook, plainChecksum } from './plain-book.ts';

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

  test('ten books of a thousand levels, recorded in the older protocol and rewritten in this one', () => {
    const lines = zstdDecompressSync(readFixture('kraken/ws1_capture/KRAKEN_2021-04-17.jsonl.zst'))
      .toString('utf8')
      .split('\n');
    const rig = new MapperRig();
    const plain = new Map<string, PlainBook>();
    let checksums = 0;
    for (const line of lines) {
      if (line.includes('/0/public/AssetPairs'))
        rig.message(instrumentsOf((JSON.parse(line) as { data: string }).data));
      if (!line.startsWith('{"t":"recv"')) continue;
      const parts: unknown = JSON.parse((JSON.parse(line) as { data: string }).data);
      if (!Array.isArray(parts) || parts.at(-2) !== 'book-1000') continue;
      const symbol = parts.at(-1) as string;
      const sides = Object.assign({}, ...(parts.slice(1, -2) as object[])) as OldSides;
      const snapshot = sides.as !== undefined;
      const asks = sides.as ?? sides.a ?? [];
      const bids = sides.bs ?? sides.b ?? [];
      const list = (levels: readonly (readonly string[])[]) =>
        levels.map(([price, qty]) => `{"price":${price},"qty":${qty}}`).join();
      const message = (checksum: string) =>
        `{"channel":"book","type":"${snapshot ? 'snapshot' : 'update'}","data":[{"symbol":"${symbol}",` +
        `"bids":[${list(bids)}],"asks":[${list(asks)}],"checksum":${checksum}}]}`;
      const book = plain.get(symbol) ?? new PlainBook(1000);
      plain.set(symbol, book);
      if (snapshot) book.begin(bids, asks);
      else checksums++;
      // The older protocol has no checksum with a snapshot.
      rig.message(message(sides.c ?? String(plainChecksum(book.bids, book.asks))));
    }
    expect(checksums).toBe(expected['ws1_capture/KRAKEN_2021-04-17.jsonl.zst'].checksums_ok);
    expect(plain.size).toBe(10);
    expect(rig.market('XMR/USD').instrument.tickNano).toBe(10_000_000);
    expect(rig.mapper.tally).toMatchObject({ checksumFailures: 0, gaps: 0 });
  });
});

/** Sides of a message of the older protocol: of a snapshot, or of an update with its checksum. */
interface OldSides {
  readonly as?: readonly (readonly string[])[];
  readonly bs?: readonly (readonly string[])[];
  readonly a?: readonly (readonly string[])[];
  readonly b?: readonly (readonly string[])[];
  readonly c?: string;
}

/** The older list of pairs as an `instrument` message. */
function instrumentsOf(text: string): string {
  const { result } = JSON.parse(text) as { result: Readonly<Record<string, OldPair>> };
  const pairs = Object.values(result)
    .filter(({ wsname }) => wsname !== undefined)
    .map(
      ({ wsname, pair_decimals, lot_decimals }) =>
        `{"symbol":"${wsname}","price_precision":${pair_decimals},"qty_precision":${lot_decimals}}`,
    );
  return `{"channel":"instrument","type":"snapshot","data":{"assets":[],"pairs":[${pairs.join()}]}}`;
}

interface OldPair {
  readonly wsname?: string;
  readonly pair_decimals: number;
  readonly lot_decimals: number;
}
