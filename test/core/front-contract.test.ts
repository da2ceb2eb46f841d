import { describe, expect, test } from 'vitest';
import { FrontContract } from '../../main/core/front-contract.ts';
import { Market } from '../../main/core/market.ts';
import { instrumentOf } from '../../shared/instruments.ts';

function contracts(...symbols: readonly string[]): { front: FrontContract; markets: readonly Market[] } {
  const front = new FrontContract('6E');
  const markets = symbols.map((symbol, index) => new Market(index, instrumentOf(symbol, 1, index + 1, undefined)));
  for (const market of markets) front.meet(market);
  return { front, markets };
}

describe('the front of several expiries', () => {
  test('is the nearest while none has traded, in whatever order they came, over the turn of a decade too', () => {
    for (const symbols of [
      ['6EZ6', '6EH7', '6EM7'],
      ['6EM7', '6EZ6', '6EH7'],
      ['6EH0', '6EZ9', '6EM0'],
    ]) {
      const { front } = contracts(...symbols);
      expect(front.market!.instrument.rawSymbol).toMatch(/Z/);
    }
  });

  test('is the one that traded clearly more on the trade date, and two alike do not take turns', () => {
    const { front, markets } = contracts('6EZ6', '6EH7');
    const [december, march] = markets;
    expect(front.trade(december!, 100)).toBe(false);
    expect(front.trade(march!, 150)).toBe(false);
    expect(front.market).toBe(december);
    expect(front.trade(march!, 100)).toBe(true);
    expect(front.market).toBe(march);
    expect(front.trade(december!, 200)).toBe(false);
    front.turn(march!);
    front.turn(december!);
    expect(front.trade(december!, 51)).toBe(true);
    expect(front.market).toBe(december);
  });

  test('is after a roll the contract that was rolled to, be it met before or after', () => {
    const after = contracts('6EZ6');
    after.front.trade(after.markets[0]!, 10_000);
    expect(after.front.leave(after.markets[0]!)).toBe(false);
    const march = new Market(1, instrumentOf('6EH7', 1, 9, undefined));
    expect(after.front.meet(march)).toBe(true);
    expect(after.front.market).toBe(march);

    const before = contracts('6EZ6', '6EM7', '6EH7');
    before.front.trade(before.markets[0]!, 10_000);
    expect(before.front.leave(before.markets[0]!)).toBe(true);
    expect(before.front.market).toBe(before.markets[2]);
  });

  test('goes on from a snapshot, without what came after it', () => {
    const { front, markets } = contracts('6EZ6', '6EH7');
    front.trade(markets[1]!, 500);
    const snapshot = structuredClone(front.snapshot());
    const march = markets[1];
    front.trade(markets[0]!, 5_000);
    front.meet(new Market(2, instrumentOf('6EM7', 1, 3, undefined)));
    front.restore(snapshot);
    expect(front.market).toBe(march);
    expect(front.snapshot()).toEqual(snapshot);
  });

  test('is none of another product', () => {
    const { front } = contracts('6BZ6', 'EURUSD', '6EZ6-6EH7');
    expect(front.market).toBeUndefined();
  });
});
