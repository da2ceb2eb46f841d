import { describe, expect, test } from 'vitest';
import { wantedTopics } from '../../renderer/engine/topics-wanted.ts';
import { gatheredWords } from '../../renderer/format/venue-words.ts';
import { choiceAfter, choices, selectionOf } from '../../renderer/stores/selection.ts';
import type { LinkRow, MarketRow } from '../../shared/contract/topics.ts';

const market = (index: number, label: string) => ({ id: `m${index}`, index, label, state: 'live' }) as MarketRow;
const link = (id: string, signalMarket: number) =>
  ({ id, signalMarket, executionMarket: signalMarket + 1, barsMarket: signalMarket }) as LinkRow;

const MARKETS = [market(0, '6E'), market(1, 'EUR/USD'), market(2, 'BTC/USD'), market(3, '6B')];
const LINKS = [link('6E-EURUSD', 0)];

function select(linkId: string, marketIndex: number | null, links = LINKS, markets = MARKETS) {
  const tables = { links, markets, deals: [] } as never;
  return selectionOf({ terminal: { linkId, marketIndex } } as never, tables);
}

describe('selection', () => {
  test('is the link that was asked for, with both its markets', () => {
    expect(select('6E-EURUSD', null)).toMatchObject({
      link: { id: '6E-EURUSD' },
      signal: { label: '6E' },
      execution: { label: 'EUR/USD' },
      watchOnly: false,
    });
  });

  test('is a market that is watched only, when that was asked for, or when there is no link', () => {
    expect(select('6E-EURUSD', 2)).toEqual({
      link: undefined,
      signal: MARKETS[2],
      execution: undefined,
      watchOnly: true,
    });
    expect(select('6E-EURUSD', null, [], [MARKETS[2]!])).toMatchObject({ signal: MARKETS[2], watchOnly: true });
  });

  test('falls to what is there: another link before a market, nothing before the engine has spoken', () => {
    expect(select('6J-USDJPY', null)).toMatchObject({ link: { id: '6E-EURUSD' }, watchOnly: false });
    const silent = { ...MARKETS[0]!, state: 'waiting' } as MarketRow;
    expect(select('', null, [], [silent, MARKETS[2]!]).signal).toBe(MARKETS[2]);
    expect(select('', null, [], [silent]).signal).toBe(silent);
    expect(select('6E-EURUSD', 9)).toMatchObject({ link: { id: '6E-EURUSD' } });
    expect(select('6E-EURUSD', null, [], [])).toMatchObject({ signal: undefined, watchOnly: false });
    expect(selectionOf({ terminal: null } as never, { links: [], markets: MARKETS } as never).signal).toBeUndefined();
  });

  test('goes through links, then through markets that no link has, and round again', () => {
    const rows = { links: LINKS, markets: MARKETS };
    expect(choices(rows).map(({ label }) => label)).toEqual(['6E-EURUSD', 'BTC/USD', '6B']);
    const labels: (string | undefined)[] = [];
    let selection = select('6E-EURUSD', null);
    for (let step = 0; step < 3; step++) {
      const next = choiceAfter(selection, rows)!;
      labels.push(next.label);
      selection = 'market' in next ? select('6E-EURUSD', next.market) : select(next.linkId, null);
    }
    expect(labels).toEqual(['BTC/USD', '6B', '6E-EURUSD']);
    expect(choiceAfter(select('', null, [], [MARKETS[2]!]), { links: [], markets: [MARKETS[2]!] })).toBeUndefined();
  });

  test('asks for all that is known of the watched market', () => {
    const tables = { links: LINKS, markets: MARKETS, deals: [] } as never;
    const topics = wantedTopics(select('6E-EURUSD', 2), tables);
    for (const topic of ['depth:2', 'columns:2', 'trades:2', 'features:2', 'ladder:2', 'bars:2'])
      expect(topics).toContain(topic);
    expect([...topics].filter((topic) => topic.endsWith(':0') || topic.endsWith(':1'))).toEqual([]);
  });
});

test('what a venue gathers is said', () => {
  expect(gatheredWords({ conflationMs: 100, tradeBatchMs: 0 })).toBe('conflated 100 ms');
  expect(gatheredWords({ conflationMs: 50, tradeBatchMs: 250 })).toBe('conflated 50 ms · trades in 250 ms batches');
  expect(gatheredWords({ conflationMs: 0, tradeBatchMs: 0 })).toBe('');
});
