import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { Engine } from '../../../main/core/engine.ts';
import { type FeedFrame, FrameError, type FrameKind } from '../../../main/core/feed-port.ts';
import type { Market } from '../../../main/core/market.ts';
import { OffTickError } from '../../../main/core/ports.ts';
import { IgMapper } from '../../../main/feeds/ig/ig-mapper.ts';
import { encodePriceUpdate, meaningOfFlag } from '../../../main/feeds/ig/price-update.ts';

const EURUSD = 'CS.D.EURUSD.CFD.IP';
const USDJPY = 'CS.D.USDJPY.CFD.IP';
/** 2026-11-18T12:00Z. */
const US = 1_795_003_200_000_000;
const encoder = new TextEncoder();

let engine: Engine;
let mapper: IgMapper;
const gaps: string[] = [];
beforeEach(() => {
  gaps.length = 0;
  [engine, mapper] = machine();
});

function machine(): [Engine, IgMapper] {
  const made = new Engine({ continuity: 'live' });
  made.addStage({
    name: 'gaps',
    onGap: (market, reason) => gaps.push(`${market.instrument.rawSymbol} ${reason}`),
    snapshot: () => undefined,
    restore: () => undefined,
  });
  return [made, new IgMapper(made)];
}

function frame(kind: FrameKind, name: string, bytes: Uint8Array = new Uint8Array(0), localUs = US): FeedFrame {
  return { kind, name, bytes, localUs };
}

function details(epic: string, decimals: number, status = 'TRADEABLE'): FeedFrame {
  const answer = {
    instrument: {
      epic,
      expiry: '-',
      name: epic,
      type: 'CURRENCIES',
      streamingPricesAvailable: true,
      contractSize: '100000',
    },
    dealingRules: { marketOrderPreference: 'AVAILABLE_DEFAULT_OFF', trailingStopsPreference: 'AVAILABLE' },
    snapshot: { marketStatus: status, decimalPlacesFactor: decimals, scalingFactor: 10_000 },
  };
  return frame('answer', `market ${epic}`, encoder.encode(JSON.stringify(answer)));
}

function price(epic: string, values: readonly (string | null)[], localUs = US): FeedFrame {
  return frame(
    'message',
    'prices',
    encodePriceUpdate(
      epic,
      values,
      values.map(() => true),
      false,
    ),
    localUs,
  );
}

const QUOTE = ['1.15587', '1.15593', '500000', '750000', '1795003199990', 'DEAL'];

function play(...frames: readonly FeedFrame[]): void {
  for (const one of frames) {
    engine.arrive(one.localUs);
    mapper.apply(one);
  }
}

function market(symbol = 'EURUSD'): Market {
  return engine.markets.find(({ instrument }) => instrument.rawSymbol === symbol)!;
}

test('a quote is a book of one level, at the time that IG gives it', () => {
  play(details(EURUSD, 5), frame('opened', 'prices'), price(EURUSD, QUOTE));
  const { depth, tsEventUs, tsRecvUs, gapped } = market();
  expect([depth.bidPrice[0], depth.bidSize[0], depth.askPrice[0], depth.askSize[0]]).toEqual([
    115_587, 500_000, 115_593, 750_000,
  ]);
  expect([tsEventUs, tsRecvUs, gapped]).toEqual([US - 10_000, US, false]);
  expect(mapper.bookText('EURUSD', 10)).toEqual({ bids: [['1.15587', '500000']], asks: [['1.15593', '750000']] });
  expect(mapper.bookText(EURUSD, 1)).toEqual(mapper.bookText('EUR/USD', 1));
  expect(mapper.bookText('GBPUSD', 10)).toBeUndefined();
});

test('prices are exact ticks whatever their digits', () => {
  play(details(USDJPY, 3));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400_000 }), fc.integer({ min: 1, max: 100 }), (bid, spread) => {
      const text = (ticks: number) => `${Math.floor(ticks / 1000)}.${String(ticks % 1000).padStart(3, '0')}`;
      play(price(USDJPY, [text(bid), text(bid + spread), '1', '2', null, null]));
      const { depth } = market('USDJPY');
      expect([depth.bidPrice[0], depth.askPrice[0]]).toEqual([bid, bid + spread]);
      expect(mapper.bookText('USDJPY', 1)).toEqual({ bids: [[text(bid), '1']], asks: [[text(bid + spread), '2']] });
    }),
    { numRuns: 200 },
  );
});

test('a quote without a time has the time at which it came', () => {
  play(details(EURUSD, 5), price(EURUSD, ['1.15587', '1.15593', null, null, null, null]));
  expect(market()).toMatchObject({ tsEventUs: US });
  expect(mapper.bookText('EURUSD', 1)).toEqual({ bids: [['1.15587', '0']], asks: [['1.15593', '0']] });
});

