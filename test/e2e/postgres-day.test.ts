import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresAddress } from '../../main/storage/postgres/postgres-address.ts';
import { setupPostgres } from '../../main/storage/postgres/postgres-setup.ts';
import { findPostgres, PostgresServer, runSql } from '../storage/postgres-server.ts';
import { type Desk, openDesk } from './desk.ts';
import { type ServedTerminal, serveTerminal } from './served-terminal.ts';

const programs = findPostgres();
const SETTINGS = { signal: { minRemainingPips: 1000 }, proposal: { stopSpreadFactor: 30, expiryMs: 20_000 } };

describe.skipIf(programs === undefined)('a terminal on a Postgres', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await PostgresServer.start(programs!);
    await setupPostgres(postgresAddress(server.url('fx'), {}));
  });

  afterAll(() => server.remove());

  test('starts while it is away, trades on, and stores everything once when it is back, through a kill', {
    timeout: 180_000,
  }, async () => {
    const { username, password, host } = new URL(server.url());
    const sql = (text: string) => runSql(server.url('fx'), text);
    await server.stop();
    let terminal: ServedTerminal | undefined;
    let desk: Desk | undefined;
    try {
      const settings = { ...SETTINGS, store: { url: `postgres://${username}@${host}/fx`, depthEvents: 'all' } };
      terminal = await serveTerminal(settings, [], { FATHOM_DB_PASSWORD: decodeURIComponent(password) });
      desk = await openDesk(terminal.url, 1440, 900);
      const { page } = desk;
      const health = page.getByRole('region', { name: 'Health' });
      await expect.poll(() => health.textContent()).toMatch(/nothing listens there.*kept in the spool/);
      await desk.picture('postgres-away');
      await page.keyboard.press('Space');
      await desk.paneShows('Ticket', /(?<!DIS)ARMED/);
      await page.keyboard.press('b');
      await desk.paneShows('Ticket', /BUY\s*EUR\/USD/);
      const confirm = async () => {
        await page.keyboard.press('Enter');
        return desk!.pane('Positions');
      };
      await expect.poll(confirm, { timeout: 15_000, interval: 400 }).toMatch(/Long 1/);
      const spool = join(terminal.folder, 'spool', 'postgres');
      expect(readdirSync(spool).length).toBeGreaterThan(0);

      await server.start();
      await expect.poll(() => health.textContent(), { timeout: 60_000 }).toMatch(/store\s*ok/);
      expect(readdirSync(spool)).toEqual([]);
      process.kill(terminal.enginePid()!, 'SIGKILL');
      await desk.paneShows('Ticket', /DISARMED/, 30_000);
      await desk.paneShows('Positions', /Long 1/);
      const before = Number((await sql('select count(*) as n from cme_trades'))[0]!['n']);
      expect(before).toBeGreaterThan(100);
      const more = async () => Number((await sql('select count(*) as n from cme_trades'))[0]!['n']) - before;
      await expect.poll(more, { timeout: 30_000 }).toBeGreaterThan(20);
      await desk.close();
      await terminal.end();

      // A sweep prints at several prices under one number.
      const told = { cme_trades: ', price', cme_mbp10_events: ', action, price, side' };
      for (const table of ['cme_trades', 'cme_mbp10_events', 'cme_mbp10_book', 'features', 'ig_spot_ticks']) {
        const key = `instrument_id, provider_event_ns, sequence${told[table as keyof typeof told] ?? ''}`;
        const [row] = await sql(`select count(*) as n, count(distinct (${key})) as once from ${table}`);
        expect(Number(row!['n'])).toBeGreaterThan(20);
        expect([table, row!['n']]).toEqual([table, row!['once']]);
      }
      // A print belongs to one depth record of its own.
      const orphans = await sql(
        `select count(*) as n from cme_trades t where not exists (select from cme_mbp10_events e
         where e.instrument_id = t.instrument_id and e.provider_event_ns = t.provider_event_ns and e.action = 'T')`,
      );
      expect(orphans).toEqual([{ n: '0' }]);
      expect(await sql("select count(*) as n from orders where state = 'filled'")).toEqual([{ n: '1' }]);
      expect(await sql('select net_lots from positions')).toEqual([{ net_lots: 1 }]);
      expect(await sql('select count(*) as n, count(ended_us) as ended from sessions')).toEqual([
        { n: '2', ended: '1' },
      ]);
      expect(existsSync(join(terminal.folder, 'fathom.sqlite'))).toBe(false);
    } finally {
      await desk?.close();
      await terminal?.stop();
      await server.start();
    }
  });
});
