import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameError } from '../../../main/core/feed-port.ts';
import { OffTickError } from '../../../main/core/ports.ts';
import { MapperRig } from './mapper-rig.ts';
import { PlainBook, type PlainLevel, plainChecksum } from './plain-book.ts';

interface Levels {
  readonly bids?: readonly PlainLevel[];
  readonly asks?: readonly PlainLevel[];
}

/** Writes the messages of one symbol, with the checksums of a plain book beside it. */
class Writer {
  readonly symbol: string;
  readonly plain: PlainBook;
  #second = 0;

  constructor(symbol = 'BTC/USD', depth = 10) {
    this.symbol = symbol;
    this.plain = new PlainBook(depth);
  }

  snapshot(levels: Levels): string {
    return this.#message('snapshot', levels);
  }

  update(levels: Levels): string {
    return this.#message('update', levels);
  }

  #message(type: string, { bids = [], asks = [] }: Levels): string {
    const list = (levels: readonly PlainLevel[]) =>
      levels.map(([price, qty]) => `{"price":${price},"qty":${qty}}`).join();
    const second = String(this.#second).padStart(2, '0');
    const message = (checksum: number) =>
      `{"channel":"book","type":"${type}","data":[{"symbol":"${this.symbol}","bids":[${list(bids)}],"asks":[${list(asks)}],` +
      `"checksum":${checksum},"timestamp":"2026-01-01T00:00:${second}.5Z"}]}`;
    this.plain.apply(message(0));
    this.#second = (this.#second + 1) % 60;
    return message(plainChecksum(this.plain.bids, this.plain.asks));
  }
}

const ONE: Levels = { bids: [['99.5', '1.50']], asks: [['100.5', '2.00']] };
const ack = (channel: string, depth: number, symbol = 'BTC/USD') =>
  `{"method":"subscribe","result":{"channel":"${channel}","depth":${depth},"snapshot":true,"symbol":"${symbol}"},"success":true}`;
const instrument = (pairs: string) =>
  `{"channel":"instrument","type":"snapshot","data":{"assets":[],"pairs":[${pairs}]}}`;
const trade = (id: number, type = 'update', price = '100.5', side = 'buy') =>
  `{"channel":"trade","type":"${type}","data":[{"symbol":"BTC/USD","side":"${side}","price":${price},"qty":0.25,"ord_type":"market",` +
  `"trade_id":${id},"timestamp":"2026-01-01T00:00:00.123456789Z"}]}`;

