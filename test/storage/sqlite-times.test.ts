import { expect, test } from 'vitest';
import { withSqliteTimes } from '../../main/storage/admin/sqlite-times.ts';

const time = (...steps: string[]) => `strftime('%Y-%m-%d %H:%M:%f', ${["'now'", ...steps].join(', ')})`;

test('now and intervals of Postgres become times of SQLite', () => {
  expect(withSqliteTimes("select * from t where at > NOW() - INTERVAL '5 minutes' limit 1")).toBe(
    `select * from t where at > ${time("'-5 minutes'")} limit 1`,
  );
  expect(withSqliteTimes('now( )')).toBe(time());
  expect(withSqliteTimes("now() + interval '1 day 2 hours' - interval '1.5 week'")).toBe(
    time("'+1 days'", "'+2 hours'", "'-10.5 days'"),
  );
  expect(withSqliteTimes("now() - interval '10 min'")).toBe(time("'-10 minutes'"));
});

test('texts, names and comments stay as they are', () => {
  for (const sql of ["select 'now()'", `select "now()" from t`, '-- now()\n', "/* it's now() */", 'select known() ']) {
    expect(withSqliteTimes(sql)).toBe(sql);
  }
});

test('an interval that is not understood is said', () => {
  expect(() => withSqliteTimes("now() - interval 'a while'")).toThrow(/INTERVAL 'a while' is not understood/);
});