describe('a frame that does not fit', () => {
  beforeEach(() =>
    play(
      details(EURUSD, 5),
      details(USDJPY, 3),
      price(EURUSD, QUOTE),
      price(USDJPY, ['155.201', '155.208', '1', '1', null, 'DEAL']),
    ),
  );

  test.each([
    ['a price between two ticks', ['1.155875', '1.15593', '1', '1', null, 'DEAL'], /not a multiple of its tick/],
    ['a price that is no number', ['1.1558x', '1.15593', '1', '1', null, 'DEAL'], /expected/],
    ['a negative price', ['-1.15587', '1.15593', '1', '1', null, 'DEAL'], /expected/],
  ] as const)('%s is refused, and its own market alone is in doubt until the next', (_what, values, words) => {
    expect(() => play(price(EURUSD, values))).toThrow(words);
    expect(() => play(price(EURUSD, values))).toThrow(words.source.includes('tick') ? OffTickError : FrameError);
    expect([market().gapped, market('USDJPY').gapped]).toEqual([true, false]);
    expect(gaps).toEqual(['EURUSD feed-gap']);
    expect(mapper.bookText('EURUSD', 1)).toBeUndefined();
    play(price(EURUSD, QUOTE));
    expect(market().gapped).toBe(false);
    expect(mapper.tally.gaps).toBe(1);
  });

  test('garbage puts all markets in doubt', () => {
    expect(() => play(frame('message', 'prices', encoder.encode('{"epi')))).toThrow(FrameError);
    expect([market().gapped, market('USDJPY').gapped]).toEqual([true, true]);
  });

  test('prices of a market that is not known are refused, and concern no other', () => {
    expect(() => play(price('CS.D.GBPUSD.CFD.IP', QUOTE))).toThrow(/its market details have not come/);
    expect(gaps).toEqual([]);
  });

  test('details that are none are refused', () => {
    expect(() => play(frame('answer', `market ${EURUSD}`, encoder.encode('<html>')))).toThrow(FrameError);
  });

  test('any bytes at all are a FrameError or a quote, never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(200), (noise, at) => {
        const bytes = encodePriceUpdate(
          EURUSD,
          QUOTE,
          QUOTE.map(() => true),
          false,
        );
        bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
        try {
          play(frame('message', 'prices', bytes));
        } catch (error) {
          expect(error instanceof FrameError || error instanceof OffTickError).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test('what was left out of one market puts it alone in doubt; a lost line, all', () => {
  play(
    details(EURUSD, 5),
    details(USDJPY, 3),
    price(EURUSD, QUOTE),
    price(USDJPY, ['155.201', '155.208', '1', '1', null, 'DEAL']),
  );
  play(frame('lost', `left out ${USDJPY}`));
  expect(gaps).toEqual(['USDJPY feed-gap']);
  play(frame('lost', 'the connection was lost'), frame('lost', 'the connection was lost'));
  expect(gaps).toEqual(['USDJPY feed-gap', 'EURUSD feed-gap']);
  expect(mapper.tally).toMatchObject({ gaps: 2, checksumFailures: 0, recordCounts: { market: 2, quote: 2 } });
});

test('the dealing flag says whether there is trading; what it does not say stays', () => {
  play(details(EURUSD, 5, 'CLOSED'));
  expect(market().venueStatus).toBe('close');
  const states: [string | null, string][] = [
    ['DEAL', 'trading'],
    ['SUSPEND', 'halt'],
    ['DEAL ', 'trading'],
    ['AUCTION', 'halt'],
    [null, 'halt'],
    ['UNHEARD_OF', 'halt'],
    ['CLOSED', 'close'],
    ['CLOSINGSONLY', 'halt'],
    ['DEALNOEDIT', 'trading'],
  ];
  for (const [flag, status] of states) {
    play(price(EURUSD, ['1.15587', '1.15593', '1', '1', null, flag]));
    expect([flag, market().venueStatus]).toEqual([flag, status]);
  }
  expect(meaningOfFlag('CALL')).toBe('halt');
});

test('frames play again to the same, from the start and from any point between', () => {
  const frames: FeedFrame[] = [details(EURUSD, 5), details(USDJPY, 3), frame('opened', 'prices')];
  for (let i = 0; i < 60; i++) {
    const at = US + i * 50_000;
    frames.push(
      price(
        EURUSD,
        [
          `1.155${10 + i}`,
          i % 7 === 0 ? null : `1.156${10 + i}`,
          String(i),
          null,
          String(at / 1000),
          i % 20 === 0 ? 'SUSPEND' : 'DEAL',
        ],
        at,
      ),
    );
    frames.push(price(USDJPY, [`155.2${10 + i}`, `155.3${10 + i}`, '7', '9', null, 'DEAL'], at));
    if (i === 30) frames.push(frame('lost', 'cut', undefined, at), frame('opened', 'prices', undefined, at));
  }
  play(...frames);
  const whole = [engine.snapshot(), mapper.snapshot(), mapper.bookText('EURUSD', 1), mapper.tally.recordCounts];
  for (const cut of [0, 1, 3, 50, 64, frames.length]) {
    [engine, mapper] = machine();
    play(...frames.slice(0, cut));
    const [engineState, mapperState] = [structuredClone(engine.snapshot()), structuredClone(mapper.snapshot())];
    [engine, mapper] = machine();
    engine.restore(engineState);
    mapper.restore(mapperState);
    play(...frames.slice(cut));
    expect([engine.snapshot(), mapper.snapshot(), mapper.bookText('EURUSD', 1), mapper.tally.recordCounts]).toEqual(
      whole,
    );
  }
});

test('what the mapper knows goes on in an engine that has no market yet', () => {
  play(details(EURUSD, 5), price(EURUSD, QUOTE));
  const known = structuredClone(mapper.snapshot());
  [engine, mapper] = machine();
  mapper.restore(known);
  play(price(EURUSD, QUOTE));
  expect(market()).toMatchObject({ depthSchema: 'mbp-1', venueStatus: 'trading', gapped: false });
  expect(market().instrument).toMatchObject({ label: 'EUR/USD', indicative: true });
  expect(market().depth.bidPrice[0]).toBe(115_587);
});