describe('books by level', () => {
  test('any stream of changes gives the book of a plain reader, in any form of numbers, frozen and continued at any place', () => {
    const price = fc
      .tuple(fc.integer({ min: 90, max: 110 }), fc.constantFrom('.0', '.5', '.50', '', '.25'))
      .map(([n, f]) => `${n}${f}`);
    const qty = fc.constantFrom(
      '0',
      '0.000',
      '1',
      '1.0',
      '0.125',
      '20.5',
      '0.00000001',
      '1234567.00000000',
      '3.10',
      '100000000.00000000',
      '99999999999.99999999',
    );
    const levels = fc.array(fc.tuple(price, qty), { maxLength: 6 });
    const positive = fc.array(
      fc.tuple(
        price,
        qty.filter((text) => Number(text) > 0),
      ),
      { maxLength: 16 },
    );
    const update = fc.record({ bids: levels, asks: levels });
    fc.assert(
      fc.property(
        positive,
        positive,
        fc.array(update, { maxLength: 20 }),
        fc.nat(20),
        fc.boolean(),
        (bids, asks, updates, at, told) => {
          const writer = new Writer();
          let rig = new MapperRig();
          if (told)
            rig.message(
              instrument('{"symbol":"BTC/USD","price_precision":2,"price_increment":0.05,"qty_precision":8}'),
            );
          rig.message(ack('book', 10));
          // A form that is told holds all numbers of the stream; one that is learned has to be told by the first book.
          const first = [['200.25', '0.00000001'] as const];
          rig.message(writer.snapshot({ bids: [...first, ...bids].slice(0, 10), asks: asks.slice(0, 10) }));
          for (const [index, next] of updates.entries()) {
            if (index === at) rig = rig.reborn();
            rig.message(writer.update(next));
            expect(rig.mapper.bookText('BTC/USD', 10)).toEqual({ bids: writer.plain.bids, asks: writer.plain.asks });
          }
          expect(rig.mapper.tally).toMatchObject({ checksumFailures: 0, gaps: 0 });
        },
      ),
      { numRuns: 300 },
    );
  });

  test('levels beyond the subscribed depth are dropped, so that none comes back as a ghost', () => {
    const rig = new MapperRig();
    const writer = new Writer();
    const rows = Array.from({ length: 10 }, (_, rank) => [`${100 + rank}.0`, '1.0'] as const);
    rig.message(ack('book', 10));
    rig.message(writer.snapshot({ asks: rows }));
    rig.message(writer.update({ asks: [['99.0', '5.0']] }));
    rig.message(
      writer.update({
        asks: [
          ['99.0', '0.0'],
          ['109.5', '2.0'],
        ],
      }),
    );
    expect(rig.mapper.tally.checksumFailures).toBe(0);
    expect(rig.mapper.bookText('BTC/USD', 10)?.asks.at(-1)).toEqual(['109.5', '2.0']);
    expect([...rig.market('BTC/USD').depth.askPrice]).toEqual([
      1000, 1010, 1020, 1030, 1040, 1050, 1060, 1070, 1080, 1095,
    ]);
  });

  test('a thin book keeps the depth that was asked for', () => {
    for (const told of ['opened', 'acknowledged'] as const) {
      const rig = new MapperRig();
      const writer = new Writer('BTC/USD', 25);
      if (told === 'opened') rig.frame('opened', 'public', Buffer.from('{"depth":25}'));
      else rig.message(ack('book', 25));
      rig.message(writer.snapshot(ONE));
      rig.message(
        writer.update({ bids: Array.from({ length: 24 }, (_, rank) => [`${90 - rank}.0`, '1.00'] as const) }),
      );
      rig.message(writer.update({ bids: writer.plain.bids.slice(0, 20).map(([price]) => [price, '0.00'] as const) }));
      expect(rig.mapper.bookText('BTC/USD', 25)).toEqual({ bids: writer.plain.bids, asks: writer.plain.asks });
      expect(writer.plain.bids).toHaveLength(5);
      expect(rig.mapper.tally.checksumFailures).toBe(0);
    }
  });

  test('without an acknowledgement, the depth is the next that the snapshot fits in', () => {
    const rig = new MapperRig();
    const writer = new Writer('BTC/USD', 25);
    rig.message(writer.snapshot({ bids: Array.from({ length: 17 }, (_, rank) => [`${90 - rank}`, '1'] as const) }));
    rig.message(writer.update({ bids: Array.from({ length: 20 }, (_, rank) => [`${120 - rank}`, '1'] as const) }));
    expect(rig.mapper.bookText('BTC/USD', 1000)?.bids).toEqual(writer.plain.bids);
    expect(writer.plain.bids).toHaveLength(25);
  });

  test('keys in another order, white space and an escaped slash are the same message', () => {
    const rig = new MapperRig();
    const { bids, asks } = ONE;
    const sum = plainChecksum(bids!, asks!);
    rig.message(
      ` {"data" : [ {"checksum":${sum}, "asks":[{"qty":2.00 ,"price":100.5}], "bids":[ {"qty":1.50,"price":99.5} ],` +
        `"extra":{"a":[1,"}"]},"symbol":"BTC\\/USD"} ], "type":"snapshot" , "channel":"book"} `,
    );
    expect(rig.mapper.bookText('BTC/USD', 5)).toEqual({ bids, asks });
    expect(rig.market('BTC/USD').gapped).toBe(false);
  });

  test('a message that fails its checksum leaves the market as it was, and everything is passed over until the next snapshot', () => {
    const rig = new MapperRig();
    const writer = new Writer();
    rig.message(writer.snapshot(ONE));
    rig.seen.length = 0;
    rig.message(writer.update({ bids: [['99.5', '7.00']] }).replace(/"checksum":\d+/, '"checksum":1'));
    rig.message(writer.update({ bids: [['99.0', '7.00']] }));
    const market = rig.market('BTC/USD');
    expect(market.gapped).toBe(true);
    expect(market.depth.bidSize[0]).toBe(150);
    expect(rig.mapper.bookText('BTC/USD', 5)).toBeUndefined();
    expect(rig.seen).toEqual(['gap BTC/USD feed-gap']);
    expect(rig.asked).toHaveLength(1);
    rig.message(writer.snapshot(ONE));
    expect(market.gapped).toBe(false);
    expect(rig.mapper.bookText('BTC/USD', 5)).toEqual(ONE);
    expect(rig.mapper.tally).toMatchObject({ gaps: 1, checksumFailures: 1 });
    expect(rig.mapper.tally.symbols.get('BTC/USD')?.updates).toBe(2);
  });

  test('a snapshot that comes unasked breaks the flow, but is no loss', () => {
    const rig = new MapperRig();
    const writer = new Writer();
    rig.message(writer.snapshot(ONE));
    rig.message(writer.snapshot(ONE));
    expect(rig.seen[1]).toBe('gap BTC/USD clear');
    expect(rig.seen[2]).toMatch(/ true /);
    expect(rig.mapper.tally.gaps).toBe(0);
  });

  test('an update before any snapshot asks for one', () => {
    const rig = new MapperRig();
    rig.message(new Writer().update(ONE));
    rig.message(new Writer().update(ONE));
    expect(rig.asked).toEqual([['BTC/USD', 'an update came before its snapshot']]);
    expect(rig.engine.markets).toEqual([]);
  });

  test('after a connection is lost the book is kept for reading, gapped, until the next snapshot', () => {
    const rig = new MapperRig();
    const writer = new Writer();
    rig.message(writer.snapshot(ONE));
    rig.frame('lost', 'public: the server closed the connection (1001)');
    expect(rig.market('BTC/USD').gapped).toBe(true);
    expect(rig.mapper.bookText('BTC/USD', 5)).toEqual(ONE);
    expect(rig.asked).toEqual([]);
    rig.frame('opened', 'public');
    rig.message(writer.update({ bids: [['99.5', '9.00']] }));
    expect(rig.mapper.bookText('BTC/USD', 5)).toEqual(ONE);
    rig.message(writer.snapshot(ONE));
    expect(rig.market('BTC/USD').gapped).toBe(false);
    expect(rig.mapper.tally.gaps).toBe(1);
  });
});

