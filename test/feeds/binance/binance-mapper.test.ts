import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Engine } from '../../../main/core/engine.ts';
import { type FeedFrame, FrameError } from '../../../main/core/feed-port.ts';
import { FeatureStage } from '../../../main/features/feature-stage.ts';
import { BinanceMapper } from '../../../main/feeds/binance/binance-mapper.ts';
import { deepLevels } from '../../core/book/deep-levels.ts';
import { haveFixtures, readFixture } from '../../fixtures.ts';
import { cryptofeedFrames, frameOf, hftbacktestFrames } from './recordings.ts';
import { ReferenceBooks } from './reference-books.ts';

/** A mapper with its engine, and what it asked for. */
function rig() {
  const engine = new Engine({ continuity: 'live' });
  engine.addStage(new FeatureStage());
  const resyncs: string[] = [];
  const mapper = new BinanceMapper(engine, (symbol, why) => resyncs.push(`${symbol}: ${why}`));
  const play = (frames: readonly FeedFrame[]) => {
    for (const frame of frames) {
      engine.arrive(frame.localUs);
      mapper.apply(frame);
    }
  };
  return { engine, mapper, resyncs, play };
}

type Pairs = readonly (readonly [string, string])[];
const START_MS = 1_750_000_000_000;

function diff(U: number, u: number, b: Pairs, a: Pairs = [], s = 'BTCUSDT'): FeedFrame {
  const data = { e: 'depthUpdate', E: START_MS + u, s, U, u, b, a };
  return frameOf(
    'message',
    'public',
    JSON.stringify({ stream: `${s.toLowerCase()}@depth@100ms`, data }),
    START_MS * 1000 + u,
  );
}

function depth(lastUpdateId: number, bids: Pairs, asks: Pairs, symbol = 'BTCUSDT'): FeedFrame {
  return frameOf(
    'answer',
    `depth ${symbol}`,
    JSON.stringify({ lastUpdateId, bids, asks }),
    START_MS * 1000 + lastUpdateId,
  );
}

function trade(t: number, p: string, q: string, m: boolean): FeedFrame {
  const data = { e: 'trade', E: START_MS + t, s: 'BTCUSDT', t, p, q, T: START_MS + t - 1, m, M: true };
  return frameOf('message', 'public', JSON.stringify({ stream: 'btcusdt@trade', data }), START_MS * 1000 + t);
}

const INFO = frameOf(
  'answer',
  'exchangeInfo',
  JSON.stringify({
    symbols: [
      {
        symbol: 'BTCUSDT',
        quoteAsset: 'USDT',
        filters: [
          { filterType: 'PRICE_FILTER', minPrice: '0.01000000', tickSize: '0.01000000' },
          { filterType: 'LOT_SIZE', stepSize: '0.00001000' },
        ],
      },
    ],
  }),
);

const BIDS: Pairs = [
  ['100.00000000', '1.00000000'],
  ['99.00000000', '2.00000000'],
];
const ASKS: Pairs = [['101.00000000', '3.00000000']];

