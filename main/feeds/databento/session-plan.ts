import type { LiveStype, LiveSubscription } from './live-handshake.ts';
import type { LiveSchema } from './live-schemas.ts';
import type { ReplayPositions } from './replay-positions.ts';

/** The volume-ranked front contracts of the three currency futures. */
export const DEFAULT_SYMBOLS: readonly string[] = ['6E.v.0', '6B.v.0', '6J.v.0'];

/**
 * A replay reaches back at most so far before the latest record of its schema. The gateway delivers a schema in order, so an
 * instrument of which nothing came since then had nothing; without this bound one quiet contract would repeat the whole day.
 */
const REACH_US = 60_000_000;

/** What a session asks for. */
export interface SessionPlan {
  readonly subscriptions: readonly LiveSubscription[];
  /** Schemas of which the gateway says when their replay has caught up, and which arm nothing before. */
  readonly replaying: readonly LiveSchema[];
  /** Record types that may repeat what came before. */
  readonly repeating: readonly number[];
}

/** How a symbol is named: `6E.v.0` continuous, `6E.FUT` parent, digits an id, anything else the venue's own symbol. */
function stypeOf(symbol: string): LiveStype {
  if (/^[A-Z0-9]+\.[cnv]\.\d+$/i.test(symbol)) return 'continuous';
  if (/^[A-Z0-9]+\.(FUT|OPT)$/.test(symbol)) return 'parent';
  return /^\d+$/.test(symbol) ? 'instrument_id' : 'raw_symbol';
}

/** Symbols by how they are named, in the order of their first appearance. */
export function groupByStype(symbols: readonly string[]): ReadonlyMap<LiveStype, readonly string[]> {
  const groups = new Map<LiveStype, string[]>();
  for (const symbol of symbols) {
    const stype = stypeOf(symbol);
    groups.set(stype, [...(groups.get(stype) ?? []), symbol]);
  }
  return groups;
}

/** Every schema of every symbol, replayed from one instant on. */
export function subscriptionsFrom(
  schemas: readonly LiveSchema[],
  symbols: readonly string[],
  startNs: bigint,
): LiveSubscription[] {
  const groups = [...groupByStype(symbols)];
  return schemas
    .flatMap(({ name }) => groups.map(([stypeIn, named]) => ({ schema: name, stypeIn, symbols: named, startNs })))
    .map((subscription, index) => ({ ...subscription, id: index + 1 }));
}

/**
 * Plans a session: every schema of every symbol, with a replay where earlier sessions left something to be continued.
 * @param replay false: live only, because the gateway no longer has what is missing
 */
export function planSession(
  schemas: readonly LiveSchema[],
  symbols: readonly string[],
  positions: ReplayPositions,
  replay: boolean,
): SessionPlan {
  const groups = groupByStype(symbols);
  const latestNs = positions.latestNs();
  const replaying: LiveSchema[] = [];
  const repeating: number[] = [];
  const subscriptions: LiveSubscription[] = [];
  for (const schema of schemas) {
    const startNs = schema.recovery === 'whole' ? 0n : replay ? startOf(schema, positions, latestNs) : undefined;
    if (startNs !== undefined) repeating.push(schema.rtype);
    if (startNs !== undefined && schema.recovery === 'replay') replaying.push(schema);
    for (const [stypeIn, named] of groups) {
      const id = subscriptions.length + 1;
      const base = { schema: schema.name, stypeIn, symbols: named, id };
      if (schema.recovery === 'snapshot') subscriptions.push({ ...base, snapshot: true });
      else subscriptions.push(startNs === undefined ? base : { ...base, startNs });
    }
  }
  return { subscriptions, replaying, repeating };
}

/** A schema without a record so far has missed only what came after the latest record of any other. */
function startOf(schema: LiveSchema, positions: ReplayPositions, latestNs: bigint | undefined): bigint | undefined {
  if (schema.recovery !== 'replay' || latestNs === undefined) return undefined;
  return positions.startNs(schema.rtype, REACH_US) ?? latestNs - BigInt(REACH_US) * 1000n;
}
