const SMALL: string[] = Array.from({ length: 10_000 }, (_, value) => String(value));

/** Whole lots as text, from a table for the sizes that depth shows, so that drawing a frame allocates nothing. */
export function lotsText(lots: number): string {
  if (!Number.isFinite(lots)) return '—';
  const whole = Math.round(lots);
  return SMALL[whole] ?? compact(whole);
}

/** Large counts shortened with their unit letter: 12.3k, 4.56M. */
export function compact(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${(value / 1e6).toFixed(2)}M`;
  if (size >= 1e4) return `${(value / 1e3).toFixed(1)}k`;
  return String(value);
}

/** Microseconds as the unit that reads shortest: 840 µs, 12.4 ms, 3.2 s, 4 min. */
export function durationText(us: number): string {
  if (!Number.isFinite(us)) return '—';
  if (us < 1_000) return `${Math.round(us)} µs`;
  if (us < 100_000) return `${(us / 1_000).toFixed(1)} ms`;
  if (us < 1_000_000) return `${Math.round(us / 1_000)} ms`;
  if (us < 60_000_000) return `${(us / 1_000_000).toFixed(1)} s`;
  if (us < 3_600_000_000) return `${Math.floor(us / 60_000_000)} min ${pad(Math.floor(us / 1_000_000) % 60)} s`;
  return `${Math.floor(us / 3_600_000_000)} h ${pad(Math.floor(us / 60_000_000) % 60)} min`;
}

/** Time left as a clock: 4:07, 1:02:33. */
export function countdownText(us: number): string {
  const seconds = Math.max(0, Math.ceil(us / 1_000_000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const tail = `${pad(minutes)}:${pad(seconds % 60)}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

function pad(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
