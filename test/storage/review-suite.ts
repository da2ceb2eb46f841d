import { describe, expect, test } from 'vitest';
import type { NewsGate } from '../../main/core/store-port.ts';
import { BackendOfTest } from './backend-of-test.ts';
import type { StoreBackend } from './store-backend.ts';
import { DEAL, EURO, NOON, PROPOSAL, put, putTrade } from './store-rows.ts';

const HOUR = 3_600_000_000;
const SECOND = 1_000_000;

/** What every store answers in SQL and in review. @param make a database of its own for each test */
export function reviewSuite(name: string, make: () => Promise<StoreBackend>): void {
  describe(name, () => {
    const database = new BackendOfTest(make);
    const { open, rows } = database;

    describe('what is asked in SQL and in review', () => {
      /** A quarter of a minute ago by this machine's clock, µs. */
      const recentUs = () => (Math.floor(Date.now() / 1000) - 15) * SECOND;

      test('the last five minutes of the book and the last hour of trades', async () => {
        const store = open();
        const at = recentUs();
        for (const [index, venueUs] of [at, at - 600 * SECOND, at - 2 * HOUR].entries()) {
          put(store, 'cme_mbp10_book', { venueUs }, [1.1, 1.1002, 1.1001, 0.0002]);
          putTrade(store, index, { venueUs });
        }
        await store.settingPut('written', 1);
        const book = await rows(
          `SELECT provider_event_ts, instrument_id, best_bid, best_ask, mid, spread FROM cme_mbp10_book WHERE provider_event_ts > ${database.is.before('5 minutes')} ORDER BY provider_event_ts DESC LIMIT 100`,
        );
        expect(book).toMatchObject([
          { instrument_id: 7, best_bid: 1.1, best_ask: 1.1002, mid: 1.1001, spread: 0.0002 },
        ]);
        const trades = await rows(
          `SELECT * FROM cme_trades WHERE provider_event_ts > ${database.is.before('1 hour')} ORDER BY provider_event_ts DESC LIMIT 100`,
        );
        expect(trades.map(({ sequence }) => sequence)).toEqual([0, 1]);
      });

      test('the calendar ahead and the gates in force', async () => {
        const store = open();
        const now = recentUs();
        const event = (id: string, atUs: number) => ({
          ...{ id, atUs, currency: 'USD', country: 'US', impact: 'high' as const, title: id, forecast: null },
          ...{ previous: null, actual: null, source: 'test', revisedUs: now },
        });
        await store.calendar([
          event('payrolls', now + 2 * HOUR),
          event('claims', now + HOUR),
          event('past', now - HOUR),
        ]);
        const gate = (id: string, fromUs: number, toUs: number): NewsGate => ({
          ...{ id, eventId: 'payrolls', currency: 'USD', fromUs, toUs, effect: 'warn', reason: 'Payrolls' },
        });
        const gates = [
          gate('open', now - HOUR, now + HOUR),
          gate('over', now - HOUR, now - 1),
          gate('ahead', now + HOUR, now + 2 * HOUR),
        ];
        await store.newsGates(gates);
        const ahead = await rows(
          `SELECT * FROM iss_econ_calendar WHERE scheduled_time > ${database.is.before('0 seconds')} ORDER BY scheduled_time LIMIT 10`,
        );
        expect(ahead.map(({ title }) => title)).toEqual(['claims', 'payrolls']);
        expect((await rows('SELECT * FROM v_current_gating')).map(({ id }) => id)).toEqual(['open']);
        expect(await store.gatesAt(now)).toEqual([gates[0]]);
        expect(await store.gatesAt(now + HOUR)).toEqual([gates[2]]);
        // A release was moved: its old window goes; one of the trader's own stays.
        const own = { ...gate('own', now - HOUR, now + HOUR), eventId: null };
        await store.newsGates([own]);
        await store.newsGates([gate('moved', now, now + HOUR)], { fromUs: now - 2 * HOUR, toUs: now + 3 * HOUR });
        expect((await store.gatesAt(now)).map(({ id }) => id)).toEqual(['own', 'moved']);
        expect(await store.gatesAt(now + HOUR)).toEqual([]);
      });

      test('what was decided on a day', async () => {
        const store = open();
        const step = (event: 'proposed' | 'confirmed' | 'expired', atUs: number, id: string) =>
          store.proposals([{ proposal: { ...PROPOSAL, id }, event, atUs }]);
        step('proposed', NOON, 'P1');
        step('confirmed', NOON + 2, 'P1');
        step('proposed', NOON + 3, 'P2');
        step('expired', NOON + 4, 'P2');
        await store.settingPut('written', 1);
        const all = await store.decisionsBetween(NOON, NOON + 5);
        expect(all.map(({ proposalId, outcome, atUs }) => [proposalId, outcome, atUs])).toEqual([
          ['P1', 'confirmed', NOON + 2],
          ['P2', 'expired', NOON + 4],
        ]);
        expect(all[0]).toMatchObject({
          ...{
            runId: 'run-1',
            revision: 2,
            instrument: { provider: 'SIMULATED', symbol: 'EUR_USD' },
            side: 'buy',
            lots: 2,
          },
          ...{ entryPrice: 1.1, stopPrice: 1.099, words: 'Buy 2 EUR/USD', gates: PROPOSAL.gates },
        });
        expect(await store.decisionsBetween(NOON, NOON + 4)).toHaveLength(1);
      });

      test('positions are what open deals come to', async () => {
        const store = open();
        await store.deals([
          DEAL,
          { ...DEAL, id: 'D2', side: 'sell', lots: 5, openTicks: 110_100, openedUs: NOON + 1 },
          { ...DEAL, id: 'D3', state: 'closed', lots: 50 },
        ]);
        expect(await rows('select account, instrument_id, deals, net_lots, since_us from positions')).toEqual([
          { account: 'paper', instrument_id: 8, deals: 2, net_lots: -3, since_us: NOON },
        ]);
      });

      test('links, verdicts, notes and runs', async () => {
        const store = open();
        const mapping = { signal: 0, execution: 1, inverted: false, lagMs: 80, basisPips: null, updatedUs: NOON };
        await store.mappings([mapping]);
        await store.mappings([{ ...mapping, lagMs: 95, basisPips: 1.5 }]);
        const verdict = { proposalId: 'P1', agent: 'flow', atUs: NOON, confidence: 0.7, reasons: ['OFI'] };
        await store.verdicts([{ ...verdict, vote: 'for' }]);
        await store.notes([{ id: 'N1', atUs: NOON, text: 'Chased it', tags: ['fomo'] }]);
        const session = { startedUs: NOON, mode: 'SIMULATED', source: 'simulated market', version: '1' } as const;
        await store.session({ ...session, endedUs: null });
        await store.session({ ...session, endedUs: NOON + HOUR });
        expect(
          await rows(
            `select signal_instrument_id as s, execution_instrument_id as e, direction, lag_ms, basis_pips from symbol_mappings
           order by signal_instrument_id`,
          ),
        ).toEqual([
          { s: 4, e: 1, direction: 'direct', lag_ms: 150, basis_pips: null },
          { s: 5, e: 2, direction: 'direct', lag_ms: 150, basis_pips: null },
          { s: 6, e: 3, direction: 'inverted', lag_ms: 150, basis_pips: null },
          { s: 7, e: 8, direction: 'direct', lag_ms: 95, basis_pips: 1.5 },
        ]);
        expect(await rows('select run_id, agent, vote, confidence, reasons from agent_verdicts')).toEqual([
          { run_id: 'run-1', agent: 'flow', vote: 'for', confidence: 0.7, reasons: '["OFI"]' },
        ]);
        expect(await rows('select account, id, text, tags from journal_notes')).toEqual([
          { account: 'paper', id: 'N1', text: 'Chased it', tags: '["fomo"]' },
        ]);
        expect(await rows('select run_id, account, ended_us, mode from sessions')).toEqual([
          { run_id: 'run-1', account: 'paper', ended_us: NOON + HOUR, mode: 'SIMULATED' },
        ]);
      });

      test('a line goes on through a roll; its contracts are written down', async () => {
        const store = open();
        putTrade(store, 1);
        const next = { ...EURO, rawSymbol: '6EH7', venueId: 119 };
        store.instrument(2, next, '6EH7');
        putTrade(store, 2, { market: 2 });
        // The new contract is the line from here on, the old one is no longer.
        store.instrument(0, EURO, '6EZ6');
        store.instrument(2, next);
        putTrade(store, 3, { market: 2 });
        putTrade(store, 4, { market: 0 });
        await store.settingPut('written', 1);
        expect(
          await rows(
            `select sequence, symbol from cme_trades join instruments on instruments.id = instrument_id order by sequence`,
          ),
        ).toEqual([
          { sequence: 1, symbol: '6E' },
          { sequence: 2, symbol: '6EH7' },
          { sequence: 3, symbol: '6E' },
          { sequence: 4, symbol: '6EZ6' },
        ]);
        expect(
          await rows(
            `select symbol, raw_symbol from contracts join instruments on instruments.id = instrument_id
           where raw_symbol like '6E%' order by symbol, raw_symbol`,
          ),
        ).toEqual([
          { symbol: '6E', raw_symbol: '6EH7' },
          { symbol: '6E', raw_symbol: '6EZ6' },
          { symbol: '6EH7', raw_symbol: '6EH7' },
          { symbol: '6EZ6', raw_symbol: '6EZ6' },
        ]);
      });
    });
  });
}
