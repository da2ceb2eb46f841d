import { beforeEach, describe, expect, test } from 'vitest';
import { DbnDecoder } from '../../main/codec/dbn/decoder.ts';
import { DbnRecordWriter } from '../../main/codec/dbn/write-record.ts';
import { Engine } from '../../main/core/engine.ts';
import type { MarketTable, Store, StoredBar } from '../../main/core/store-port.ts';
import { FeatureStage } from '../../main/features/feature-stage.ts';
import { MinuteBars } from '../../main/features/minute-bars.ts';
import { RecordMapper } from '../../main/feeds/databento/record-mapper.ts';
import { SimulatedMarket } from '../../main/feeds/simulated/simulated-market.ts';
import { MarketRecorder, type MarketRecorderOptions } from '../../main/storage/tables/market-recorder.ts';
import { MARKET_TABLES } from '../../main/storage/tables/market-tables.ts';
import type { RowBlock } from '../../main/storage/tables/row-block.ts';
import { RowGatherers } from '../../main/storage/tables/row-gatherers.ts';
import { coinInstrument, type Instrument, instrumentOf, PUBLISHER } from '../../shared/instruments.ts';

/** 2026-11-18 13:00 UTC, a Wednesday. */
const START = 1_795_006_800_000_000;
const LETTERS: Readonly<Record<string, number>> = { A: 65, B: 66, N: 78 };

/** Takes in what a recorder writes, by the names of its columns. */
class Taken {
  readonly lines: string[] = [];
  readonly bars: (StoredBar & { readonly line: string })[] = [];
  readonly #gatherers = new RowGatherers();
  readonly #blocks: RowBlock[] = [];

  readonly store = {
    instrument: (market: number, _: Instrument, symbol: string) => {
      this.lines[market] = symbol;
    },
    row: (table: MarketTable) => this.#gatherers.place(table),
    bars: (rows: readonly StoredBar[]) =>
      this.bars.push(...rows.map((row) => ({ ...row, line: this.lines[row.market]! }))),
  } as unknown as Store;

  rows(table: MarketTable): Record<string, number>[] {
    this.#gatherers.take(this.#blocks);
    const { fields, width } = MARKET_TABLES[table];
    const found: Record<string, number>[] = [];
    for (const block of this.#blocks.filter((one) => one.table === table)) {
      for (let row = 0; row < block.rows; row++) {
        let at = row * width;
        const named: Record<string, number> = {};
        for (const { kind, name } of fields) {
          named[name] = block.values[at++]!;
          if (kind === 'instant') named[`${name}_nano`] = block.values[at++]!;
        }
        found.push(named);
      }
    }
    return found;
  }
}

let taken: Taken;
let engine: Engine;

beforeEach(() => {
  taken = new Taken();
  engine = new Engine({ continuity: 'live' });
});

function record(options: MarketRecorderOptions = { depthEvents: 'live' }): void {
  const recorder = new MarketRecorder(taken.store, engine, options);
  engine.addStage(new FeatureStage());
  engine.addStage(new MinuteBars(engine.scheduler, recorder));
  engine.addStage(recorder);
}

/** Quotes a market once a second, a tick higher each time. */
function quote(instrument: Instrument, seconds: number) {
  const market = engine.addMarket(instrument);
  for (let second = 0; second < seconds; second++) {
    const us = START + second * 1_000_000;
    engine.arrive(us);
    market.depth.setBid(0, 20_000 + second, 5, 1);
    market.depth.setAsk(0, 20_002 + second, 7, 2);
    engine.endEvent(market, us, us, true);
  }
  return market;
}