describe.skipIf(!haveFixtures)('recorded Binance sessions', () => {
  const expected = (
    JSON.parse(new TextDecoder().decode(readFixture('binance/hftbacktest/expected_books.json'))) as {
      books: Record<
        string,
        {
          depth_events_applied: number;
          last_u: number;
          final_best_bid: [number, string];
          final_best_ask: [number, string];
          bid_levels: number;
          ask_levels: number;
          bbo_equals_bookTicker_with_same_u: [number, number];
        }
      >;
    }
  ).books;

  test.each(['btcusdt', 'ethusdt'] as const)(
    '%s ends with the expected book and never differs from bookTicker',
    (name) => {
      const { mapper, engine, resyncs } = rig();
      const reference = new ReferenceBooks();
      const symbol = name.toUpperCase();
      const tickers = new Map<number, string>();
      let agreed = 0;
      for (const frame of hftbacktestFrames(name)) {
        engine.arrive(frame.localUs);
        mapper.apply(frame);
        reference.take(frame);
        const { data } = JSON.parse(new TextDecoder().decode(frame.bytes)) as {
          data?: { e?: string; u: number; b: string; B: string; a: string; A: string };
        };
        if (data !== undefined && data.e === undefined) tickers.set(data.u, `${data.b} ${data.B} ${data.a} ${data.A}`);
        if (data?.e !== 'depthUpdate') continue;
        const ticker = tickers.get(data.u);
        const top = mapper.bookText(symbol, 1);
        if (ticker === undefined || top === undefined) continue;
        expect(`${top.bids[0]!.join(' ')} ${top.asks[0]!.join(' ')}`).toBe(ticker);
        agreed++;
      }
      const wanted = expected[`examples_spot_${name}_20240808.gz`]!;
      const book = mapper.bookText(symbol, 10_000)!;
      expect(agreed).toBeGreaterThanOrEqual(wanted.bbo_equals_bookTicker_with_same_u[0]);
      expect(mapper.tally.symbols.get(symbol)?.updates).toBe(wanted.depth_events_applied);
      expect([book.bids.length, book.asks.length]).toEqual([wanted.bid_levels, wanted.ask_levels]);
      expect([Number(book.bids[0]![0]), book.bids[0]![1]]).toEqual(wanted.final_best_bid);
      expect([Number(book.asks[0]![0]), book.asks[0]![1]]).toEqual(wanted.final_best_ask);
      expect(reference.lastId(symbol)).toBe(wanted.last_u);
      expect(book).toEqual(reference.text(symbol, 10_000));
      expect([mapper.tally.gaps, resyncs, engine.gaps]).toEqual([0, [], 0]);
    },
  );

  test('four pairs with exchangeInfo: books, ticks, and old orders that rest beside a coarser tick', () => {
    const { mapper, engine, resyncs, play } = rig();
    const reference = new ReferenceBooks();
    const frames = cryptofeedFrames();
    play(frames);
    for (const frame of frames) reference.take(frame);
    for (const symbol of ['NKNUSDT', 'BLZETH', 'LRCBTC', 'RUNEEUR']) {
      expect(mapper.bookText(symbol, 5000)).toEqual(reference.text(symbol, 5000));
    }
    expect([mapper.tally.gaps, resyncs]).toEqual([0, []]);
    const market = (symbol: string) => engine.markets.find(({ instrument }) => instrument.rawSymbol === symbol)!;
    expect(market('RUNEEUR').instrument).toMatchObject({
      tickNano: 1_000_000,
      tickSource: 'definition',
      quoteCurrency: 'EUR',
      conflationMs: 100,
    });
    // Its tick is 0.0001, but orders of a time when it was finer still rest: none is rounded, none is dropped.
    expect(market('NKNUSDT').instrument).toMatchObject({ tickNano: 10_000, tickSource: 'raw' });
  });

  test('a raw stream, without the wrapper of combined ones', () => {
    const { mapper, resyncs, play } = rig();
    const text = (path: string) => new TextDecoder().decode(readFixture(`binance/rust-orderbook-feed/${path}`)).trim();
    const reference = new ReferenceBooks();
    const frames = [
      ...text('binance_btcusdt_deltas.jsonl')
        .split('\n')
        .slice(0, 1)
        .map((line) => frameOf('message', 'raw', line)),
      frameOf('answer', 'depth BTCUSDT', text('binance_btcusdt_snapshot.json')),
      ...text('binance_btcusdt_deltas.jsonl')
        .split('\n')
        .slice(1)
        .map((line) => frameOf('message', 'raw', line)),
    ];
    play(frames);
    for (const frame of frames) reference.take(frame);
    expect(mapper.bookText('BTCUSDT', 5000)).toEqual(reference.text('BTCUSDT', 5000));
    expect(resyncs).toEqual([]);
  });
});

