import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { Depth } from '../main/core/book/depth.ts';
import { LevelBook } from '../main/core/book/level-book.ts';
import { fixture, haveFixtures } from '../test/fixtures.ts';
import { type Figures, rate } from './measure.ts';

const PRICE_SCALE = 100;
const SIZE_SCALE = 1e8;

interface Update {
  readonly isSnapshot: boolean;
  readonly bids: readonly { readonly price: number; readonly amount: number }[];
  readonly asks: readonly { readonly price: number; readonly amount: number }[];
}

/**
 * Incremental book with a top-ten read per message on recorded Binance diffs, beside tardis-dev's book on the same
 * messages. Both are given parsed numbers: text is not part of this.
 */
export async function levelBookBench(): Promise<Figures> {
  if (!haveFixtures) return {};
  const updates = await recordedUpdates('binance/hftbacktest/examples_spot_btcusdt_20240808.gz');
  const levels = updates.reduce((sum, { bids, asks }) => sum + bids.length + asks.length, 0);
  const { OrderBook } = await import('tardis-dev');
  const ours = rate(levels, 5, () => playOurs(ticksOf(updates)));
  const theirs = rate(levels, 3, () => {
    const book = new OrderBook({});
    let seen = 0;
    for (const update of updates) {
      book.update(update as unknown as Parameters<typeof book.update>[0]);
      seen += topTen(book.bids()) + topTen(book.asks());
    }
    if (seen === 0) throw new Error('the peer saw no level');
  });
  return {
    'level-book.updates': { value: ours, unit: 'level updates/s' },
    'level-book.tardis-dev': { value: theirs, unit: 'level updates/s' },
    'level-book.ratio': { value: ours / theirs, unit: '× tardis-dev' },
  };
}

interface Ticks {
  readonly isSnapshot: boolean;
  readonly bids: Float64Array;
  readonly asks: Float64Array;
}

let cached: readonly Ticks[] | undefined;

/** Prices and sizes as the mapper hands them over: integers. */
function ticksOf(updates: readonly Update[]): readonly Ticks[] {
  cached ??= updates.map(({ isSnapshot, bids, asks }) => ({ isSnapshot, bids: flat(bids), asks: flat(asks) }));
  return cached;
}

function flat(levels: Update['bids']): Float64Array {
  const values = new Float64Array(levels.length * 2);
  for (const [index, { price, amount }] of levels.entries()) {
    values[2 * index] = Math.round(price * PRICE_SCALE);
    values[2 * index + 1] = Math.round(amount * SIZE_SCALE);
  }
  return values;
}

function playOurs(updates: readonly Ticks[]): void {
  const book = new LevelBook();
  const depth = new Depth();
  for (const { isSnapshot, bids, asks } of updates) {
    if (isSnapshot) book.clear();
    for (let i = 0; i < bids.length; i += 2) book.setBid(bids[i]!, bids[i + 1]!);
    for (let i = 0; i < asks.length; i += 2) book.setAsk(asks[i]!, asks[i + 1]!);
    book.fill(depth);
    depth.settle();
  }
  if (!depth.twoSided) throw new Error('the book is empty');
}

function topTen(levels: IterableIterator<unknown>): number {
  let count = 0;
  for (const _ of levels) if (++count === 10) break;
  return count;
}

async function recordedUpdates(path: string): Promise<readonly Update[]> {
  const updates: Update[] = [];
  const lines = createInterface({ input: createReadStream(fixture(path)).pipe(createGunzip()) });
  for await (const line of lines) {
    const json = JSON.parse(line.slice(line.indexOf(' ') + 1)) as {
      stream?: string;
      data?: { b: [string, string][]; a: [string, string][] };
      bids?: [string, string][];
      asks?: [string, string][];
    };
    if (json.bids !== undefined && json.asks !== undefined) {
      updates.push({ isSnapshot: true, bids: numbers(json.bids), asks: numbers(json.asks) });
    } else if (json.stream?.includes('@depth') === true) {
      updates.push({ isSnapshot: false, bids: numbers(json.data!.b), asks: numbers(json.data!.a) });
    }
  }
  return updates;
}

function numbers(levels: readonly (readonly [string, string])[]): Update['bids'] {
  return levels.map(([price, amount]) => ({ price: Number(price), amount: Number(amount) }));
}
