import { binanceTextBench } from './binance-text.bench.ts';
import { bookAtBench } from './book-at.bench.ts';
import { engineBench } from './engine.bench.ts';
import { feedsBench } from './feeds.bench.ts';
import { levelBookBench } from './level-book.bench.ts';
import type { Figures } from './measure.ts';
import { postgresBench } from './postgres.bench.ts';
import { screenBench } from './screen.bench.ts';
import { storeBench } from './store.bench.ts';
import { storeDayBench } from './store-day.bench.ts';

/** `npm run bench`: a table on the terminal; `npm run -s bench -- --json`: one JSON object. Names as arguments choose. */
const BENCHES: Readonly<Record<string, () => Promise<Figures>>> = {
  engine: engineBench,
  book: levelBookBench,
  'binance-text': binanceTextBench,
  feeds: feedsBench,
  store: storeBench,
  'store-day': storeDayBench,
  'book-at': bookAtBench,
  postgres: postgresBench,
  screen: screenBench,
};

const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const figures: Figures = {};
for (const [name, bench] of Object.entries(BENCHES)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  console.error(`bench: ${name} …`);
  Object.assign(figures, await bench());
}
if (process.argv.includes('--json')) {
  console.log(JSON.stringify(figures));
} else {
  const width = Math.max(...Object.keys(figures).map((name) => name.length));
  for (const [name, { value, unit }] of Object.entries(figures))
    console.log(`${name.padEnd(width)}  ${shown(value)} ${unit}`);
}

function shown(value: number): string {
  if (Math.abs(value) >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}
