import { z } from 'zod';
import { MOST_QUOTES, QUOTE_CODE } from './watched-quote.ts';

/** An address with a password in it, which would lie in the settings file in clear. */
const HAS_PASSWORD = /^\w+:\/\/[^/@]*:[^/]*@/;

/** Address of a server by its scheme, or empty for the vendor's own. */
function address(...schemes: readonly string[]) {
  const starts = schemes.map((scheme) => `${scheme}//`);
  const isAddress = (text: string) => text === '' || starts.some((start) => text.startsWith(start) && !/\s/.test(text));
  return z
    .string()
    .refine(isAddress, `expected an address that begins with ${starts.join(' or ')}`)
    .default('');
}

/**
 * Every setting with its safe default; a name that the file leaves out has its default. Secrets are never in the file.
 * Units are in the names. An unknown key is an error that names it, so that a typo cannot silently change a risk limit.
 */
export const settingsSchema = z.strictObject({
  source: z
    .strictObject({
      /** What feeds the engine: the simulated market, or the venues that are enabled under `feeds`. */
      kind: z.enum(['simulated', 'live']).default('simulated'),
      seed: z.int().nonnegative().default(20_260_105),
      lagMs: z.number().min(0).max(5_000).default(150),
      /** Depth events per second and product the simulator aims at in its normal regime. */
      eventsPerSecond: z.number().min(1).max(50_000).default(250),
    })
    .prefault({}),
  feeds: z
    .strictObject({
      databento: z
        .strictObject({
          enabled: z.boolean().default(false),
          dataset: z.string().min(1).default('GLBX.MDP3'),
          /** Live gateway as tcp://host:port; empty = the one of the dataset. */
          url: address('tcp:'),
          historicalUrl: address('http:', 'https:').default('https://hist.databento.com'),
          /** Continuous (6E.v.0), parent (6E.FUT) or raw (6EZ6) symbols, mixed. */
          symbols: z.array(z.string().min(1)).default(['6E.v.0', '6B.v.0', '6J.v.0']),
          schemas: z
            .array(z.enum(['mbp-10', 'mbo', 'mbp-1', 'trades', 'definition', 'status']))
            .default(['mbp-10', 'trades', 'definition', 'status']),
          /** Size of a historical request above which it is shown and asked for first, in megabytes. */
          askAboveMegabytes: z.number().nonnegative().default(50),
        })
        .prefault({}),
      ig: z
        .strictObject({
          enabled: z.boolean().default(false),
          environment: z.enum(['demo', 'live']).default('demo'),
          /** REST address in place of the environment's own; empty = that one. */
          url: address('http:', 'https:'),
          /** Account to watch and deal on; empty = the login's preferred one. */
          account: z.string().default(''),
          /** Epics, or pairs (EUR/USD) for which the account's undated contract is looked up. */
          symbols: z
            .array(z.string().min(1))
            .default(['CS.D.EURUSD.CFD.IP', 'CS.D.GBPUSD.CFD.IP', 'CS.D.USDJPY.CFD.IP']),
        })
        .prefault({}),
      kraken: z
        .strictObject({
          enabled: z.boolean().default(true),
          url: address('ws:', 'wss:').default('wss://ws.kraken.com/v2'),
          symbols: z.array(z.string().min(1)).default(['BTC/USD']),
          depth: z.literal([10, 25, 100, 500, 1000]).default(100),
          /** Order by order, with a key. */
          level3: z.boolean().default(false),
          level3Url: address('ws:', 'wss:').default('wss://ws-l3.kraken.com/v2'),
          restUrl: address('http:', 'https:').default('https://api.kraken.com'),
        })
        .prefault({}),
      binance: z
        .strictObject({
          enabled: z.boolean().default(false),
          url: address('ws:', 'wss:').default('wss://data-stream.binance.vision'),
          restUrl: address('http:', 'https:').default('https://data-api.binance.vision'),
          symbols: z.array(z.string().min(1)).default(['BTCUSDT']),
          /** Levels a side asked for in a snapshot. */
          depth: z.int().min(1).max(5000).default(1000),
        })
        .prefault({}),
      coinbase: z
        .strictObject({
          enabled: z.boolean().default(false),
          url: address('ws:', 'wss:').default('wss://advanced-trade-ws.coinbase.com'),
          restUrl: address('http:', 'https:').default('https://api.coinbase.com'),
          symbols: z.array(z.string().min(1)).default(['BTC-USD']),
        })
        .prefault({}),
      insightsentry: z
        .strictObject({
          enabled: z.boolean().default(false),
          gateway: z.enum(['direct', 'rapidapi']).default('direct'),
          url: address('http:', 'https:'),
          streamUrl: address('ws:', 'wss:').default('wss://realtime.insightsentry.com'),
          /** WebSocket connections that the plan allows at once, and in a day. */
          connectionsAtOnce: z.int().positive().default(12),
          connectionsADay: z.int().positive().default(8),
          requestsAMinute: z.number().positive().default(30),
          /** How often the calendar is asked for as a whole, and news while they are not streamed. */
          calendarEveryMinutes: z.number().min(1).default(30),
          newsEverySeconds: z.number().min(5).default(30),
          /** Quotes to look at, EXCHANGE:SYMBOL; none = no connection for them. */
          quotes: z
            .array(z.string().regex(QUOTE_CODE, 'is not of the form EXCHANGE:SYMBOL, as FX:EURUSD or CME_MINI:ES1!'))
            .max(MOST_QUOTES)
            .refine((codes) => new Set(codes).size === codes.length, 'names a code twice')
            .default([]),
        })
        .prefault({}),
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
  store: z
    .strictObject({
      /** Postgres database in place of the embedded one, as postgres://user@host:port/database; empty = the embedded one. */
      url: address('postgres:', 'postgresql:').refine(
        (url) => !HAS_PASSWORD.test(url),
        'leave the password out of the address: it is taken from FATHOM_DB_PASSWORD, else PGPASSWORD',
      ),
      /** Whose depth is kept record by record: of real venues, of the simulated market too, or of none. */
      depthEvents: z.enum(['live', 'all', 'off']).default('live'),
      /** Days for which rows are kept; 0 = as long as there is room. Captures are not touched. */
      keepDays: z
        .strictObject({
          depthEvents: z.int().nonnegative().default(5),
          books: z.int().nonnegative().default(90),
          trades: z.int().nonnegative().default(0),
          quotes: z.int().nonnegative().default(90),
          features: z.int().nonnegative().default(0),
          bars: z.int().nonnegative().default(0),
        })
        .prefault({}),
    })
    .prefault({}),
  news: z
    .strictObject({
      /** Window around a release of high impact, minutes: kept in the store, so that review knows what was traded in one. */
      windowBeforeMinutes: z.number().nonnegative().max(120).default(5),
      windowAfterMinutes: z.number().nonnegative().max(120).default(5),
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
      /** How far the price may have run away from a market entry since its ticket was made, in percent of the stop distance. */
      maxEntryDriftPercent: z.number().nonnegative().max(100).default(50),
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