describe('the rules of a Binance book', () => {
  test('diffs wait for the snapshot; older ones are dropped, the first may begin at or before the next id', () => {
    const { mapper, engine, play, resyncs } = rig();
    play([diff(1, 9, [['90.00000000', '1.00000000']]), diff(10, 12, [['98.00000000', '4.00000000']])]);
    expect(mapper.bookText('BTCUSDT', 5)).toBeUndefined();
    play([depth(10, BIDS, ASKS)]);
    expect(mapper.bookText('BTCUSDT', 5)).toEqual({ bids: [...BIDS, ['98.00000000', '4.00000000']], asks: ASKS });
    play([diff(13, 14, [['100.00000000', '0.00000000']]), diff(13, 14, [['100.00000000', '9.00000000']])]);
    expect(mapper.bookText('BTCUSDT', 1)?.bids).toEqual([['99.00000000', '2.00000000']]);
    expect(mapper.tally).toMatchObject({ gaps: 0, recordCounts: { depthUpdate: 4, snapshot: 1 } });
    expect(mapper.tally.symbols.get('BTCUSDT')?.updates).toBe(2);
    expect([resyncs, engine.markets[0]?.gapped, engine.markets[0]?.depthSchema]).toEqual([[], false, 'l2']);
  });

  test('a snapshot older than the first waiting diff is asked for again, and the diffs go on waiting', () => {
    const { mapper, play, resyncs } = rig();
    play([diff(10, 12, [['98.00000000', '4.00000000']]), depth(8, BIDS, ASKS)]);
    expect(mapper.bookText('BTCUSDT', 1)).toBeUndefined();
    expect(resyncs).toEqual(['BTCUSDT: the snapshot of BTCUSDT is older than the first update that waits for it']);
    play([depth(9, BIDS, ASKS)]);
    expect(mapper.bookText('BTCUSDT', 5)?.bids).toHaveLength(3);
  });

  test('diffs do not wait without end: of very many the older go, and only a snapshot behind them is taken', () => {
    const { mapper, play, resyncs } = rig();
    for (let id = 11; id <= 20_011; id++) play([diff(id, id, [['90.00000000', `${id}.0`]])]);
    expect(mapper.snapshot().books.books[0]?.waiting).toHaveLength(10_001);
    play([depth(15, BIDS, ASKS)]);
    expect([mapper.bookText('BTCUSDT', 1), resyncs.length]).toEqual([undefined, 1]);
    play([depth(20_010, BIDS, ASKS)]);
    expect(mapper.bookText('BTCUSDT', 9)?.bids).toEqual([...BIDS, ['90.00000000', '20011.0']]);
  });

  test('a hole is a gap; what comes after it waits for the new snapshot', () => {
    const { mapper, engine, play, resyncs } = rig();
    play([INFO, depth(10, BIDS, ASKS), diff(11, 12, []), diff(14, 15, [['97.00000000', '1.00000000']])]);
    expect(mapper.bookText('BTCUSDT', 1)).toBeUndefined();
    expect(engine.markets[0]?.gapped).toBe(true);
    expect(resyncs).toEqual(['BTCUSDT: updates 13 to 13 of BTCUSDT are missing']);
    play([diff(16, 16, [['96.00000000', '1.00000000']]), depth(14, BIDS, ASKS)]);
    expect(mapper.bookText('BTCUSDT', 5)?.bids.map(([price]) => price)).toEqual([
      '100.00000000',
      '99.00000000',
      '97.00000000',
      '96.00000000',
    ]);
    expect([engine.markets[0]?.gapped, mapper.tally.gaps, engine.gaps]).toEqual([false, 1, 1]);
  });

  test('a crossed book, and one that its bookTicker contradicts, are built anew', () => {
    for (const wrong of [
      [diff(11, 12, [['101.00000000', '1.00000000']])],
      [
        diff(11, 12, []),
        frameOf(
          'message',
          'public',
          '{"u":12,"s":"BTCUSDT","b":"100.00000000","B":"1.5","a":"101.00000000","A":"3.0"}',
        ),
      ],
      [
        frameOf(
          'message',
          'public',
          '{"u":12,"s":"BTCUSDT","b":"100.00000000","B":"1.0","a":"101.50000000","A":"3.0"}',
        ),
        diff(11, 12, []),
      ],
    ]) {
      const { mapper, engine, play, resyncs } = rig();
      play([INFO, depth(10, BIDS, ASKS), ...wrong]);
      expect(mapper.bookText('BTCUSDT', 1)).toBeUndefined();
      expect([resyncs.length, mapper.tally.gaps, engine.markets[0]?.gapped]).toEqual([1, 1, true]);
    }
  });

  test('after a loss books are void, and the new connection begins with a snapshot', () => {
    const { mapper, engine, play, resyncs } = rig();
    const lost = frameOf('lost', 'the server closed the connection', '');
    play([INFO, depth(10, BIDS, ASKS), lost]);
    expect(mapper.bookText('BTCUSDT', 9)).toEqual({ bids: BIDS, asks: ASKS });
    expect(engine.markets[0]?.gapped).toBe(true);
    expect(resyncs).toEqual(['BTCUSDT: the server closed the connection']);
    play([frameOf('opened', 'public', ''), depth(20, BIDS, ASKS)]);
    expect([mapper.bookText('BTCUSDT', 9)?.bids, engine.markets[0]?.gapped]).toEqual([BIDS, false]);
  });

  test('trades count once, the taker is the other side of the maker, and holes in the ids are told', () => {
    const { mapper, engine, play } = rig();
    const seen: string[] = [];
    engine.addStage({
      name: 'tape',
      onTrade: (market, ticks, lots, aggressor) => seen.push(`${ticks} ${lots} ${aggressor} ${market.tsEventUs}`),
      snapshot: () => undefined,
      restore: () => undefined,
    });
    const aggregate = frameOf(
      'message',
      'public',
      JSON.stringify({
        e: 'aggTrade',
        E: START_MS,
        s: 'BTCUSDT',
        a: 5,
        p: '1',
        q: '1',
        f: 1,
        l: 2,
        T: START_MS,
        m: true,
      }),
    );
    play([INFO, trade(7, '100.01000000', '0.50000000', true), trade(7, '100.01000000', '0.50000000', true), aggregate]);
    play([trade(8, '100.02000000', '0.00001000', false), trade(11, '100.00000000', '1.00000000', false)]);
    const us = START_MS * 1000;
    expect(seen).toEqual([`10001 50000 -1 ${us + 6000}`, `10002 1 1 ${us + 7000}`, `10000 100000 1 ${us + 10_000}`]);
    expect(mapper.tally.recordCounts).toMatchObject({ trade: 4, aggTrade: 1, 'missed-trade': 2 });
    expect(mapper.tally.symbols.get('BTCUSDT')?.trades).toBe(3);
  });

  test('times are understood in milliseconds and in microseconds', () => {
    const { engine, play } = rig();
    const inMicroseconds = diff(11, 11, []);
    const text = new TextDecoder()
      .decode(inMicroseconds.bytes)
      .replace(`"E":${START_MS + 11}`, `"E":${START_MS * 1000 + 11_234}`);
    play([INFO, depth(10, BIDS, ASKS), diff(11, 11, [])]);
    expect(engine.markets[0]?.tsEventUs).toBe(START_MS * 1000 + 11_000);
    const second = rig();
    second.play([INFO, depth(10, BIDS, ASKS), frameOf('message', 'public', text)]);
    expect(second.engine.markets[0]?.tsEventUs).toBe(START_MS * 1000 + 11_234);
  });

  test('fields may come in any order, spaced and with more than is known', () => {
    const { mapper, play } = rig();
    const text = `{ "data" : {"b":[ ["98.00000000","1.00000000", []] ],"x":{"y":[1,"]"]},"a":[],
      "u":12,"s":"BTCUSDT","U":11,"E":${START_MS},"e":"depthUpdate"} , "stream":"btcusdt@depth" }`;
    play([depth(10, BIDS, ASKS), frameOf('message', 'public', text)]);
    expect(mapper.bookText('BTCUSDT', 9)?.bids).toEqual([...BIDS, ['98.00000000', '1.00000000']]);
  });

  test.each([
    'not json',
    '{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":11,"u":11,"b":[["1.0"',
    '{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":11,"u":11,"b":[["1.0","x"]],"a":[]}',
    '{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":11,"u":11,"b":[["1.0"]],"a":[]}',
    '{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":12,"u":11,"b":[],"a":[]}',
    '{"e":"depthUpdate","E":1,"U":11,"u":11,"b":[],"a":[]}',
    '{"e":"trade","E":1,"s":"BTCUSDT","t":1,"p":"-5","q":"1"}',
    '{"e":"trade","E":1,"s":"BTCUSDT","t":1,"p":"5","q":"0"}',
    '{"e":"trade","E":1,"s":"BTCUSDT","p":"5","q":"1"}',
  ])('a frame that can not be understood is refused, and the book is built anew: %s', (text) => {
    const { mapper, engine, play, resyncs } = rig();
    play([INFO, depth(10, BIDS, ASKS)]);
    expect(() => play([frameOf('message', 'public', text)])).toThrow(FrameError);
    expect([mapper.bookText('BTCUSDT', 1), engine.markets[0]?.gapped, resyncs.length]).toEqual([undefined, true, 1]);
    play([depth(12, BIDS, ASKS), diff(13, 13, [])]);
    expect([mapper.bookText('BTCUSDT', 9)?.bids, engine.markets[0]?.gapped]).toEqual([BIDS, false]);
  });

  test('a refused snapshot leaves no book; control messages and other streams are counted only', () => {
    const { mapper, play } = rig();
    expect(() => play([frameOf('answer', 'depth BTCUSDT', '{"code":-1121,"msg":"Invalid symbol."}')])).toThrow(
      FrameError,
    );
    expect(() => play([frameOf('answer', 'exchangeInfo', '<html>')])).toThrow(FrameError);
    play([
      frameOf('message', 'public', '{"result":null,"id":1}'),
      frameOf('message', 'public', '{"error":{"code":2,"msg":"x"},"id":1}'),
      frameOf('message', 'public', '{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}'),
      frameOf('message', 'public', '{"e":"kline","E":1,"s":"BTCUSDT","k":{"t":1,"b":[["x"]]}}'),
    ]);
    expect(mapper.tally.recordCounts).toMatchObject({ control: 2, serverShutdown: 1, other: 1 });
    expect(mapper.bookText('BTCUSDT', 1)).toBeUndefined();
  });
});

