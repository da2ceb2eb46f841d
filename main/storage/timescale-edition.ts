/** What the Timescale extension is in a database; Apache's edition has neither compression nor continuous aggregates. */
export type TimescaleEdition = 'community' | 'apache' | 'none';

/** Asks a database for the licence of its Timescale; null where the extension is not in it. */
export const LICENSE_QUESTION = `select case when exists (select from pg_extension where extname = 'timescaledb')
  then current_setting('timescaledb.license', true) end as license`;

export interface LicenseColumns {
  readonly license: string | null;
}

/** The edition that a licence stands for. */
export function editionOfLicense({ license }: LicenseColumns): TimescaleEdition {
  if (license === null) return 'none';
  return license === 'apache' ? 'apache' : 'community';
}
