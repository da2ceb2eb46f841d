import { Engine } from '../main/core/engine.ts';
import type { FeedFrame } from '../main/core/feed-port.ts';
import { BinanceMapper } from '../main/feeds/binance/binance-mapper.ts';
import { hftbacktestFrames } from '../test/feeds/binance/recordings.ts';
import { haveFixtures } from '../test/fixtures.ts';
import { type Figures, rate } from './measure.ts';

const decoder = new TextDecoder();
/** Enough for the compiler to have done its best with all of them. */
const ROUNDS = 16;

type Pairs = readonly (readonly [string, string])[];

interface Message {
  readonly bids?: Pairs;
  readonly asks?: Pairs;
  readonly data?: { readonly b: Pairs; readonly a: Pairs };
}

/**
 * From the bytes of recorded Binance diffs to a book with its ten best levels after each message, beside tardis-dev's book
 * behind JSON.parse, and JSON.parse alone, on the same bytes.
 */
export async function binanceTextBench(): Promise<Figures> {
  if (!haveFixtures) return {};
  const frames = hftbacktestFrames('btcusdt').filter((frame) => frame.kind === 'answer' || isDiff(frame));
  const levels = frames.reduce((sum, frame) => sum + pairsOf(frame).reduce((pairs, side) => pairs + side.length, 0), 0);
  const { OrderBook } = await import('tardis-dev');
  const ours = rate(levels, ROUNDS, () => playOurs(frames));
  const theirs = rate(levels, ROUNDS, () => {
    const book = new OrderBook({});
    let seen = 0;
    for (const frame of frames) {
      const [bids, asks] = pairsOf(frame);
      const update = { isSnapshot: frame.kind === 'answer', bids: bids.map(numbers), asks: asks.map(numbers) };
      book.update(update as unknown as Parameters<typeof book.update>[0]);
      seen += topTen(book.bids()) + topTen(book.asks());
    }
    if (seen === 0) throw new Error('the peer saw no level');
  });
  const parsing = rate(levels, ROUNDS, () => {
    let seen = 0;
    for (const frame of frames) seen += pairsOf(frame).length;
    if (seen === 0) throw new Error('nothing was parsed');
  });
  return {
    'binance-text.updates': { value: ours, unit: 'level updates/s' },
    'binance-text.tardis-dev': { value: theirs, unit: 'level updates/s' },
    'binance-text.json-parse-alone': { value: parsing, unit: 'level updates/s' },
    'binance-text.ratio': { value: ours / theirs, unit: '× tardis-dev' },
    'binance-text.messages': { value: (ours / levels) * frames.length, unit: 'messages/s' },
  };
}

function playOurs(frames: readonly FeedFrame[]): void {
  const engine = new Engine({ continuity: 'live' });
  const mapper = new BinanceMapper(engine, () => undefined);
  for (const frame of frames) {
    engine.arrive(frame.localUs);
    mapper.apply(frame);
  }
  if (engine.markets[0]?.depth.twoSided !== true) throw new Error('the book is empty');
}

function isDiff(frame: FeedFrame): boolean {
  return decoder.decode(frame.bytes.subarray(0, 40)).includes('@depth');
}

function pairsOf(frame: FeedFrame): readonly [Pairs, Pairs] {
  const { bids, asks, data } = JSON.parse(decoder.decode(frame.bytes)) as Message;
  return [bids ?? data!.b, asks ?? data!.a];
}

function numbers([price, amount]: readonly [string, string]): { readonly price: number; readonly amount: number } {
  return { price: Number(price), amount: Number(amount) };
}

function topTen(levels: IterableIterator<unknown>): number {
  let count = 0;
  for (const _ of levels) if (++count === 10) break;
  return count;
}
