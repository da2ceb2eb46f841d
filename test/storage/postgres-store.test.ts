import { afterAll, beforeAll, describe } from 'vitest';
import { adminSuite } from './admin-suite.ts';
import { calendarSuite } from './calendar-suite.ts';
import { copySuite } from './copy-suite.ts';
import { marketSuite } from './market-suite.ts';
import { postgresBackend } from './postgres-backend.ts';
import { findPostgres, PostgresServer } from './postgres-server.ts';
import { reviewSuite } from './review-suite.ts';
import { storeSuite } from './store-suite.ts';

const programs = findPostgres();

describe.skipIf(programs === undefined)('on a server of its own', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await PostgresServer.start(programs!);
  });

  afterAll(() => server.remove());

  storeSuite('Postgres', () => postgresBackend(server.url()));
  calendarSuite('Postgres', () => postgresBackend(server.url()));
  marketSuite('Postgres', () => postgresBackend(server.url()));
  reviewSuite('Postgres', () => postgresBackend(server.url()));
  adminSuite('Postgres', () => postgresBackend(server.url()));
  copySuite('Postgres', () => postgresBackend(server.url()));
});

const timescale = process.env['FATHOM_TEST_TIMESCALE_URL'];

describe.skipIf(timescale === undefined)('on the Timescale server that the environment names', () => {
  storeSuite('Timescale', () => postgresBackend(timescale!, 'timescaledb'));
  calendarSuite('Timescale', () => postgresBackend(timescale!, 'timescaledb'));
  marketSuite('Timescale', () => postgresBackend(timescale!, 'timescaledb'));
  reviewSuite('Timescale', () => postgresBackend(timescale!, 'timescaledb'));
  adminSuite('Timescale', () => postgresBackend(timescale!, 'timescaledb'));
  copySuite('Timescale', () => postgresBackend(timescale!, 'timescaledb'));
});
