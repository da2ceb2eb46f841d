import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Market } from '../../main/core/market.ts';
import { OutputHash } from '../../main/core/output-hash.ts';
import { instrumentOf } from '../../shared/instruments.ts';

const market = (index = 0) => new Market(index, instrumentOf('6EZ6', 1, 7, undefined));

/** The chain over blocks of 64 KiB, written down plainly. */
function chained(bytes: Uint8Array): string {
  let digest: Uint8Array = new Uint8Array(32);
  let from = 0;
  for (; from + 65_536 <= bytes.length; from += 65_536) {
    digest = createHash('sha256')
      .update(digest)
      .update(bytes.subarray(from, from + 65_536))
      .digest();
  }
  return createHash('sha256').update(digest).update(bytes.subarray(from)).digest('hex');
}

describe('the output hash', () => {
  test('is the chain of SHA-256 over little-endian doubles', () => {
    const hash = new OutputHash();
    const numbers: number[] = [];
    const one = market(3);
    for (let i = 0; i < 5_000; i++) {
      one.engineUs = 1_000 + i;
      hash.onTrade(one, i, i + 1, i % 2 === 0 ? 1 : -1);
      numbers.push(2, 3, 1_000 + i, i, i + 1, i % 2 === 0 ? 1 : -1);
    }
    expect(hash.hex()).toBe(chained(new Uint8Array(Float64Array.from(numbers).buffer)));
  });

  test('has one NaN and no −0', () => {
    const odd = new Float64Array(1);
    new Uint32Array(odd.buffer).set([1, 0xfff80000]);
    const of = (feature: number) => {
      const hash = new OutputHash();
      const one = market();
      one.features[0] = feature;
      hash.onBook(one);
      return hash.hex();
    };
    expect(of(odd[0]!)).toBe(of(Number.NaN));
    expect(of(-0)).toBe(of(0));
    expect(of(1)).not.toBe(of(0));
    expect(of(Number.NaN)).not.toBe(of(0));
  });

  test('sees every level, feature, trade, bar and entry', () => {
    const bar = {
      startUs: 0,
      open: 1,
      high: 1,
      low: 1,
      close: 1,
      volume: 0,
      volumeType: 'real',
      delta: 0,
      vwap: Number.NaN,
    } as const;
    const changes: ((hash: OutputHash, one: Market) => void)[] = [
      (hash, one) => hash.onBook(one),
      (hash, one) => {
        one.depth.setAsk(9, 5, 6, 7);
        hash.onBook(one);
      },
      (hash, one) => {
        one.depth.setBid(0, 5, 6, 8);
        hash.onBook(one);
      },
      (hash, one) => {
        one.features[21] = 0.5;
        hash.onBook(one);
      },
      (hash, one) => hash.onTrade(one, 1, 2, 0),
      (hash, one) => hash.onTrade(one, 1, 2, 1),
      (hash, one) => hash.onGap(one),
      (hash, one) => hash.onTradeDate(one),
      (hash, one) => hash.onBar(one, { ...bar, priceSource: 'mid', sessionVwap: 0 }, true),
      (hash, one) => hash.onMarket(one),
      (hash) => hash.entry('order', { id: 'O1' }),
      (hash) => hash.entry('order', { id: 'O2' }),
    ];
    const seen = changes.map((change) => {
      const hash = new OutputHash();
      change(hash, market());
      return hash.hex();
    });
    expect(new Set([...seen, new OutputHash().hex()]).size).toBe(changes.length + 1);
  });

  test('goes on from a snapshot as if never interrupted, texts across blocks included', () => {
    const whole = new OutputHash();
    let parted = new OutputHash();
    for (let i = 0; i < 40; i++) {
      for (const hash of [whole, parted]) {
        hash.onBook(market(i));
        hash.entry('note', { words: 'é'.repeat(i * 400) });
      }
      const next = new OutputHash();
      next.restore(structuredClone(parted.snapshot()));
      parted = next;
    }
    expect(parted.hex()).toBe(whole.hex());
  });
});
