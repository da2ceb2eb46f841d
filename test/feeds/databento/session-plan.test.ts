import { expect, test } from 'vitest';
import { RTYPE } from '../../../main/codec/dbn/layout.ts';
import { DbnRecordWriter } from '../../../main/codec/dbn/write-record.ts';
import { liveSchemas } from '../../../main/feeds/databento/live-schemas.ts';
import { ReplayPositions } from '../../../main/feeds/databento/replay-positions.ts';
import { DEFAULT_SYMBOLS, planSession } from '../../../main/feeds/databento/session-plan.ts';

const SCHEMAS = liveSchemas(['mbp-10', 'trades', 'definition', 'status']);

/** What was received: one trade. */
function afterTrade(us: number): ReplayPositions {
  const positions = new ReplayPositions();
  const out = new DbnRecordWriter(512);
  out.instrument(1, 42);
  out.time(us, 0, us, 0);
  out.trade(66, 128, 1, 1, 0, 1);
  positions.admit(new Int32Array(out.written().slice().buffer, 0, 12), 0);
  return positions;
}

function starts(plan: ReturnType<typeof planSession>): string[] {
  return plan.subscriptions.map(({ schema, startNs }) => `${schema} ${startNs}`);
}

test('the first session is live, with the definitions that there are', () => {
  const plan = planSession(SCHEMAS, DEFAULT_SYMBOLS, new ReplayPositions(), true);
  expect(starts(plan)).toEqual(['mbp-10 undefined', 'trades undefined', 'definition 0', 'status undefined']);
  expect(plan.replaying).toEqual([]);
  expect(plan.subscriptions.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
});

test('a later one continues each schema; one without a record looks a minute back', () => {
  const plan = planSession(SCHEMAS, DEFAULT_SYMBOLS, afterTrade(1_000_000_000), true);
  const minuteBefore = 940_000_000_000n;
  expect(starts(plan)).toEqual([
    `mbp-10 ${minuteBefore}`,
    'trades 1000000000000',
    'definition 0',
    `status ${minuteBefore}`,
  ]);
  expect(plan.replaying.map(({ name }) => name)).toEqual(['mbp-10', 'trades', 'status']);
  expect(plan.repeating).toEqual([RTYPE.MBP_10, RTYPE.MBP_0, RTYPE.INSTRUMENT_DEF, RTYPE.STATUS]);
});

test('without a replay only the definitions come again', () => {
  const plan = planSession(SCHEMAS, DEFAULT_SYMBOLS, afterTrade(1_000_000_000), false);
  expect(starts(plan)).toEqual(['mbp-10 undefined', 'trades undefined', 'definition 0', 'status undefined']);
  expect(plan.replaying).toEqual([]);
});

test('a book by order begins with a snapshot on every session', () => {
  const plan = planSession(liveSchemas(['mbo']), ['6EZ6'], afterTrade(1_000_000_000), true);
  expect(plan.subscriptions).toEqual([
    { schema: 'mbo', stypeIn: 'raw_symbol', symbols: ['6EZ6'], id: 1, snapshot: true },
  ]);
});
