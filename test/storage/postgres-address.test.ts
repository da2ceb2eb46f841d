import { expect, test } from 'vitest';
import { postgresAddress } from '../../main/storage/postgres/postgres-address.ts';

test('takes an address apart, and looks for what it leaves out', () => {
  expect(postgresAddress('postgres://me:p%40ss%2Fw@db.example:6000/fx?sslmode=verify-full', {})).toEqual({
    ...{ host: 'db.example', port: 6000, database: 'fx', user: 'me', password: 'p@ss/w', ssl: true },
  });
  const environment = { PGUSER: 'other', PGPASSWORD: 'one', FATHOM_DB_PASSWORD: 'two' };
  expect(postgresAddress('postgresql://[::1]', environment)).toEqual({
    ...{ host: '::1', port: 5432, database: 'forex_scalping', user: 'other', password: 'two', ssl: false },
  });
  expect(postgresAddress('postgres://localhost', { PGPASSWORD: 'one' }).password).toBe('one');
  expect(postgresAddress('postgres://localhost', {}).password).toBeUndefined();
});

test('says what is wrong with an address, without repeating it', () => {
  for (const url of ['postgres://', 'mysql://me:secret@host/db', 'secret', 'postgres://me:secret@host:port/db']) {
    expect(() => postgresAddress(url, {})).toThrow(/^store\.url: expected postgres:\/\/user@host:port\/database/);
    expect(() => postgresAddress(url, {})).not.toThrow(/secret/);
  }
  expect(() => postgresAddress('postgres://me:sec%ret@host', {})).toThrow(/written as|write it as %25/);
  expect(() => postgresAddress('postgres://host/db?sslmode=maybe', {})).toThrow(/sslmode maybe is not known/);
});
