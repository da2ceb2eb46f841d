import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Engine } from '../../../main/core/engine.ts';
import { type FeedFrame, FrameError } from '../../../main/core/feed-port.ts';
import { FeatureStage } from '../../../main/features/feature-stage.ts';
import { CoinbaseMapper } from '../../../main/feeds/coinbase/coinbase-mapper.ts';
import { deepLevels } from '../../core/book/deep-levels.ts';
import { haveFixtures, readFixture } from '../../fixtures.ts';
import { frameOf } from '../binance/recordings.ts';

type Change = readonly [side: string, price: string, size: string];

/** A mapper with its engine, what it asked for and the tape that it printed. */
function rig() {
  const engine = new Engine({ continuity: 'live' });
  const tape: string[] = [];
  engine.addStage(new FeatureStage());
  engine.addStage({
    name: 'tape',
    onTrade: (market, ticks, lots, aggressor) =>
      tape.push(`${market.instrument.rawSymbol} ${ticks} ${lots} ${aggressor} ${market.tsEventUs}`),
    snapshot: () => undefined,
    restore: () => undefined,
  });
  const resyncs: string[] = [];
  const mapper = new CoinbaseMapper(engine, (product, why) => resyncs.push(`${product}: ${why}`));
  const play = (...frames: readonly FeedFrame[]) => {
    for (const frame of frames) {
      engine.arrive(frame.localUs);
      mapper.apply(frame);
    }
  };
  return { engine, mapper, resyncs, tape, play };
}

function message(channel: string, sequence_num: number, events: readonly object[]): FeedFrame {
  const timestamp = `2026-04-07T14:30:00.${String(sequence_num).padStart(6, '0')}789Z`;
  return frameOf(
    'message',
    'public',
    JSON.stringify({ channel, client_id: '', timestamp, sequence_num, events }),
    sequence_num,
  );
}

function depth(
  sequence: number,
  type: 'snapshot' | 'update',
  changes: readonly Change[],
  product_id = 'BTC-USD',
): FeedFrame {
  const updates = changes.map(([side, price_level, new_quantity]) => ({
    side,
    event_time: '1970-01-01T00:00:00Z',
    price_level,
    new_quantity,
  }));
  return message('l2_data', sequence, [{ type, product_id, updates }]);
}

function trades(
  sequence: number,
  type: 'snapshot' | 'update',
  list: readonly (readonly [number, string, string, string])[],
) {
  const of = list.map(([id, price, size, side]) => ({
    trade_id: String(id),
    product_id: 'BTC-USD',
    price,
    size,
    side,
    time: `2026-04-07T14:29:59.00${id % 10}Z`,
  }));
  return message('market_trades', sequence, [{ type, trades: of }]);
}

const PRODUCT = frameOf(
  'answer',
  'product BTC-USD',
  '{"product_id":"BTC-USD","quote_increment":"0.01","base_increment":"0.00000001","quote_currency_id":"USD"}',
);

const BOOK: readonly Change[] = [
  ['bid', '68900.00', '1.5'],
  ['bid', '68899.50', '0.75'],
  ['offer', '68901.00', '0.5'],
];
const START_US = Date.UTC(2026, 3, 7, 14, 30) * 1000;

