import { mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CaptureIndex } from '../../../main/codec/capture/capture-index.ts';
import { decodeVenueState, encodeVenueState, type VenueState } from '../../../main/codec/frames/venue-state.ts';
import { Engine } from '../../../main/core/engine.ts';
import type { FeedFrame } from '../../../main/core/feed-port.ts';
import { playFrame } from '../../../main/core/play-frame.ts';
import type { BookAt, BookThere } from '../../../main/entry/offline/book-answer.ts';
import { bookAt } from '../../../main/entry/offline/book-at.ts';
import { levelsOfFrames } from '../../../main/entry/offline/book-levels.ts';
import { KrakenMapper } from '../../../main/feeds/kraken/kraken-mapper.ts';
import { FrameCapture } from '../../../main/storage/capture/frame-capture.ts';
import { cbcapFrames } from '../../feeds/kraken/cbcap.ts';
import { haveFixtures } from '../../fixtures.ts';
import { LevelUpdate, levelSnapshot } from '../../venues/kraken-messages.ts';
import { VenueBook } from '../../venues/kraken-venue-book.ts';

const TURN_US = Date.UTC(2026, 10, 18, 14) * 1000;
const STEP_US = 10_000;
const DEPTH = 25;
const { signal: stop } = new AbortController();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-frames-at-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/**
 * A busy market and one that says nothing after its snapshot; the connection breaks three times, and the snapshot comes some
 * messages after it is back. An hour turns in the middle.
 */
function madeUp(count: number): FeedFrame[] {
  const busy = new VenueBook({ symbol: 'BTC/USD', priceDecimals: 1, qtyDecimals: 8, start: 600_000 }, 3);
  const quiet = new VenueBook({ symbol: 'ETH/USD', priceDecimals: 2, qtyDecimals: 8, start: 300_000 }, 3);
  const frames: FeedFrame[] = [];
  const add = (kind: FeedFrame['kind'], name: string, text: string) =>
    frames.push({
      kind,
      name,
      bytes: Buffer.from(text),
      localUs: TURN_US + (frames.length - Math.floor(count / 2)) * STEP_US,
    });
  add('opened', 'public', `{"depth":${DEPTH}}`);
  add('message', 'public', levelSnapshot(busy, DEPTH, 0));
  add('message', 'public', levelSnapshot(quiet, DEPTH, 0));
  let snapshotAt = Number.NaN;
  while (frames.length < count) {
    if (frames.length % Math.floor(count / 4) === 0) {
      add('lost', 'public: the connection is gone', '');
      add('opened', 'public', `{"depth":${DEPTH}}`);
      snapshotAt = frames.length + 40;
    } else if (frames.length === snapshotAt) add('message', 'public', levelSnapshot(busy, DEPTH, frames.length));
    const update = new LevelUpdate(busy, DEPTH);
    busy.step((change) => update.note(change));
    if (!update.empty) add('message', 'public', update.message(frames.length, busy.levelChecksum(), false));
  }
  return frames;
}

/** What a venue recorded, moved so that an hour turns in its middle. */
function recorded(): FeedFrame[] {
  const messages = cbcapFrames('kraken/ws2_captures/kraken_xrpusd_sample.cbcap');
  const shiftUs = TURN_US - Number(messages[messages.length >> 1]!.ns / 1000n);
  const localUs = (ns: bigint) => Number(ns / 1000n) + shiftUs;
  return [
    { kind: 'opened', name: 'public', bytes: new Uint8Array(0), localUs: localUs(messages[0]!.ns) },
    ...messages.map(({ ns, bytes }): FeedFrame => ({ kind: 'message', name: 'public', bytes, localUs: localUs(ns) })),
  ];
}

interface Stand {
  readonly us: number;
  readonly books: ReadonlyMap<string, Omit<BookThere, 'kind' | 'words'>>;
}

interface Session {
  readonly frames: readonly FeedFrame[];
  /** How the books stood after each frame. */
  readonly stands: readonly Stand[];
}

/** Plays and captures frames as a venue's line does. @param kept of a state that is written; all of it unless told otherwise */
async function session(
  frames: readonly FeedFrame[],
  kept: (state: VenueState) => VenueState = (state) => state,
): Promise<Session> {
  const engine = new Engine({ continuity: 'live' });
  const mapper = new KrakenMapper(engine, () => undefined);
  const venueState = () => kept({ mapper: mapper.snapshot(), markets: engine.markets.map((market) => market.mark()) });
  const capture = new FrameCapture({ folder, source: 'kraken', venueState, stateEveryBytes: 10_000 });
  const stands: Stand[] = [];
  for (const frame of frames) {
    capture.write(frame, engine.inputSequence);
    playFrame(engine, mapper, frame);
    const books = engine.markets
      .filter(({ events }) => events > 0)
      .map((market) => {
        const { instrument, tsEventUs, tsRecvUs, gapped, depth } = market;
        const book = {
          instrument: instrument.venueId,
          rawSymbol: instrument.rawSymbol,
          tsEventNs: BigInt(tsEventUs) * 1000n,
          tsRecvNs: BigInt(tsRecvUs) * 1000n,
          state: gapped ? ('gap' as const) : depth.crossed ? ('crossed' as const) : ('normal' as const),
          ...levelsOfFrames(market, mapper),
        };
        return [instrument.rawSymbol, book] as const;
      });
    stands.push({ us: frame.localUs, books: new Map(books) });
  }
  await capture.close();
  return { frames, stands };
}

const captures = () =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.frames.zst'))
    .sort()
    .map((name) => join(folder, name));
