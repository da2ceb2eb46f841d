import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { bareQty, OrderUpdate, orderSnapshot } from '../../venues/kraken-messages.ts';
import { VenueBook } from '../../venues/kraken-venue-book.ts';
import { BTC } from './feed-rig.ts';
import { MapperRig } from './mapper-rig.ts';
import { digitsOf } from './plain-book.ts';

const TIME = '"timestamp":"2024-05-30T10:24:04.123456789Z"';
/** An order of a message: an event before the id, no size for a delete. */
type Row = readonly [id: string, price: string, qty?: string | undefined, event?: string];

/** @param queue every order of the ten best prices as it then stands: asks upwards, then bids downwards */
function message(
  type: string,
  bids: readonly Row[],
  asks: readonly Row[],
  queue: readonly (readonly [string, string])[],
): string {
  const list = (rows: readonly Row[]) =>
    rows
      .map(([id, price, qty, event]) => {
        const what = event === undefined ? '' : `"event":"${event}",`;
        const size = qty === undefined ? '' : `"order_qty":${qty},`;
        return `{${what}"order_id":"${id}","limit_price":${price},${size}${TIME}}`;
      })
      .join();
  const checksum = crc32(queue.map(([price, qty]) => digitsOf(price) + digitsOf(qty)).join(''));
  return `{"channel":"level3","type":"${type}","data":[{"symbol":"BTC/USD","checksum":${checksum},"bids":[${list(bids)}],"asks":[${list(asks)}]}]}`;
}

test('a modify keeps its place in the queue, a delete needs no size, and the text of sizes is taken as it comes', () => {
  const rig = new MapperRig();
  const send = (text: string) => rig.message(text, 'level3');
  send(
    message(
      'snapshot',
      [
        ['A', '100.0', '0.3346877'],
        ['B', '100.0', '0.50'],
      ],
      [['C', '101.5', '2']],
      [
        ['101.5', '2'],
        ['100.0', '0.3346877'],
        ['100.0', '0.50'],
      ],
    ),
  );
  send(
    message(
      'update',
      [['A', '100.0', '0.9', 'modify']],
      [['D', '101.5', '0.0100', 'add']],
      [
        ['101.5', '2'],
        ['101.5', '0.0100'],
        ['100.0', '0.9'],
        ['100.0', '0.50'],
      ],
    ),
  );
  send(
    message(
      'update',
      [['E', '100.5', '1.25', 'add']],
      [['C', '101.5', undefined, 'delete']],
      [
        ['101.5', '0.0100'],
        ['100.5', '1.25'],
        ['100.0', '0.9'],
        ['100.0', '0.50'],
      ],
    ),
  );
  expect(rig.mapper.tally).toMatchObject({ checksumFailures: 0, gaps: 0, recordCounts: { level3: 3 } });
  const { depth, tsEventUs } = rig.market('BTC/USD');
  expect([...depth.bidPrice.slice(0, 2)]).toEqual([1005, 1000]);
  expect([...depth.bidOrders.slice(0, 2)]).toEqual([1, 2]);
  expect(depth.askSize[0]).toBe(100_000);
  expect(tsEventUs).toBe(Date.parse('2024-05-30T10:24:04.123Z') * 1000 + 456);
  expect(rig.mapper.bookText('BTC/USD', 1)).toEqual({ bids: [['100.5', '1.2500000']], asks: [['101.5', '0.0100000']] });
});

test('an unknown event, and an order without an id, are refused', () => {
  for (const row of [
    ['A', '100.0', '1.0', 'rename'],
    ['', '100.0', '1.0', 'add'],
  ] as const) {
    const rig = new MapperRig();
    rig.message(message('snapshot', [['A', '100.0', '0.5']], [], [['100.0', '0.5']]), 'level3');
    expect(() => rig.message(message('update', [row], [], []), 'level3')).toThrow(/level3/);
    expect(rig.asked).toHaveLength(1);
    expect(rig.market('BTC/USD').gapped).toBe(true);
  }
});

test('orders that are pushed out of the depth go, and come back with their level', () => {
  const book = new VenueBook(BTC, 5);
  const rig = new MapperRig();
  rig.message(orderSnapshot(book, 10), 'level3');
  let pushed = 0;
  for (let step = 0; step < 5000; step++) {
    const update = new OrderUpdate(book, 10);
    book.step((change) => {
      if (change.kind === 'add' && change.fresh && change.at < 10) pushed++;
      update.note(change);
    });
    if (!update.empty) rig.message(update.message(book.orderChecksum(bareQty(book))), 'level3');
  }
  expect(pushed).toBeGreaterThan(100);
  expect(rig.mapper.tally).toMatchObject({ checksumFailures: 0, gaps: 0 });
  expect(rig.mapper.bookText('BTC/USD', 1000)).toEqual({ bids: book.rows('bids', 10), asks: book.rows('asks', 10) });
});

test('where a book is known by order, the same book by level adds nothing', () => {
  const rig = new MapperRig();
  rig.message(message('snapshot', [['A', '100.0', '0.5']], [], [['100.0', '0.5']]), 'level3');
  const books = rig.seen.length;
  rig.message('{"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[],"asks":[],"checksum":0}]}');
  expect(rig.seen).toHaveLength(books);
  expect(rig.market('BTC/USD').depthSchema).toBe('mbo');
  rig.frame('lost', 'level3: cut');
  rig.message('{"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[],"asks":[],"checksum":0}]}');
  expect(rig.market('BTC/USD').depthSchema).toBe('l2');
});

test('a lost public connection leaves a book by order as it is, but its trades have a hole', () => {
  const rig = new MapperRig();
  rig.message(message('snapshot', [['A', '100.0', '0.5']], [], [['100.0', '0.5']]), 'level3');
  rig.frame('lost', 'public: cut');
  expect(rig.market('BTC/USD').gapped).toBe(true);
  rig.message(
    message(
      'update',
      [['B', '100.0', '0.5', 'add']],
      [],
      [
        ['100.0', '0.5'],
        ['100.0', '0.5'],
      ],
    ),
    'level3',
  );
  expect(rig.market('BTC/USD').gapped).toBe(false);
  expect(rig.mapper.tally).toMatchObject({ gaps: 1, checksumFailures: 0 });
});