/** Diffs of two markets as an exchange would send them, with holes, duplicates, losses, garbage and snapshots at any moment. */
const script = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        what: fc.constant('diff' as const),
        symbol: fc.nat(1),
        ids: fc.integer({ min: 1, max: 4 }),
        bid: fc.nat(19),
        ask: fc.nat(19),
        size: fc.nat(3),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        what: fc.constantFrom('hole' as const, 'again' as const, 'snapshot' as const, 'trade' as const),
        symbol: fc.nat(1),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ what: fc.constantFrom('lost' as const, 'garbage' as const), symbol: fc.nat(1) }),
    },
  ),
  { minLength: 1, maxLength: 80 },
);

class Exchange {
  readonly symbol: string;
  readonly bids = new Map<string, string>([['90.00', '1.0']]);
  readonly asks = new Map<string, string>([['120.00', '1.0']]);
  id = 100;
  tradeId = 5;
  last: FeedFrame;

  constructor(symbol: string) {
    this.symbol = symbol;
    this.last = this.snapshot();
  }

  diff(ids: number, bid: number, ask: number, size: number): FeedFrame {
    const text = size === 0 ? '0' : `${size}.5`;
    const changes: [Map<string, string>, string][] = [
      [this.bids, `${80 + bid}.00`],
      [this.asks, `${110 + ask}.00`],
    ];
    for (const [side, price] of changes) {
      if (size === 0) side.delete(price);
      else side.set(price, text);
    }
    const from = this.id + 1;
    this.id += ids;
    this.last = diff(from, this.id, [[changes[0]![1], text]], [[changes[1]![1], text]], this.symbol);
    return this.last;
  }