describe('Coinbase books', () => {
  test.skipIf(!haveFixtures)('samples of each message are understood', () => {
    const { mapper, engine, tape, play, resyncs } = rig();
    const sample = (name: string) =>
      frameOf('message', 'public', new TextDecoder().decode(readFixture(`coinbase/nautilus_samples/${name}.json`)));
    play(sample('ws_l2_data_snapshot'), sample('ws_l2_data_update'));
    expect(mapper.bookText('BTC-USD', 9)).toEqual({
      bids: [
        ['68900.00', '2.00000000'],
        ['68899.50', '0.75000000'],
        ['68899.00', '2.30000000'],
      ],
      asks: [
        ['68901.50', '1.20000000'],
        ['68902.00', '0.80000000'],
      ],
    });
    expect([resyncs, engine.gaps]).toEqual([[], 0]);
    // The sample of trades has a number of its own connection. Its tick is learned: no price of the samples has more decimals.
    play(frameOf('opened', 'public', ''), sample('ws_market_trades'));
    expect(tape.map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual([
      'BTC-USD 689005 15 -1',
      'BTC-USD 689000 500 1',
    ]);
    for (const name of ['ws_heartbeats', 'ws_subscriptions', 'ws_ticker', 'ws_candles']) {
      play(frameOf('opened', 'public', ''), sample(name));
    }
    expect(mapper.tally.recordCounts).toMatchObject({
      l2_data: 2,
      market_trades: 1,
      heartbeats: 1,
      subscriptions: 1,
      other: 2,
    });
  });

  test.skipIf(!haveFixtures)('a recorded session of the Exchange feed, in the words of Advanced Trade', () => {
    const lines = new TextDecoder().decode(readFixture('coinbase/coinbase_btcusd.jsonl')).trim().split('\n');
    const { mapper, play } = rig();
    const reference = { bid: new Map<string, string>(), offer: new Map<string, string>() };
    const SIDES: Readonly<Record<string, 'bid' | 'offer'>> = { buy: 'bid', sell: 'offer' };
    for (const [sequence, line] of lines.entries()) {
      const json = JSON.parse(line) as {
        type: string;
        bids: [string, string][];
        asks: [string, string][];
        changes: [string, string, string][];
      };
      const changes: Change[] =
        json.type === 'snapshot'
          ? [
              ...json.bids.map(([price, size]) => ['bid', price, size] as const),
              ...json.asks.map(([price, size]) => ['offer', price, size] as const),
            ]
          : json.changes.map(([side, price, size]) => [SIDES[side]!, price, size] as const);
      play(depth(sequence, json.type === 'snapshot' ? 'snapshot' : 'update', changes));
      for (const [side, price, size] of changes) {
        const of = reference[side as 'bid' | 'offer'];
        if (Number(size) === 0) of.delete(price);
        else of.set(price, size);
      }
      const sorted = (of: Map<string, string>, sign: number) =>
        [...of].sort(([a], [b]) => sign * (Number(a) - Number(b)));
      expect(mapper.bookText('BTC-USD', 999)).toEqual({
        bids: sorted(reference.bid, -1),
        asks: sorted(reference.offer, 1),
      });
    }
    expect(mapper.tally.symbols.get('BTC-USD')?.updates).toBe(lines.length);
  });

  test('begin with a snapshot, take absolute sizes, and remove at 0 what is there or not', () => {
    const { mapper, engine, play } = rig();
    play(PRODUCT, depth(0, 'update', [['bid', '1.00', '1']]), depth(1, 'snapshot', BOOK));
    play(
      depth(2, 'update', [
        ['bid', '68900.00', '0'],
        ['offer', '70000.00', '0'],
        ['offer', '68901.00', '2.25'],
      ]),
    );
    expect(mapper.bookText('BTC-USD', 9)).toEqual({ bids: [['68899.50', '0.75']], asks: [['68901.00', '2.25']] });
    expect(mapper.bookText('BTC-USDC', 1)).toEqual(mapper.bookText('BTC-USD', 1));
    const [market] = engine.markets;
    expect(market?.instrument).toMatchObject({
      tickNano: 10_000_000,
      lotDecimals: 8,
      tradeBatchMs: 250,
      conflationMs: 0,
    });
    expect([market?.tsEventUs, market?.depthSchema]).toEqual([START_US + 2, 'l2']);
    play(depth(3, 'snapshot', BOOK.slice(1)));
    expect(mapper.bookText('BTC-USD', 9)?.bids).toEqual([['68899.50', '0.75']]);
    expect(mapper.tally.symbols.get('BTC-USD')?.updates).toBe(3);
  });

  test('a hole voids the books of all products, whatever the channel that it is seen in', () => {
    const { mapper, engine, play, resyncs } = rig();
    play(depth(0, 'snapshot', BOOK), depth(1, 'snapshot', BOOK, 'ETH-USD'));
    play(message('heartbeats', 3, [{ current_time: '', heartbeat_counter: 5 }]));
    expect(resyncs).toEqual(['BTC-USD: messages 2 to 2 are missing', 'ETH-USD: messages 2 to 2 are missing']);
    expect([mapper.bookText('BTC-USD', 1), mapper.bookText('ETH-USD', 1)]).toEqual([undefined, undefined]);
    expect([mapper.tally.gaps, engine.gaps]).toEqual([2, 2]);
    play(depth(4, 'update', [['bid', '1.00', '1']]));
    expect(mapper.bookText('BTC-USD', 1)).toBeUndefined();
    play(frameOf('lost', 'public: closed', ''), frameOf('opened', 'public', ''), depth(0, 'snapshot', BOOK));
    expect([mapper.bookText('BTC-USD', 1) !== undefined, engine.markets[0]?.gapped]).toEqual([true, false]);
    expect(resyncs).toHaveLength(2);
  });

  test('what comes again is ignored, and after a lost connection the old book can still be read', () => {
    const { mapper, engine, play, resyncs } = rig();
    play(depth(5, 'snapshot', BOOK), depth(5, 'update', [['bid', '68900.00', '9']]), depth(4, 'snapshot', []));
    expect([mapper.bookText('BTC-USD', 1)?.bids, mapper.tally.recordCounts['repeated']]).toEqual([
      [['68900.00', '1.5']],
      2,
    ]);
    play(frameOf('lost', 'public: closed', ''));
    expect([mapper.bookText('BTC-USD', 1)?.bids, engine.markets[0]?.gapped]).toEqual([[['68900.00', '1.5']], true]);
    expect(resyncs).toEqual([]);
    play(frameOf('opened', 'public', ''), depth(0, 'snapshot', BOOK), frameOf('lost', 'messages were lost', ''));
    expect(resyncs).toEqual(['BTC-USD: messages were lost']);
  });

  test('a crossed book is void', () => {
    const { mapper, play, resyncs } = rig();
    play(depth(0, 'snapshot', BOOK), depth(1, 'update', [['bid', '68901.00', '1']]));
    expect([mapper.bookText('BTC-USD', 1), resyncs.length, mapper.tally.gaps]).toEqual([undefined, 1, 1]);
  });

  test('trades: recent ones are no flow, the aggressor is not the maker, batches come in the order of ids', () => {
    const { mapper, tape, play } = rig();
    play(PRODUCT, depth(0, 'snapshot', BOOK));
    play(
      trades(1, 'snapshot', [
        [12, '68900.00', '1', 'BUY'],
        [11, '68900.00', '1', 'BUY'],
      ]),
    );
    play(
      trades(2, 'update', [
        [14, '68901.00', '0.25', 'SELL'],
        [13, '68900.00', '0.5', 'BUY'],
        [12, '68900.00', '1', 'BUY'],
      ]),
    );
    play(trades(3, 'update', [[17, '68901.00', '1', 'UNKNOWN']]));
    expect(tape).toEqual([
      `BTC-USD 6890000 50000000 -1 ${START_US}`,
      `BTC-USD 6890100 25000000 1 ${START_US}`,
      `BTC-USD 6890100 100000000 0 ${START_US}`,
    ]);
    expect(mapper.tally.recordCounts['missed-trade']).toBe(2);
    play(
      frameOf('opened', 'public', ''),
      trades(0, 'snapshot', [
        [20, '1.00', '1', 'BUY'],
        [19, '1.00', '1', 'BUY'],
      ]),
    );
    expect([tape.length, mapper.tally.recordCounts['missed-trade']]).toEqual([3, 5]);
  });

  test('fields may come in any order', () => {
    const { mapper, play } = rig();
    play(depth(0, 'snapshot', BOOK));
    const text = `{"events":[{"updates":[{"new_quantity":"3","extra":[{}],"side":"bid","price_level":"68900.25"}],
      "product_id":"BTC-USD","type":"update"}], "sequence_num" : 1,"timestamp":"2026-04-07T14:30:00.5Z","channel":"l2_data"}`;
    play(frameOf('message', 'public', text));
    expect(mapper.bookText('BTC-USD', 1)?.bids).toEqual([['68900.25', '3']]);
  });

  test.each([
    'x',
    '{"channel":"l2_data","sequence_num":1,"events":[{"type":"update","product_id":"BTC-USD","updates":[{"side":"bid"}]}]}',
    '{"channel":"l2_data","sequence_num":1,"events":[{"type":"other","product_id":"BTC-USD","updates":[]}]}',
    '{"channel":"l2_data","sequence_num":1,"events":[{"type":"update","updates":[]}]}',
    '{"channel":"l2_data","sequence_num":1,"events":[{"type":"update","product_id":"BTC-USD","updates":[{"side":"ask","price_level":"1","new_quantity":"1"}]}]}',
    '{"channel":"market_trades","sequence_num":1,"events":[{"type":"update","trades":[{"trade_id":"1","product_id":"BTC-USD","price":"1"}]}]}',
    '{"channel":"market_trades","sequence_num":1,"events":[{"type":"update"}]}',
  ])('a message that can not be understood is refused, and the book is void: %s', (text) => {
    const { mapper, play, resyncs } = rig();
    play(depth(0, 'snapshot', BOOK));
    expect(() => play(frameOf('message', 'public', text))).toThrow(FrameError);
    expect([mapper.bookText('BTC-USD', 1), resyncs.length]).toEqual([undefined, 1]);
    play(frameOf('opened', 'public', ''), depth(0, 'snapshot', BOOK));
    expect(mapper.bookText('BTC-USD', 9)?.bids).toHaveLength(2);
  });

  test('a product that is none is refused', () => {
    const { play } = rig();
    expect(() => play(frameOf('answer', 'product X-USD', '{"error":"NOT_FOUND"}'))).toThrow(FrameError);
    expect(() => play(frameOf('answer', 'product X-USD', '<'))).toThrow(FrameError);
  });
});

/** Messages of two products with holes, repetitions, new connections and garbage at any moment. */
const script = fc.array(
  fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({
        what: fc.constant('update' as const),
        product: fc.nat(1),
        at: fc.nat(19),
        size: fc.nat(3),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        what: fc.constantFrom('trade' as const, 'heartbeat' as const, 'snapshot' as const),
        product: fc.nat(1),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        what: fc.constantFrom('hole' as const, 'again' as const, 'new' as const, 'garbage' as const),
        product: fc.nat(1),
      }),
    },
  ),
  { minLength: 1, maxLength: 80 },
);

