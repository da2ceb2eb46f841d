import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { FeedFrame, FrameKind } from '../../../main/core/feed-port.ts';
import { readFixture } from '../../fixtures.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A frame made of text. */
export function frameOf(kind: FrameKind, name: string, text: string, localUs = 0): FeedFrame {
  return { kind, name, bytes: encoder.encode(text), localUs };
}

/** A recorded session of one symbol, its REST snapshot where it came: lines `<receive time ns> <json>`. */
export function hftbacktestFrames(symbol: 'btcusdt' | 'ethusdt'): readonly FeedFrame[] {
  const bytes = gunzipSync(readFixture(`binance/hftbacktest/examples_spot_${symbol}_20240808.gz`));
  const lines = decoder.decode(bytes).trimEnd().split('\n');
  return lines.map((line) => {
    const at = line.indexOf(' ');
    const text = line.slice(at + 1);
    const localUs = Math.floor(Number(line.slice(0, at)) / 1000);
    return text.startsWith('{"lastUpdateId"')
      ? frameOf('answer', `depth ${symbol.toUpperCase()}`, text, localUs)
      : frameOf('message', 'public', text, localUs);
  });
}

/** A recorded session of four pairs with its REST answers, in the order of receive times. */
export function cryptofeedFrames(): readonly FeedFrame[] {
  const lines = decoder
    .decode(zstdDecompressSync(readFixture('binance/cryptofeed/BINANCE_2021-10-12.jsonl.zst')))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { t: string; ts: number; url?: string; data: string });
  const frames: FeedFrame[] = [];
  for (const { t, ts, url = '', data } of lines.toSorted((a, b) => (a.ts ?? 0) - (b.ts ?? 0))) {
    const localUs = Math.round(ts * 1e6);
    const symbol = /depth\?symbol=([A-Z]+)/.exec(url)?.[1];
    if (t === 'recv') frames.push(frameOf('message', 'public', data, localUs));
    else if (t === 'http' && symbol !== undefined) frames.push(frameOf('answer', `depth ${symbol}`, data, localUs));
    else if (t === 'http') frames.push(frameOf('answer', 'exchangeInfo', data, localUs));
  }
  return frames;
}