  snapshot(): FeedFrame {
    const { bids, asks } = this.text();
    return depth(this.id, bids, asks, this.symbol);
  }

  text() {
    const side = (of: Map<string, string>, sign: number) => [...of].sort(([a], [b]) => sign * (Number(a) - Number(b)));
    return { bids: side(this.bids, -1), asks: side(this.asks, 1) };
  }
}

function framesOf(steps: typeof script extends fc.Arbitrary<infer Steps> ? Steps : never) {
  const exchanges = [new Exchange('BTCUSDT'), new Exchange('ETHUSDT')];
  const frames: FeedFrame[] = [];
  for (const step of steps) {
    const exchange = exchanges[step.symbol]!;
    if (step.what === 'diff') frames.push(exchange.diff(step.ids, step.bid, step.ask, step.size));
    else if (step.what === 'hole') exchange.diff(1, 3, 3, 2);
    else if (step.what === 'again') frames.push(exchange.last);
    else if (step.what === 'snapshot') frames.push(exchange.snapshot());
    else if (step.what === 'trade') frames.push(trade(++exchange.tradeId, '100.25', '1.5', true));
    else if (step.what === 'lost') frames.push(frameOf('lost', 'closed', ''));
    else frames.push(frameOf('message', 'public', '{"e":"depth'));
  }
  return { frames, exchanges };
}

