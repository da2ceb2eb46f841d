import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameError } from '../../../main/core/feed-port.ts';
import { deepLevels } from '../../core/book/deep-levels.ts';
import {
  bareQty,
  LevelUpdate,
  levelSnapshot,
  OrderUpdate,
  orderSnapshot,
  tradeMessage,
} from '../../venues/kraken-messages.ts';
import { VenueBook } from '../../venues/kraken-venue-book.ts';
import { BTC } from './feed-rig.ts';
import { MapperRig } from './mapper-rig.ts';

/** What a session brings: messages by connection, and losses. */
type Event = readonly [connection: 'public' | 'level3', text: string | undefined];

/** A session of one symbol by level and another by order, with trades, wrong checksums, garbage and losses strewn in. */
function session(seed: number, steps: number): Event[] {
  const events: Event[] = [];
  const books = (['public', 'level3'] as const).map((connection, index) => {
    const symbol = connection === 'public' ? 'BTC/USD' : 'ETH/USD';
    return { connection, book: new VenueBook({ ...BTC, symbol }, seed + index) };
  });
  const snapshot = (connection: 'public' | 'level3', book: VenueBook, count: number) =>
    events.push([connection, connection === 'public' ? levelSnapshot(book, 10, count) : orderSnapshot(book, 10)]);
  for (const { connection, book } of books) snapshot(connection, book, 0);
  for (let step = 1; step <= steps; step++) {
    for (const { connection, book } of books) {
      const update = connection === 'public' ? new LevelUpdate(book, 10) : new OrderUpdate(book, 10);
      const trades = book.step((change) => update.note(change));
      if (trades.length > 0) events.push(['public', tradeMessage(book, 'update', trades, step)]);
      const fault = (seed + step) % 23;
      const wrong = fault === 1 ? 1 : 0;
      if (update instanceof LevelUpdate) {
        if (!update.empty) events.push([connection, update.message(step, (book.levelChecksum() ^ wrong) >>> 0, false)]);
      } else if (!update.empty) {
        events.push([connection, update.message((book.orderChecksum(bareQty(book)) ^ wrong) >>> 0)]);
      }
      if (fault === 7) events.push([connection, '{"channel":"book"']);
      if (fault === 13) events.push([connection, undefined]);
      if (fault % 5 === 4) snapshot(connection, book, step);
    }
  }
  return events;
}

function play(rig: MapperRig, [connection, text]: Event): void {
  try {
    if (text === undefined) rig.frame('lost', `${connection}: cut`);
    else rig.message(text, connection);
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
  }
}

test('restored and continued is the same as never interrupted', () => {
  let checksumFailures = 0;
  fc.assert(
    fc.property(fc.nat(1000), fc.array(fc.nat(150), { minLength: 1, maxLength: 4 }), (seed, breaks) => {
      const events = session(seed, 60);
      const whole = new MapperRig();
      let broken = new MapperRig();
      for (const [index, event] of events.entries()) {
        play(whole, event);
        if (breaks.includes(index)) broken = broken.reborn();
        play(broken, event);
      }
      expect(broken.seen).toEqual(whole.seen);
      expect(broken.mapper.snapshot()).toEqual(whole.mapper.snapshot());
      expect(broken.engine.snapshot()).toEqual(whole.engine.snapshot());
      checksumFailures += whole.mapper.tally.checksumFailures;
    }),
    { numRuns: 60 },
  );
  expect(checksumFailures).toBeGreaterThan(60);
});

test('a mapper restored alone makes its markets anew, with their books', () => {
  const rig = new MapperRig();
  for (const event of session(3, 9)) play(rig, event);
  const alone = new MapperRig();
  alone.mapper.restore(structuredClone(rig.mapper.snapshot()));
  expect(alone.mapper.bookText('BTC/USD', 10)).toEqual(rig.mapper.bookText('BTC/USD', 10));
  expect(alone.market('ETH/USD').instrument).toEqual(rig.market('ETH/USD').instrument);
  expect(alone.market('ETH/USD').depthSchema).toBe('mbo');
  expect([...alone.market('BTC/USD').depth.bidPrice]).toEqual([...rig.market('BTC/USD').depth.bidPrice]);
  for (const symbol of ['BTC/USD', 'ETH/USD']) {
    const deep = deepLevels(alone.market(symbol));
    expect(deep).toEqual(deepLevels(rig.market(symbol)));
    expect(deep!.bids[0]).toBe(rig.market(symbol).depth.bidPrice[0]);
  }
});
