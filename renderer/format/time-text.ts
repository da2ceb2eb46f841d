const pad2 = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** Time of day in the user's zone, `14:29:50`. */
export function clockText(us: number): string {
  if (!Number.isFinite(us) || us <= 0) return '—';
  const date = new Date(us / 1000);
  return `${pad2(date.getHours())}:${pad2(date.getMinutes())}:${pad2(date.getSeconds())}`;
}

/** Time of day with milliseconds, `14:29:50.123`. */
export function preciseClockText(us: number): string {
  if (!Number.isFinite(us) || us <= 0) return '—';
  return `${clockText(us)}.${String(Math.floor(us / 1000) % 1000).padStart(3, '0')}`;
}

const UTC = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', dateStyle: 'medium', timeStyle: 'medium' });
const EXCHANGE = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'America/Chicago',
  dateStyle: 'medium',
  timeStyle: 'medium',
});

/** The same instant in UTC and at the exchange (Chicago), for a tooltip. */
export function zonesText(us: number): string {
  if (!Number.isFinite(us) || us <= 0) return '';
  const date = new Date(us / 1000);
  return `${UTC.format(date)} UTC · ${EXCHANGE.format(date)} Chicago`;
}

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** Day and time in the user's zone: `21 Nov 2026 14:29`. */
export function dayText(us: number): string {
  return `${DAY.format(new Date(us / 1000))} ${clockText(us).slice(0, 5)}`;
}

const DATE = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });

/** Day in the user's zone: `Sat 21 Nov`. */
export function dateText(us: number): string {
  return DATE.format(new Date(us / 1000)).replace(',', '');
}

/** Age in words that stay short: 0.4 s, 12 s, 3 min. */
export function ageText(us: number): string {
  const seconds = Math.max(0, us) / 1_000_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h`;
}
