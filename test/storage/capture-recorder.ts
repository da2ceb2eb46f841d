import { DbnRecordWriter } from '../../main/codec/dbn/write-record.ts';
import { LiveClock } from '../../main/core/clock/live-clock.ts';
import { everyMs } from '../../main/core/clock/wall-timer.ts';
import { SimulatedMarket } from '../../main/feeds/simulated/simulated-market.ts';
import { DbnFormat } from '../../main/storage/capture/capture-chunks.ts';
import { CaptureWriter } from '../../main/storage/capture/capture-writer.ts';
import { OPTIONS, START_US } from '../feeds/simulated/simulate.ts';

/** Records a simulated market, in its own time, until it is killed; tells how many records it has handed over and when. */
const capture = new CaptureWriter({ folder: process.argv[2]!, source: 'simulated', format: new DbnFormat() });
const market = new SimulatedMarket({ ...OPTIONS, eventsPerSecond: 500 });
const out = new DbnRecordWriter(1 << 20);
const clock = new LiveClock();
const anchorUs = clock.nowUs();
let records = market.prologue(out);
everyMs(5, () => {
  const nowUs = START_US + clock.nowUs() - anchorUs;
  const before = records;
  records += market.advanceTo(nowUs, out);
  if (out.byteLength === 0) return;
  capture.write(out.written().slice(), before, nowUs);
  out.clear();
  process.stdout.write(`${records} ${clock.nowUs()}\n`);
});