const ask = (atUs: number, symbol: string): Promise<BookAt> => bookAt({ folder, source: 'kraken', symbol, atUs, stop });

async function compare({ frames, stands }: Session, symbols: readonly string[], runs = 60): Promise<Set<string>> {
  const seen = new Set<string>();
  const first = stands.find(({ books }) => symbols.every((symbol) => books.has(symbol)))!.us;
  const last = frames.at(-1)!.localUs - 1;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: first, max: last }), fc.constantFrom(...symbols), async (atUs, symbol) => {
      const answer = await ask(atUs, symbol);
      if (answer.kind === 'none') throw new Error(answer.words);
      const { kind: _, words, ...book } = answer;
      expect(book).toEqual(stands.findLast(({ us }) => us <= atUs)!.books.get(symbol));
      expect(words === '').toBe(book.state === 'normal');
      seen.add(book.state);
    }),
    { numRuns: runs },
  );
  return seen;
}

describe('the book at a time, from captures of frames', () => {
  test('is what the session had at any time, over gaps and the turn of an hour, of busy and of quiet instruments', async () => {
    const live = await session(madeUp(2_000));
    const [before, after] = await Promise.all(captures().map((path) => CaptureIndex.load(path)));
    expect(before!.frames.filter(({ begins }) => begins).length).toBeGreaterThan(3);
    expect(after!.frames.filter(({ begins }) => begins).length).toBeGreaterThan(3);
    expect(await compare(live, ['BTC/USD', 'ETH/USD'], 150)).toEqual(new Set(['normal', 'gap']));
  }, 30_000);

  test.skipIf(!haveFixtures)(
    'is what a recorded session had at any time',
    async () => {
      expect(await compare(await session(recorded()), ['XRP/USD'])).toEqual(new Set(['normal']));
    },
    30_000,
  );

  test('begins farther back where states do not tell how markets stood, as those of earlier versions', async () => {
    const live = await session(madeUp(1_000), ({ mapper }) => ({ mapper, markets: undefined }));
    expect(await compare(live, ['BTC/USD', 'ETH/USD'])).toEqual(new Set(['normal', 'gap']));
  }, 30_000);

  test('begins farther back where a state can’t be restored', async () => {
    let count = 0;
    const live = await session(madeUp(1_000), (state) =>
      count++ % 2 === 0 ? { ...state, mapper: 'of another kind' } : state,
    );
    expect(count).toBeGreaterThan(6);
    expect(await compare(live, ['BTC/USD'])).toEqual(new Set(['normal', 'gap']));
  }, 30_000);

  test('of a symbol that was not subscribed to there is none, nor after the end of the captures', async () => {
    const { frames } = await session(madeUp(400));
    const unknown = await ask(TURN_US, 'XRP/USD');
    expect(unknown).toMatchObject({ kind: 'none', state: 'no-data' });
    expect(unknown.words).toMatch(/kraken has no XRP\/USD by that time; it has BTC\/USD, ETH\/USD/);
    expect(await ask(frames.at(-1)!.localUs, 'BTC/USD')).toMatchObject({ kind: 'none', state: 'not-recorded' });
    expect(await ask(frames[0]!.localUs - 1, 'BTC/USD')).toMatchObject({ kind: 'none', state: 'not-recorded' });
    expect(await ask(frames[0]!.localUs, 'BTC/USD')).toMatchObject({ kind: 'none', state: 'no-data' });
  });

  test('needs the capture of its own hour only: it begins with a state', async () => {
    const live = await session(madeUp(1_000));
    const [first] = captures();
    unlinkSync(first!);
    const atUs = TURN_US + 3 * STEP_US;
    const answer = await ask(atUs, 'BTC/USD');
    expect(answer).toMatchObject(live.stands.findLast(({ us }) => us <= atUs)!.books.get('BTC/USD')!);
  });

  test('is not made up where the capture is damaged before its time', async () => {
    const { frames } = await session(madeUp(2_000));
    const [, path] = captures();
    const { frames: lying } = await CaptureIndex.load(path!);
    const hit = lying[1]!;
    const bytes = readFileSync(path!);
    bytes.fill(0x55, hit.short.at + 40, hit.short.at + 80);
    writeFileSync(path!, bytes);
    const answer = await ask(lying[2]!.localUs - 1, 'BTC/USD');
    expect(answer).toMatchObject({ kind: 'none', state: 'damaged' });
    expect(answer.words).toMatch(/kraken-2026-11-18T14Z\.frames\.zst is damaged before that time/);
    expect(await ask(frames.at(-2)!.localUs, 'BTC/USD')).toMatchObject({ kind: 'book' });
  });
});

describe('a state', () => {
  test('is read by versions that knew of the mapper’s alone, and their states are read', () => {
    const mapper = { symbols: [{ symbol: 'BTC/USD', levels: new Float64Array([1, 2]) }] };
    fc.assert(
      fc.property(fc.boolean(), (gapped) => {
        const marks = [
          {
            publisherId: 1,
            venueId: 2,
            tsEventUs: 3,
            tsRecvUs: 4,
            gapped,
            venueStatus: 'trading' as const,
            statusSinceUs: 5,
          },
        ];
        const bytes = encodeVenueState({ mapper, markets: marks });
        expect(deserialize(bytes)).toEqual(mapper);
        expect(decodeVenueState(bytes)).toEqual({ mapper, markets: marks });
      }),
    );
    expect(decodeVenueState(serialize(mapper))).toEqual({ mapper, markets: undefined });
  });
});