describe('any sequence of frames', () => {
  const tolerant = (side: ReturnType<typeof rig>, frames: readonly FeedFrame[]) => {
    for (const frame of frames) {
      try {
        side.play([frame]);
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError);
      }
    }
  };

  test('ends, one snapshot later, with the books of the exchange; a live book never differs from it', () => {
    fc.assert(
      fc.property(script, (steps) => {
        const side = rig();
        const { frames, exchanges } = framesOf(steps);
        tolerant(side, frames);
        for (const exchange of exchanges) {
          // Nothing tells of a hole behind the last diff but the next one.
          tolerant(side, [exchange.diff(1, 0, 0, 1)]);
          const market = () => side.engine.markets.find((m) => m.instrument.rawSymbol === exchange.symbol);
          if (market()?.gapped === false && market()!.events > 0) {
            expect(side.mapper.bookText(exchange.symbol, 99)).toEqual(exchange.text());
          }
          tolerant(side, [exchange.snapshot()]);
          expect(side.mapper.bookText(exchange.symbol, 99)).toEqual(exchange.text());
          expect(market()?.gapped).toBe(false);
        }
      }),
    );
  });

  test('restored beside an engine that is new, it makes the markets anew and goes on', () => {
    const first = rig();
    first.play([INFO, depth(10, BIDS, ASKS), depth(10, BIDS, ASKS, 'ETHUSDT')]);
    const second = rig();
    second.mapper.restore(structuredClone(first.mapper.snapshot()));
    const more = [trade(5, '100.00000000', '1.00000000', true), diff(11, 11, [['98.00000000', '1.00000000']])];
    first.play(more);
    second.play(more);
    expect(second.engine.markets.map(({ instrument }) => instrument)).toEqual(
      first.engine.markets.map((m) => m.instrument),
    );
    expect(second.engine.markets[0]?.depth.snapshot()).toEqual(first.engine.markets[0]?.depth.snapshot());
    const deep = deepLevels(second.engine.markets[0]!);
    expect(deep).toEqual(deepLevels(first.engine.markets[0]!));
    expect(deep!.bids[0]).toBe(first.engine.markets[0]!.depth.bidPrice[0]);
    expect(second.mapper.snapshot()).toEqual(first.mapper.snapshot());
    expect(second.engine.markets[0]?.trades).toBe(1);
  });

  test('restored and continued equals never interrupted', () => {
    fc.assert(
      fc.property(script, fc.nat(80), (steps, cut) => {
        const { frames } = framesOf(steps);
        const whole = rig();
        tolerant(whole, frames);
        const first = rig();
        tolerant(first, frames.slice(0, cut));
        const second = rig();
        tolerant(second, framesOf(steps.slice(0, 5)).frames);
        second.engine.restore(structuredClone(first.engine.snapshot()));
        second.mapper.restore(structuredClone(first.mapper.snapshot()));
        tolerant(second, frames.slice(cut));
        expect(second.mapper.snapshot()).toEqual(whole.mapper.snapshot());
        expect(second.engine.snapshot()).toEqual(whole.engine.snapshot());
      }),
    );
  });
});
