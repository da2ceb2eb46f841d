import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TopicSequence } from '../../renderer/engine/topic-sequence.ts';
import { wantedTopics } from '../../renderer/engine/topics-wanted.ts';
import { mergeRows } from '../../renderer/stores/tables-store.ts';

describe('topic sequence', () => {
  test('a delta counts only on top of the one before it', () => {
    const sequence = new TopicSequence();
    sequence.expectSnapshot('ticket');
    expect(sequence.receive('ticket', 4, false)).toBe('drop');
    expect(sequence.receive('ticket', 4, true)).toBe('take');
    expect(sequence.receive('ticket', 5, false)).toBe('take');
    expect(sequence.receive('ticket', 5, false)).toBe('drop');
    expect(sequence.receive('ticket', 7, false)).toBe('resubscribe');
    expect(sequence.receive('ticket', 8, false)).toBe('drop');
    expect(sequence.receive('ticket', 9, true)).toBe('take');
    expect(sequence.receive('ticket', 10, false)).toBe('take');
  });

  test('topics do not disturb each other, and a forgotten one takes nothing', () => {
    const sequence = new TopicSequence();
    sequence.receive('a', 1, true);
    sequence.receive('b', 9, true);
    expect(sequence.receive('a', 2, false)).toBe('take');
    sequence.forget('b');
    expect(sequence.receive('b', 10, false)).toBe('drop');
  });
});

describe('table rows', () => {
  test('merge like a map that keeps its order', () => {
    const rows = fc.array(fc.record({ id: fc.constantFrom<string>('a', 'b', 'c', 'd'), value: fc.integer() }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(rows, rows, fc.array(fc.constantFrom<string>('a', 'b', 'c', 'd')), (start, upsert, remove) => {
        const before = mergeRows([], start, []);
        const after = mergeRows(before, upsert, remove);
        const last = (id: string) => upsert.findLast((row) => row.id === id);
        for (const id of ['a', 'b', 'c', 'd']) {
          const expected = last(id) ?? (remove.includes(id) ? undefined : before.find((row) => row.id === id));
          expect(after.find((row) => row.id === id)).toEqual(expected);
        }
      }),
    );
  });
});

describe('topics wanted', () => {
  test('include depth of every market with an open deal', () => {
    const none = {
      markets: [],
      links: [],
      signals: [],
      orders: [],
      fills: [],
      markers: [],
      agents: [],
      announcements: [],
      calendar: [],
      backfills: [],
      news: [],
      quotes: [],
    };
    const deal = { id: 'D-1', market: 3, state: 'open' } as never;
    const selection = {
      link: { id: 'l', signalMarket: 0, executionMarket: 1 } as never,
      signal: undefined,
      execution: undefined,
      watchOnly: false,
    };
    const topics = wantedTopics(selection, { ...none, deals: [deal] });
    for (const topic of ['ticket', 'columns:0', 'bars:0', 'depth:0', 'depth:1', 'depth:3'])
      expect(topics).toContain(topic);
    expect(topics).not.toContain('columns:1');
  });
});
