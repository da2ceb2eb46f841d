import { DAY_US, SECOND_US } from '../../../shared/units.ts';

/** Time of day for a feed's words: `14:05:07 UTC`. */
export function clockWords(us: number): string {
  const seconds = Math.floor((us % DAY_US) / SECOND_US);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)} UTC`;
}
