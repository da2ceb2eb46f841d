import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { postgresAddress } from '../../main/storage/postgres/postgres-address.ts';
import { setupPostgres } from '../../main/storage/postgres/postgres-setup.ts';
import { SqliteStore } from '../../main/storage/sqlite/sqlite-store.ts';
import { fixture, haveFixtures } from '../fixtures.ts';
import { findPostgres, PostgresServer } from '../storage/postgres-server.ts';
import { type CliResult, runCli } from './run-cli.ts';

const programs = findPostgres();
let home: string;
let store: SqliteStore | undefined;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fathom-home-'));
});

afterEach(async () => {
  await store?.close();
  store = undefined;
  rmSync(home, { recursive: true });
});

const calendar = (...args: string[]): Promise<CliResult> => runCli(['calendar', ...args], { FATHOM_HOME: home });

const WEEK = [
  'Start,Name,Impact,Currency,Forecast,Actual',
  '2025-11-05 08:15,ADP,MEDIUM,USD,25K,',
  '2025-11-07 08:30,Payrolls,HIGH,USD,50K,',
  '2025-11-06 07:00,Rate,HIGH,GBP,4%,',
];

function week(name: string, rows: readonly string[]): string {
  const path = join(home, name);
  writeFileSync(path, rows.join('\n'));
  return path;
}