describe('the recorder', () => {
  test('bars are kept with what their volume counts, under the line that they came from', () => {
    record();
    const future = quote(instrumentOf('6EZ6', 1, 7, undefined), 4);
    quote({ ...instrumentOf('EURUSD', PUBLISHER.IG, 8, undefined), indicative: true }, 4);
    engine.trade(future, START + 5_000_000, START + 5_000_000, 20_001, 9, 1);
    engine.advanceTo(START + 120_000_000);
    expect(taken.bars).toMatchObject([
      { market: 0, line: '6E', volumeType: 'real', volume: 9 },
      { market: 1, line: 'EUR_USD', volumeType: 'tick', volume: 4 },
    ]);
  });

  test('books and features once a second, spot quotes at every change, trades one by one', () => {
    record();
    const future = quote(instrumentOf('6EZ6', 1, 7, undefined), 2);
    engine.endEvent(future, START + 1_200_000, START + 1_200_000, true);
    const spot = quote({ ...instrumentOf('EURUSD', PUBLISHER.IG, 8, undefined), indicative: true }, 3);
    engine.endEvent(spot, START + 2_100_000, START + 2_100_000, true);
    engine.trade(future, START + 2_200_000, START + 2_200_300, 20_001, 9, 1);
    engine.trade(future, START + 2_300_000, START + 2_300_300, 20_000, 4, -1);
    engine.trade(future, START + 2_400_000, START + 2_400_300, 20_000, 1, 0);
    expect(taken.rows('cme_mbp10_book')).toMatchObject([
      {
        best_bid: 1,
        best_ask: 1.0001,
        mid: 1.00005,
        spread: 0.0001,
        bid_sz_00: 5,
        ask_ct_00: 2,
        bid_px_01: Number.NaN,
      },
      { best_bid: 1.00005, mid: 1.0001, bid_px_00: 1.00005, provider_event: START + 1_000_000 },
    ]);
    expect(taken.rows('ig_spot_ticks').map(({ bid, ask_size }) => [bid, ask_size])).toEqual([
      [0.2, 7],
      [0.20001, 7],
      [0.20002, 7],
    ]);
    // No vendor stands between IG and here.
    expect(taken.rows('ig_spot_ticks')[0]).toMatchObject({ vendor_receive: Number.NaN, sequence: Number.NaN });
    expect(taken.rows('cme_trades')).toMatchObject([
      { price: 1.00005, size: 9, side: LETTERS['B'], vendor_receive: START + 2_200_300 },
      { price: 1, size: 4, side: LETTERS['A'] },
      { price: 1, size: 1, side: LETTERS['N'] },
    ]);
    expect(taken.rows('features')).toHaveLength(4);
  });

  test('sizes of coins are in units of the coin', () => {
    record();
    const pair = {
      venue: 'KRAKEN',
      symbol: 'BTC/USD',
      venueId: 9,
      quoteCurrency: 'USD',
      tickNano: 100_000_000,
    } as const;
    const coin = quote(coinInstrument({ ...pair, lotDecimals: 8 }), 1);
    coin.sequence = 77;
    engine.trade(coin, START, START, 20_001, 12_345_678, -1);
    expect(taken.rows('crypto_book')).toMatchObject([{ best_bid: 2000, bid_sz_00: 5e-8 }]);
    expect(taken.rows('crypto_trades')).toMatchObject([
      { price: 2000.1, size: 0.12345678, sequence: 77, provider_event: START, provider_event_nano: 0 },
    ]);
    expect(taken.lines).toEqual(['BTC/USD']);
  });

  test('depth records of a stream are kept whole, to the nanosecond, and each print beside them', () => {
    record({ depthEvents: 'all' });
    const records = playSimulated(60);
    const depth = taken.rows('cme_mbp10_events');
    expect(depth).toHaveLength(records.length);
    expect(depth.map(({ provider_event, provider_event_nano }) => [provider_event, provider_event_nano])).toEqual(
      records.map(({ ns }) => [Number(ns / 1000n), Number(ns % 1000n)]),
    );
    expect(depth.map(({ sequence, action, price }) => [sequence, action, price])).toEqual(
      records.map(({ sequence, action, price }) => [sequence, action, price]),
    );
    const prints = records.filter(({ action }) => action === 'T'.charCodeAt(0));
    expect(prints.length).toBeGreaterThan(10);
    expect(taken.rows('cme_trades').map(({ sequence, price }) => [sequence, price])).toEqual(
      prints.map(({ sequence, price }) => [sequence, price]),
    );
  });

  test('depth of the simulated market is left out unless it is asked for, and all where nothing is', () => {
    record({ depthEvents: 'live' });
    playSimulated(5);
    expect(taken.rows('cme_mbp10_events')).toEqual([]);
    expect(taken.rows('cme_mbp10_book').length).toBeGreaterThan(3);
  });

  test('of two contracts the front is the line, and goes on as it when it changes', () => {
    record();
    const near = quote(instrumentOf('6EZ6', 1, 7, undefined), 1);
    const far = quote(instrumentOf('6EH7', 1, 8, undefined), 1);
    expect(taken.lines).toEqual(['6E', '6EH7']);
    for (let n = 0; n < 60; n++) engine.trade(far, START + n, START + n, 20_001, 5, 1);
    expect(taken.lines).toEqual(['6EZ6', '6E']);
    engine.gap(far, 'roll');
    expect(taken.lines).toEqual(['6E', '6EH7']);
    expect(near.instrument.rawSymbol).toBe('6EZ6');
  });

  interface DepthRecord {
    readonly ns: bigint;
    readonly sequence: number;
    readonly action: number;
    readonly price: number;
  }

  /** Plays seconds of a simulated 6E into the engine; gives its MBP-10 records as another reading of the bytes has them. */
  function playSimulated(seconds: number): DepthRecord[] {
    const market = new SimulatedMarket({
      ...{ seed: 11, startUs: START, lagUs: 150_000, eventsPerSecond: 100, products: ['6E'], alwaysOpen: true },
    });
    const out = new DbnRecordWriter(16 * 1024 * 1024);
    market.prologue(out);
    market.advanceTo(START + seconds * 1_000_000, out);
    const bytes = out.written().slice();
    const decoder = new DbnDecoder();
    const mapper = new RecordMapper(engine);
    const records: DepthRecord[] = [];
    decoder.push(bytes);
    while (decoder.next()) {
      engine.arrive(mapper.arrivalUs(decoder));
      mapper.apply(decoder);
      const view = new DataView(decoder.bytes.buffer, decoder.bytes.byteOffset + decoder.byteAt);
      if (view.getUint8(1) !== 0x0a || mapper.market?.instrument.venue !== 'GLBX') continue;
      records.push({
        ns: view.getBigUint64(8, true),
        sequence: view.getUint32(44, true),
        action: view.getUint8(28),
        price: Number(view.getBigInt64(16, true)) / 1e9,
      });
    }
    return records;
  }
});
