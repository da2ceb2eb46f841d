import { z } from 'zod';

/**
 * Every setting with its safe default. The file holds what differs from the defaults; secrets are never in it.
 * Units are in the names. An unknown key is an error that names it, so that a typo cannot silently change a risk limit.
 */
export const settingsSchema = z.strictObject({
  /** What feeds the engine when nothing else is configured. */
  source: z
    .strictObject({
      kind: z.literal('simulated').default('simulated'),
      seed: z.int().nonnegative().default(20_260_105),
      lagMs: z.number().min(0).max(5_000).default(150),
      /** Depth events per second and product the simulator aims at in its normal regime. */
      eventsPerSecond: z.number().min(1).max(50_000).default(250),
    })
    .prefault({}),
  capture: z
    .strictObject({
      /** Whether market data is logged as it arrives. */
      record: z.boolean().default(true),
      /** Hours of simulated market that are kept; real venues' captures are never removed by themselves. */
      keepSimulatedHours: z.int().positive().default(12),
    })
    .prefault({}),
  account: z
    .strictObject({
      startingBalanceMinor: z.int().positive().default(5_000_000),
      currency: z.literal('USD').default('USD'),
    })
    .prefault({}),
  risk: z
    .strictObject({
      /** Share of the balance that one proposal may lose at its stop, in percent. */
      riskPerTradePercent: z.number().positive().max(5).default(0.5),
      maxPositionLots: z.int().positive().default(20),
      maxOrderLots: z.int().positive().default(10),
      maxSpreadPips: z.number().positive().default(2),
      /** Age beyond which a quote may not be traded on, in milliseconds. */
      staleAfterMs: z.number().positive().default(5_000),
      /** Loss of the trade date at which trading locks itself, in percent of the balance at its start. */
      dayLossPercent: z.number().positive().max(100).default(3),
    })
    .prefault({}),
  proposal: z
    .strictObject({
      expiryMs: z.number().positive().default(5_000),
      rewardToRisk: z.number().positive().default(2),
      stopVolatilityFactor: z.number().positive().default(1.5),
      stopSpreadFactor: z.number().positive().default(3),
      brokerMinimumStopPips: z.number().nonnegative().default(2),
      /** Enter is deaf for this long after a proposal appears, in milliseconds. */
      confirmDeafMs: z.number().nonnegative().default(300),
      sizePresetsLots: z
        .tuple([z.int().positive(), z.int().positive(), z.int().positive(), z.int().positive(), z.int().positive()])
        .default([1, 2, 3, 5, 10]),
    })
    .prefault({}),
  signal: z
    .strictObject({
      minQueueImbalance: z.number().min(0).max(1).default(0.2),
      /** Decayed OFI over the mean size at the best at which flow counts as one-sided. */
      minFlowRatio: z.number().min(0).default(0.4),
      /** Pips that the execution quote must still have to go beyond its whole spread, which entering and leaving costs. */
      minRemainingPips: z.number().min(0).default(0),
      cooldownMs: z.number().min(0).default(3_000),
    })
    .prefault({}),
  paper: z
    .strictObject({
      latencyMs: z.number().min(0).max(10_000).default(40),
      slippageTicks: z.int().min(0).max(1_000).default(0),
    })
    .prefault({}),
});

export type Settings = z.infer<typeof settingsSchema>;

/** The settings of a program that was never configured. */
export const DEFAULT_SETTINGS: Settings = settingsSchema.parse({});