describe('what can’t be understood', () => {
  const good = new Writer();
  const start = good.snapshot(ONE);
  const broken: readonly (readonly [name: string, text: string])[] = [
    ['no JSON', 'hello'],
    ['nothing', ''],
    ['half a message', start.slice(0, 90)],
    ['more behind it', `${start}x`],
    ['a list', '[1,2]'],
    ['no symbol', '{"channel":"book","type":"update","data":[{"bids":[],"asks":[],"checksum":1}]}'],
    ['no checksum', '{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[],"asks":[]}]}'],
    ['a level without size', start.replace('"qty":1.50', '"size":1.50').replace('snapshot', 'update')],
    ['a price of words', start.replace('99.5', '"dear"')],
    ['a price below zero', start.replace('99.5', '-99.5')],
    ['a size of forty digits', start.replace('1.50', `${'9'.repeat(37)}.50`)],
    ['a size of words', start.replace('1.50', '"much"')],
    ['a symbol with a wrong escape', start.replace('BTC/USD', 'BTC\\xUSD')],
    ['a time that is none', start.replace('2026-01-01T', '2026-13-01T')],
  ];
  test.each(broken)('%s: the book is gapped and asked for, and the next snapshot is taken', (_name, text) => {
    const rig = new MapperRig();
    rig.message(good.snapshot(ONE));
    expect(() => rig.message(text)).toThrow(FrameError);
    expect(rig.market('BTC/USD').gapped).toBe(true);
    expect(rig.asked.map(([symbol]) => symbol)).toEqual(['BTC/USD']);
    rig.message(good.snapshot(ONE));
    expect(rig.market('BTC/USD').gapped).toBe(false);
  });

  test('a message of one symbol leaves the others alone', () => {
    const rig = new MapperRig();
    rig.message(new Writer('BTC/USD').snapshot(ONE));
    rig.message(new Writer('ETH/USD').snapshot(ONE));
    expect(() =>
      rig.message('{"channel":"book","type":"update","data":[{"symbol":"ETH/USD","bids":[{"price":}]}]}'),
    ).toThrow(FrameError);
    expect(rig.market('BTC/USD').gapped).toBe(false);
    expect(rig.market('ETH/USD').gapped).toBe(true);
  });

  test('any damage to a stream is survived, and a snapshot heals it', () => {
    const damage = fc.record({ at: fc.nat(400), byte: fc.integer({ min: 0, max: 255 }), cut: fc.boolean() });
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 8 }), (damages) => {
        const rig = new MapperRig();
        const writer = new Writer();
        rig.message(writer.snapshot(ONE));
        for (const { at, byte, cut } of damages) {
          const bytes = Buffer.from(writer.update({ bids: [['99.0', '1.25']], asks: [['101.0', '0.50']] }));
          bytes[at % bytes.length] = byte;
          try {
            rig.message(cut ? bytes.subarray(0, at % bytes.length) : bytes);
          } catch (error) {
            expect(error instanceof FrameError || error instanceof OffTickError).toBe(true);
          }
        }
        rig.message(writer.snapshot(ONE));
        expect(rig.mapper.bookText('BTC/USD', 5)).toEqual(ONE);
        expect(rig.market('BTC/USD').gapped).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('instruments', () => {
  test('prices are counted in the venue’s step, and one off it is refused', () => {
    const rig = new MapperRig();
    rig.message(
      instrument('{"symbol":"BTC/USD","price_precision":2,"price_increment":0.05,"qty_precision":4,"status":"online"}'),
    );
    const writer = new Writer();
    rig.message(writer.snapshot({ bids: [['99.95', '1.0000']], asks: [['100.00', '2.5000']] }));
    const market = rig.market('BTC/USD');
    expect(market.instrument).toMatchObject({ tickNano: 50_000_000, lotDecimals: 4, tickSource: 'definition' });
    expect([market.depth.bidPrice[0], market.depth.askSize[0]]).toEqual([1999, 25_000]);
    expect(market.instrument.multiplier).toBeCloseTo(0.0001, 12);
    expect(() => rig.message(writer.update({ bids: [['99.97', '1.0000']] }))).toThrow(OffTickError);
    expect(market.gapped).toBe(true);
  });

  test('a learned form that turns out too coarse is widened, and the book begins anew', () => {
    const rig = new MapperRig();
    const writer = new Writer();
    rig.message(writer.snapshot(ONE));
    expect(() => rig.message(writer.update({ bids: [['99.25', '1.50']] }))).toThrow(/2 decimals/);
    expect(rig.asked).toContainEqual(['BTC/USD', 'a message was refused']);
    rig.message(writer.snapshot(ONE));
    rig.message(writer.update({ bids: [['99.25', '1.500']] }));
    expect(rig.market('BTC/USD').instrument).toMatchObject({ tickNano: 10_000_000, lotDecimals: 2 });
    expect(rig.mapper.bookText('BTC/USD', 2)?.bids).toEqual([
      ['99.5', '1.50'],
      ['99.25', '1.500'],
    ]);
    expect(rig.mapper.tally.checksumFailures).toBe(0);
  });

  test('a word that comes after the first book and changes its step begins the book anew', () => {
    const rig = new MapperRig();
    const writer = new Writer();
    rig.message(writer.snapshot(ONE));
    rig.message(instrument('{"symbol":"BTC/USD","price_precision":1,"price_increment":0.1,"qty_precision":2}'));
    expect(rig.asked).toEqual([]);
    expect(rig.market('BTC/USD').gapped).toBe(false);
    rig.message(instrument('{"symbol":"BTC/USD","price_precision":1,"price_increment":0.5,"qty_precision":2}'));
    expect(rig.asked).toEqual([['BTC/USD', 'its tick or lot changed']]);
    rig.message(writer.snapshot(ONE));
    expect(rig.market('BTC/USD').depth.bidPrice[0]).toBe(199);
    expect(rig.engine.markets).toHaveLength(1);
  });

  test('coins with more decimals than nano units have a tick below one', () => {
    const rig = new MapperRig();
    rig.message(instrument('{"symbol":"PEPE/USD","price_precision":10,"price_increment":1e-10,"qty_precision":5}'));
    rig.message(
      new Writer('PEPE/USD').snapshot({
        bids: [['0.0000123456', '12345678.00000']],
        asks: [['0.0000123457', '1.00000']],
      }),
    );
    const market = rig.market('PEPE/USD');
    expect(market.instrument.tickNano).toBe(0.1);
    expect(market.depth.bidPrice[0]).toBe(123_456);
    expect(market.price(123_456)).toBeCloseTo(0.0000123456, 15);
    expect(rig.mapper.bookText('PEPE/USD', 1)?.bids).toEqual([['0.0000123456', '12345678.00000']]);
  });

  test('a pair that is halted, and a venue in maintenance, halt the market', () => {
    const rig = new MapperRig();
    const pair = (status: string) =>
      rig.message(instrument(`{"symbol":"BTC/USD","price_precision":1,"qty_precision":2,"status":"${status}"}`));
    const system = (name: string) =>
      rig.message(`{"channel":"status","type":"update","data":[{"system":"${name}","api_version":"v2"}]}`);
    pair('online');
    rig.message(new Writer().snapshot(ONE));
    const market = rig.market('BTC/USD');
    expect(market.venueStatus).toBe('unknown');
    pair('cancel_only');
    expect(market.venueStatus).toBe('halt');
    pair('online');
    expect(market.venueStatus).toBe('trading');
    system('maintenance');
    expect(market.venueStatus).toBe('halt');
    system('post_only');
    expect(market.venueStatus).toBe('pre-open');
    system('online');
    expect(market.venueStatus).toBe('trading');
  });
});

describe('trades', () => {
  test('the side is the taker’s, times are the venue’s, and a number counts once', () => {
    const rig = new MapperRig();
    rig.message(new Writer().snapshot(ONE));
    rig.seen.length = 0;
    rig.message(trade(7));
    rig.message(trade(7));
    rig.message(trade(8, 'update', '99.5', 'sell'));
    expect(rig.seen).toEqual(['trade BTC/USD 1005 25 1', 'trade BTC/USD 995 25 -1']);
    expect(rig.market('BTC/USD').tsEventUs).toBe(Date.parse('2026-01-01T00:00:00Z') * 1000 + 500_000);
    expect(rig.mapper.tally.symbols.get('BTC/USD')?.trades).toBe(2);
    expect(rig.mapper.tally.recordCounts).toEqual({ book: 1, trade: 3 });
  });

  test('a snapshot of trades is no flow, and what it told is not counted afterwards', () => {
    const rig = new MapperRig();
    rig.message(new Writer().snapshot(ONE));
    rig.message(trade(7));
    rig.frame('lost', 'public: gone');
    rig.frame('opened', 'public');
    rig.message(trade(9, 'snapshot'));
    rig.message(trade(8));
    rig.message(trade(9));
    rig.message(trade(10));
    expect(rig.market('BTC/USD').trades).toBe(2);
  });

  test('trades before any book make the market from their own numbers', () => {
    const rig = new MapperRig();
    rig.message(trade(1));
    expect(rig.market('BTC/USD').instrument).toMatchObject({ tickNano: 100_000_000, lotDecimals: 2 });
    expect(rig.mapper.bookText('BTC/USD', 1)).toBeUndefined();
  });
});

test('heartbeats, pongs, refusals and unknown channels change nothing', () => {
  const rig = new MapperRig();
  rig.message('{"channel":"heartbeat"}');
  rig.message('{"method":"pong","req_id":42,"time_in":"2026-01-01T00:00:00Z","time_out":"2026-01-01T00:00:00Z"}');
  rig.message(
    '{"error":"Currency pair not supported FOO/BAR","method":"subscribe","success":false,"symbol":"FOO/BAR"}',
  );
  rig.message('{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":1.5}]}');
  rig.frame('answer', 'token');
  expect(rig.engine.markets).toEqual([]);
  expect(rig.mapper.tally).toMatchObject({ gaps: 0, recordCounts: { heartbeat: 1, pong: 1, subscribe: 1, other: 1 } });
});