function framesOf(steps: readonly { what: string; product: number; at?: number; size?: number }[]) {
  const names = ['BTC-USD', 'ETH-USD'];
  const books = names.map(() => ({ bid: new Map([['90.00', '1']]), offer: new Map([['120.00', '1']]) }));
  const frames: FeedFrame[] = [];
  let sequence = 0;
  let tradeId = 50;
  const snapshot = (product: number) => {
    const { bid, offer } = books[product]!;
    const changes = [
      ...[...bid].map(([p, s]) => ['bid', p, s] as const),
      ...[...offer].map(([p, s]) => ['offer', p, s] as const),
    ];
    frames.push(depth(sequence++, 'snapshot', changes, names[product]));
  };
  const begin = () => {
    sequence = 0;
    frames.push(frameOf('lost', 'public: closed', ''), frameOf('opened', 'public', ''));
    snapshot(0);
    snapshot(1);
  };
  begin();
  for (const { what, product, at = 0, size = 0 } of steps) {
    if (what === 'update') {
      const text = size === 0 ? '0' : `${size}.5`;
      const book = books[product]!;
      const changes: Change[] = [
        ['bid', `${80 + at}.00`, text],
        ['offer', `${110 + at}.00`, text],
      ];
      for (const [side, price] of changes) {
        if (size === 0) book[side as 'bid' | 'offer'].delete(price);
        else book[side as 'bid' | 'offer'].set(price, text);
      }
      frames.push(depth(sequence++, 'update', changes, names[product]));
    } else if (what === 'trade') frames.push(trades(sequence++, 'update', [[++tradeId, '100.25', '1.5', 'BUY']]));
    else if (what === 'heartbeat') frames.push(message('heartbeats', sequence++, [{ heartbeat_counter: sequence }]));
    else if (what === 'snapshot') snapshot(product);
    else if (what === 'hole') sequence++;
    else if (what === 'again') frames.push(frames.findLast(({ kind }) => kind === 'message')!);
    else if (what === 'new') begin();
    else frames.push(frameOf('message', 'public', '{"channel":'));
  }
  const text = (product: number) => {
    const side = (of: Map<string, string>, sign: number) => [...of].sort(([a], [b]) => sign * (Number(a) - Number(b)));
    return { bids: side(books[product]!.bid, -1), asks: side(books[product]!.offer, 1) };
  };
  return { frames, names, text, begin };
}