describe('fathom calendar', () => {
  test.runIf(haveFixtures)(
    'imports a recorded quarter and lists it with exact counts, while an engine runs',
    async () => {
      store = new SqliteStore({ path: join(home, 'fathom.sqlite'), runId: 'run-1', account: 'paper' });
      await store.settingPut('opened', true);
      const imported = await calendar('import', fixture('calendar/news_events_2019-11_2020-02.csv'), '--json');
      expect(imported).toMatchObject({ code: 0, err: '' });
      expect(JSON.parse(imported.out)).toMatchObject({
        imported: 2819,
        updated: 0,
        unchanged: 0,
        zone: 'UTC',
        byImpact: { none: 62, low: 1510, medium: 971, high: 276 },
        byCurrency: { USD: 794, EUR: 775, JPY: 302, GBP: 301, AUD: 203, CAD: 152, NZD: 132, CNY: 88, CHF: 72 },
        refused: [],
      });
      const all = ['list', '--from', '2019-11-01', '--to', '2020-02-29', '--json'];
      const [whole, high, pounds] = await Promise.all([
        calendar(...all),
        calendar(...all, '--impact', 'high', '--currency', 'USD'),
        calendar(...all, '--impact', 'medium,low', '--currency', 'gbp,eur'),
      ]);
      expect(JSON.parse(whole!.out)).toHaveLength(2819);
      const dollars = JSON.parse(high!.out) as { impact: string; currency: string; time: string }[];
      expect(dollars).toHaveLength(56);
      expect(dollars.every(({ impact, currency }) => impact === 'high' && currency === 'USD')).toBe(true);
      expect(dollars.map(({ time }) => time)).toEqual(dollars.map(({ time }) => time).sort());
      expect(JSON.parse(pounds!.out)).toHaveLength(944);
      expect(await store.calendarBetween({ fromUs: 0, toUs: Number.MAX_SAFE_INTEGER })).toHaveLength(2819);
    },
  );

  test('tells what was new, brought up to date, known and refused', async () => {
    const first = await calendar('import', week('a.csv', WEEK), '--zone', 'America/New_York');
    expect(first.out).toBe(
      'a.csv (csv): 3 events, 3 new, 0 updated, 0 known as they are; 0 rows refused.\n' +
        'By impact: 1 medium, 2 high.\n' +
        'Times of 3 events name no zone and were read as America/New_York.\n',
    );
    const later = week('b.csv', [
      WEEK[0]!,
      '2025-11-07 08:30,Payrolls,HIGH,USD,,61K',
      WEEK[3]!,
      '2025-11-07 10:00,Mood,LOW,USD,,',
      '2025-11-07 10:00,Storm,SEVERE,USD,,',
    ]);
    const second = await calendar('import', later, '--zone', 'America/New_York');
    expect(second.out).toMatch(/^b\.csv \(csv\): 3 events, 1 new, 1 updated, 1 known as they are; 1 rows refused\./);
    expect(second.err).toBe('fathom: b.csv, line 5: the impact "SEVERE" is not a word that is known\n');
    expect(second.code).toBe(0);
    const listed = await calendar('list', '--from', '2025-11-07', '--to', '2025-11-07', '--zone', 'America/New_York');
    expect(listed.out).toBe(
      '2025-11-07 08:30  USD  high    Payrolls  forecast 50K  actual 61K\n' +
        '2025-11-07 10:00  USD  low     Mood\n' +
        '2 events, times in America/New_York.\n',
    );
  });

  test.skipIf(programs === undefined)(
    'takes events into the Postgres that the settings choose, and lists them from there',
    async () => {
      const server = await PostgresServer.start(programs!);
      try {
        await setupPostgres(postgresAddress(server.url('fx'), {}));
        const { username, password, host } = new URL(server.url());
        writeFileSync(
          join(home, 'settings.json'),
          JSON.stringify({ store: { url: `postgres://${username}@${host}/fx` } }),
        );
        const there = { FATHOM_HOME: home, FATHOM_DB_PASSWORD: decodeURIComponent(password) };
        const imported = await runCli(['calendar', 'import', week('a.csv', WEEK)], there);
        expect(imported).toMatchObject({ code: 0, out: expect.stringMatching(/3 events, 3 new, 0 updated/) });
        const list = ['calendar', 'list', '--from', '2025-11-06', '--to', '2025-11-07'];
        const listed = await runCli(list, there);
        expect(listed.out).toMatch(/GBP {2}high {4}Rate.*\n.*Payrolls/);
        expect(readdirSync(home)).not.toContain('fathom.sqlite');
        const refused = await runCli(list, { ...there, FATHOM_DB_PASSWORD: 'wrong' });
        expect(refused).toMatchObject({
          code: 1,
          out: '',
          err: expect.stringMatching(/password for user .* was refused/),
        });
      } finally {
        await server.remove();
      }
    },
  );

  test('says what is wrong with a file or an option', async () => {
    const words = async (...args: string[]) => {
      const { code, err, out } = await calendar(...args);
      return `${code} ${out}${err}`;
    };
    const path = week('a.csv', WEEK);
    const results = await Promise.all([
      words('import', join(home, 'none.csv')),
      words('import', week('b.csv', ['a,b', '1,2'])),
      words('import', path, '--zone', 'Mars/Olympus'),
      words('import', week('c.csv', ['Start,Name', '31.31.2025,x'])),
      words('list', '--impact', 'enormous'),
      words('list', '--from', '2025-11-07', '--to', '2025-11-01'),
      words('list', '--from', 'yesterday'),
      words('import', home),
      words('import', week('d.csv', ['\u001b[2J\u0000,b', '1,2'])),
    ]);
    expect(results[0]).toMatch(/^1 fathom: .*none\.csv does not exist/);
    expect(results[1]).toMatch(/^1 fathom: .*b\.csv: line 1 names no column for the time/);
    expect(results[2]).toMatch(/^1 fathom: .*the time zone "Mars\/Olympus" is not one that is known/);
    expect(results[3]).toMatch(/^1 c\.csv.*0 events.*1 rows refused(.|\n)*line 2: .*two ways(.|\n)*gave no event/);
    expect(results[4]).toMatch(/^2 error: .*"enormous" is none of none, low, medium, high/);
    expect(results[5]).toMatch(/^2 fathom: --to is not later than --from/);
    expect(results[6]).toMatch(/^2 fathom: --from: the time "yesterday" is not one that is understood/);
    expect(results[7]).toBe(`1 fathom: ${home} is a folder, not a file\n`);
    expect(results[8]).toMatch(/it has ·\[2J·, b\n$/);
  });
});
