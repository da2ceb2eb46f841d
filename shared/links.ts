import type { Instrument } from './instruments.ts';

/**
 * A link joins the instrument that is watched to the instrument that is traded. `inverted` means that the two are quoted
 * the other way round: 6J is dollars per yen, USD/JPY yen per dollar, so a bid in 6J is a sell of USD/JPY.
 */
export interface Link {
  readonly id: string;
  /** Product root of the signal instrument, e.g. `6E`. */
  readonly signalRoot: string;
  /** Product root of the execution instrument, e.g. `EURUSD`. */
  readonly executionRoot: string;
  readonly inverted: boolean;
  /** First guess of how long the execution quote follows the signal, in microseconds. */
  readonly lagUs: number;
}

/** The links that exist without any configuration. */
export const DEFAULT_LINKS: readonly Link[] = [
  { id: '6E-EURUSD', signalRoot: '6E', executionRoot: 'EURUSD', inverted: false, lagUs: 150_000 },
  { id: '6B-GBPUSD', signalRoot: '6B', executionRoot: 'GBPUSD', inverted: false, lagUs: 150_000 },
  { id: '6J-USDJPY', signalRoot: '6J', executionRoot: 'USDJPY', inverted: true, lagUs: 150_000 },
];

/**
 * Bid of the execution pair that a future's quote implies, in decimal price units: the bid itself, or one over the ask
 * when the link is inverted.
 */
export function impliedBid(link: Link, futureBid: number, futureAsk: number): number {
  return link.inverted ? 1 / futureAsk : futureBid;
}

/** Ask of the execution pair that a future's quote implies, in decimal price units. */
export function impliedAsk(link: Link, futureBid: number, futureAsk: number): number {
  return link.inverted ? 1 / futureBid : futureAsk;
}

/** Mid of the execution pair that a future's quote implies: between the implied bid and ask, in decimal price units. */
export function impliedMid(link: Link, futureBid: number, futureAsk: number): number {
  return (impliedBid(link, futureBid, futureAsk) + impliedAsk(link, futureBid, futureAsk)) / 2;
}

/** Basis in pips of the execution instrument: spot mid minus implied mid. */
export function basisPips(execution: Instrument, spotMid: number, impliedMid: number): number {
  return ((spotMid - impliedMid) * 1e9) / execution.pipNano;
}

/** Direction (+1 buy, −1 sell) on the execution instrument that agrees with a direction on the signal instrument. */
export function executionDirection(link: Link, signalDirection: 1 | -1): 1 | -1 {
  if (!link.inverted) return signalDirection;
  return signalDirection === 1 ? -1 : 1;
}
