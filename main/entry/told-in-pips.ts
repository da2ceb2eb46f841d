import type { Instrument } from '../../shared/instruments.ts';

/** The pip of the yen, the largest there is: a hundredth. */
const LARGEST_PIP_NANO = 10_000_000;

/** Whether prices of an instrument are told in pips: those of currencies are, those of indices and coins are not. */
export function toldInPips({ calendar, pipNano }: Pick<Instrument, 'calendar' | 'pipNano'>): boolean {
  return calendar !== 'crypto' && pipNano <= LARGEST_PIP_NANO;
}