describe('any sequence of messages', () => {
  const tolerant = (side: ReturnType<typeof rig>, frames: readonly FeedFrame[]) => {
    for (const frame of frames) {
      try {
        side.play(frame);
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError);
      }
    }
  };

  test('a trusted book is the venue’s, and a new connection brings trust back', () => {
    fc.assert(
      fc.property(script, (steps) => {
        const side = rig();
        // The last step can't be a hole that nothing follows.
        const { frames, names, text, begin } = framesOf([...steps, { what: 'heartbeat', product: 0 }]);
        tolerant(side, frames);
        for (const [index, name] of names.entries()) {
          const market = side.engine.markets.find(({ instrument }) => instrument.rawSymbol === name)!;
          if (!market.gapped) expect(side.mapper.bookText(name, 99)).toEqual(text(index));
        }
        const length = frames.length;
        begin();
        tolerant(side, frames.slice(length));
        for (const [index, name] of names.entries()) expect(side.mapper.bookText(name, 99)).toEqual(text(index));
        expect(side.engine.markets.some(({ gapped }) => gapped)).toBe(false);
      }),
    );
  });

  test('restored beside an engine that is new, it makes the markets anew and goes on', () => {
    const first = rig();
    first.play(PRODUCT, depth(0, 'snapshot', BOOK), depth(1, 'snapshot', BOOK, 'ETH-USD'));
    const second = rig();
    second.mapper.restore(structuredClone(first.mapper.snapshot()));
    const more = [trades(2, 'update', [[5, '68900.00', '1', 'BUY']]), depth(3, 'update', [['bid', '68899.75', '1']])];
    first.play(...more);
    second.play(...more);
    expect(second.engine.markets.map(({ instrument }) => instrument)).toEqual(
      first.engine.markets.map((m) => m.instrument),
    );
    expect(second.engine.markets[0]?.depth.snapshot()).toEqual(first.engine.markets[0]?.depth.snapshot());
    const deep = deepLevels(second.engine.markets[0]!);
    expect(deep).toEqual(deepLevels(first.engine.markets[0]!));
    expect(deep!.bids[0]).toBe(first.engine.markets[0]!.depth.bidPrice[0]);
    // A new engine has no earlier event whose time a trade could not fall behind.
    const [printed] = second.tape;
    expect(printed?.split(' ').slice(0, 4)).toEqual(first.tape[0]?.split(' ').slice(0, 4));
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
