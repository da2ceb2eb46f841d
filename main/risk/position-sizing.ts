import type { Instrument } from '../../shared/instruments.ts';
import { type Currency, MINOR_DIGITS, toMinor } from '../../shared/money.ts';

/** Money that a move of `ticks` makes on `lots`, in minor units of the account currency. @param rate quote → account */
export function moneyOfTicks(
  instrument: Instrument,
  ticks: number,
  lots: number,
  rate: number,
  account: Currency,
): number {
  return toMinor(((ticks * instrument.tickNano) / 1e9) * instrument.multiplier * lots * rate, account);
}

/**
 * Whole lots whose loss at the stop stays within the budget; 0 when not even one does.
 * @param budgetMinor what may be lost, minor units of the account currency
 */
export function lotsForRisk(
  instrument: Instrument,
  stopTicks: number,
  budgetMinor: number,
  rate: number,
  account: Currency,
): number {
  const perLot = ((stopTicks * instrument.tickNano) / 1e9) * instrument.multiplier * rate * 10 ** MINOR_DIGITS[account];
  if (!(perLot > 0)) return 0;
  let lots = Math.floor(budgetMinor / perLot) + 1;
  while (lots > 0 && moneyOfTicks(instrument, stopTicks, lots, rate, account) > budgetMinor) lots--;
  return lots;
}

/** What the stop distance is made of; all in ticks. */
export interface StopInputs {
  /** Volatility over one minute. */
  readonly volatilityTicks: number;
  readonly spreadTicks: number;
  readonly brokerMinimumTicks: number;
  readonly volatilityFactor: number;
  readonly spreadFactor: number;
}

/** Stop distance: the greatest of volatility × factor, spread × factor and the broker's minimum, in whole ticks. */
export function stopDistanceTicks(inputs: StopInputs): number {
  return Math.ceil(
    Math.max(
      inputs.volatilityTicks * inputs.volatilityFactor,
      inputs.spreadTicks * inputs.spreadFactor,
      inputs.brokerMinimumTicks,
    ),
  );
}
