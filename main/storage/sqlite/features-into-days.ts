import type Database from 'better-sqlite3';
import { tradingDayAt } from '../../core/calendar/trading-day.ts';
import { FEATURE_COLUMNS } from '../tables/feature-columns.ts';
import type { DayFiles } from './day-files.ts';
import { transaction } from './sqlite-connection.ts';

/**
 * Brings features that an earlier version kept among everything else into the files of their days. A kill on the way
 * leaves what is still to be moved; what was moved is not moved again.
 */
export async function moveFeaturesIntoDays(main: Database.Database, days: DayFiles): Promise<void> {
  if (main.prepare("select 1 from sqlite_master where name = 'features_before'").get() === undefined) return;
  const first = main.prepare<unknown[], { us: number }>(
    'select ts_event_us as us from features_before order by ts_event_us limit 1',
  );
  for (let row = first.get(); row !== undefined; row = first.get()) {
    const { date, fromUs, toUs } = tradingDayAt(row.us);
    const ofDay = 'ts_event_us >= ? and ts_event_us < ?';
    await days.with(date, (day) => {
      const put = day.prepare(
        `insert into features (instrument_id, provider_event_ns, vendor_receive_ns, local_receive_us, ${FEATURE_COLUMNS.join(', ')})
         select @instrument_id, cast(@ts_event_us as integer) * 1000, cast(@ts_recv_us as integer) * 1000, @ts_recv_us,
           ${FEATURE_COLUMNS.map((column) => `@${column}`).join(', ')}
         where not exists (select 1 from features where instrument_id = @instrument_id
           and provider_event_ns = cast(@ts_event_us as integer) * 1000
           and vendor_receive_ns = cast(@ts_recv_us as integer) * 1000)`,
      );
      const old = main.prepare<unknown[]>(`select * from features_before where ${ofDay}`);
      for (const features of old.iterate(fromUs, toUs)) put.run(features);
    });
    transaction(main, () => main.prepare(`delete from features_before where ${ofDay}`).run(fromUs, toUs));
  }
  main.exec('drop table features_before');
}
