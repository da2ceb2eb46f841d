import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadArrivals } from '../../main/codec/capture/arrivals.ts';
import { openFrames } from '../../main/codec/frames/file.ts';
import { Engine } from '../../main/core/engine.ts';
import type { FeedFrame } from '../../main/core/feed-port.ts';
import { OutputHash } from '../../main/core/output-hash.ts';
import { playFrame } from '../../main/core/play-frame.ts';
import { FeatureStage } from '../../main/features/feature-stage.ts';
import { KrakenMapper } from '../../main/feeds/kraken/kraken-mapper.ts';
import { openRecording } from '../../main/feeds/replay/open-recording.ts';
import type { Recording } from '../../main/feeds/replay/recording.ts';
import { FrameCapture } from '../../main/storage/capture/frame-capture.ts';
import { cbcapFrames } from '../feeds/kraken/cbcap.ts';

const RECORDED = 'kraken/ws2_captures/kraken_xrpusd_sample.cbcap';
const HOUR_US = 3_600_000_000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-frames-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** The recording moved in time so that an hour turns in its middle. */
function framesAcrossTheHour(): FeedFrame[] {
  const recorded = cbcapFrames(RECORDED);
  const middleUs = Number(recorded[recorded.length >> 1]!.ns / 1000n);
  const shiftUs = HOUR_US - (middleUs % HOUR_US);
  const opened: FeedFrame = {
    kind: 'opened',
    name: 'public',
    bytes: new Uint8Array(0),
    localUs: Number(recorded[0]!.ns / 1000n) + shiftUs,
  };
  const messages = recorded.map(({ ns, bytes }): FeedFrame => {
    return { kind: 'message', name: 'public', bytes, localUs: Number(ns / 1000n) + shiftUs };
  });
  return [opened, ...messages];
}

function engineWithHash(): { engine: Engine; hash: OutputHash } {
  const engine = new Engine({ continuity: 'live' });
  const hash = new OutputHash();
  engine.addStage(new FeatureStage());
  engine.addStage(hash);
  return { engine, hash };
}

/** Plays and captures the frames; gives the hash of the output and the book at the end. */
async function record(frames: readonly FeedFrame[]) {
  const { engine, hash } = engineWithHash();
  const mapper = new KrakenMapper(engine, () => undefined);
  const capture = new FrameCapture({
    folder,
    source: 'kraken',
    venueState: () => ({ mapper: mapper.snapshot(), markets: engine.markets.map((market) => market.mark()) }),
  });
  for (const frame of frames) {
    capture.write(frame, engine.inputSequence);
    playFrame(engine, mapper, frame);
  }
  await capture.close();
  return { hash: hash.hex(), book: mapper.bookText('XRP/USD', 1_000), inputs: engine.inputSequence };
}

async function play(recording: Recording): Promise<void> {
  for await (const _ of recording.pieces()) while (recording.next()) recording.apply();
}

const files = () => readdirSync(folder).filter((name) => name.endsWith('.frames.zst'));

describe('a capture of frames', () => {
  test('has every frame as it came, with its receive time and the engine’s input sequence', async () => {
    const frames = framesAcrossTheHour();
    await record(frames);
    const read: FeedFrame[] = [];
    for (const name of files()) {
      const arrivals = (await loadArrivals(join(folder, name)))!;
      for await (const decoder of openFrames(join(folder, name))) {
        for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
          if (frame.kind === 'state') continue;
          expect(arrivals.localUsAt(decoder.offset)).toBe(frame.localUs);
          expect(arrivals.inputAt(decoder.offset)).toBe(read.length);
          read.push({ ...(frame as FeedFrame), bytes: frame.bytes.slice() });
        }
      }
    }
    expect(read.map(({ kind, name, localUs }) => [kind, name, localUs])).toEqual(
      frames.map(({ kind, name, localUs }) => [kind, name, localUs]),
    );
    expect(Buffer.concat(read.map(({ bytes }) => bytes))).toEqual(Buffer.concat(frames.map(({ bytes }) => bytes)));
  });

  test('over the turn of an hour is two files, which together play to the output that there was', async () => {
    const live = await record(framesAcrossTheHour());
    expect(files()).toHaveLength(2);
    const { engine, hash } = engineWithHash();
    await play(
      openRecording(
        files().map((name) => join(folder, name)),
        engine,
      ),
    );
    expect(hash.hex()).toBe(live.hash);
    expect(engine.inputSequence).toBe(live.inputs);
  });

  test('the later file is read by itself: it begins with what the mapper knew', async () => {
    const live = await record(framesAcrossTheHour());
    const { engine } = engineWithHash();
    const later = openRecording([join(folder, files()[1]!)], engine);
    await play(later);
    const mapper = new KrakenMapper(engine, () => undefined);
    mapper.restore(later.snapshot() as Parameters<KrakenMapper['restore']>[0]);
    expect(mapper.bookText('XRP/USD', 1_000)).toEqual(live.book);
    expect(mapper.tally.checksumFailures).toBe(0);
    const [market] = engine.markets;
    expect(market!.gapped).toBe(false);
    expect(market!.price(market!.depth.bidPrice[0]!)).toBe(Number(live.book!.bids[0]![0]));
  });
});
