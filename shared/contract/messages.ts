import { z } from 'zod';
import { KEY_NAMES, VENDORS } from '../vendors.ts';
import type { RecordTopic, TableTopic } from './topics.ts';

/**
 * Text messages between a client and the engine, the same over WebSocket and MessagePort. Binary messages are frames.
 * What the page needs at run time is in protocol.ts, so that the page carries no schemas.
 */
export { isFastTopic, PROTOCOL_VERSION } from './protocol.ts';

const side = z.enum(['buy', 'sell']);
const empty = z.strictObject({});
const settingsPatch = z.strictObject({ patch: z.record(z.string(), z.unknown()) });
const ticketRef = z.strictObject({ ticketId: z.string(), revision: z.int().nonnegative() });

/**
 * Commands by name with the shape of their parameters. Those that add risk are refused while disarmed; cancel, flatten
 * and lock always work. `heldKey` is true when the key event was a repeat.
 */
export const COMMANDS = {
  /** Arms or disarms: while disarmed nothing that adds risk is accepted. */
  arm: z.strictObject({ armed: z.boolean() }),
  /** Confirms the ticket that was on screen, by id and revision. */
  confirm: ticketRef.extend({ heldKey: z.boolean() }),
  dismiss: z.strictObject({ ticketId: z.string() }),
  /** Puts a manual proposal into the ticket: at market, or a limit at the best bid or ask of its own side. */
  stage: z.strictObject({
    linkId: z.string(),
    side,
    type: z.enum(['market', 'limit']),
    reverse: z.boolean().optional(),
  }),
  /** Moves one price of the active ticket by whole ticks. */
  nudge: ticketRef.extend({ field: z.enum(['entry', 'stop', 'target']), ticks: z.int().min(-1000).max(1000) }),
  setLots: ticketRef.extend({ lots: z.int().positive().max(1_000_000) }),
  /** Size presets 1-5 of the settings; applies to the active ticket and to the next ones. */
  sizePreset: z.strictObject({ preset: z.int().min(1).max(5) }),
  /** Cancels working entries, of one market or of all; protective stops and targets stay. */
  cancelEntries: z.strictObject({ market: z.int().nonnegative().optional() }),
  closeDeal: z.strictObject({ dealId: z.string() }),
  /** Cancels entries and closes every deal of one market or of all, until verified flat. */
  flatten: z.strictObject({ market: z.int().nonnegative().optional() }),
  /** Moves the stops of the market's deals that are in profit to their opening price. */
  breakEven: z.strictObject({ market: z.int().nonnegative() }),
  /** Named action: takes the stop or target off a deal. */
  removeProtection: z.strictObject({ dealId: z.string(), which: z.enum(['stop', 'target']) }),
  /** Locks trading for the rest of the trade date; survives a restart. */
  lockDay: z.strictObject({ reason: z.string().max(200) }),
  /** Takes a link under hand, or a market that is watched only. */
  selectLink: z.strictObject({ linkId: z.string() }),
  selectMarket: z.strictObject({ market: z.int().nonnegative() }),
  /** Settings of the file, and where each key is held (SetupView). A key itself is never told. */
  settingsRead: empty,
  /** What would be wrong with the settings once changed so (SettingsChecked). Nothing is written. */
  settingsCheck: settingsPatch,
  /** Lays changes over the file's settings; the engine then starts anew where they differ (SettingsWritten). */
  settingsWrite: settingsPatch,
  /** Gives a key to its keeper (KeyChanged). */
  keySet: z.strictObject({ name: z.enum(KEY_NAMES), value: z.string().trim().min(1).max(512) }),
  keyForget: z.strictObject({ name: z.enum(KEY_NAMES) }),
  /** Tries a vendor with the settings as changed so (VendorFinding). */
  testConnection: settingsPatch.extend({ vendor: z.enum(VENDORS) }),
  /** Has a large request to a vendor's history carried out, whose size and cost were shown (topic `backfills`). */
  confirmBackfill: z.strictObject({ id: z.string().max(64) }),
  replayPlay: empty,
  replayPause: empty,
  /** Advances a paused replay by a number of events. */
  replayStep: z.strictObject({ events: z.int().positive().max(100_000) }),
  replaySpeed: z.strictObject({ speed: z.number().min(0).max(1000) }),
  replaySeek: z.strictObject({ toUs: z.int().nonnegative() }),
  loadWorkspace: z.strictObject({ name: z.string().max(64) }),
  saveWorkspace: z.strictObject({ name: z.string().max(64), layout: z.string().max(200_000) }),
} as const;

export type CommandName = keyof typeof COMMANDS;
export type CommandParams<N extends CommandName> = z.infer<(typeof COMMANDS)[N]>;

export const clientMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hello'), protocol: z.int() }),
  z.strictObject({ kind: z.literal('subscribe'), topics: z.array(z.string().max(40)).max(200) }),
  z.strictObject({ kind: z.literal('unsubscribe'), topics: z.array(z.string().max(40)).max(200) }),
  /** Grants one more frame: the sequence number of the frame that was taken in. */
  z.strictObject({ kind: z.literal('ack'), frame: z.int().nonnegative() }),
  /** `id` is unique per client and command; the engine answers each id once and repeats the answer to a duplicate. */
  z.strictObject({
    kind: z.literal('command'),
    id: z.string().min(8).max(64),
    name: z.string().max(40),
    params: z.unknown(),
  }),
]);

export type ClientMessage = z.infer<typeof clientMessage>;

/** Why a command was not carried out. `refused` is the trade loop's no; its words are for the trader. */
export type CommandErrorCode = 'refused' | 'invalid' | 'unknown-command' | 'not-now' | 'failed';

export type CommandResult =
  | { readonly kind: 'result'; readonly id: string; readonly ok: true; readonly value: unknown }
  | {
      readonly kind: 'result';
      readonly id: string;
      readonly ok: false;
      readonly code: CommandErrorCode;
      readonly words: string;
    };

export type ServerMessage =
  | { readonly kind: 'welcome'; readonly protocol: number; readonly engineId: string }
  | {
      readonly kind: 'record';
      readonly topic: RecordTopic;
      readonly seq: number;
      readonly snapshot: boolean;
      readonly value: object;
    }
  | {
      readonly kind: 'table';
      readonly topic: TableTopic;
      readonly seq: number;
      readonly snapshot: boolean;
      readonly upsert: readonly { readonly id: string }[];
      readonly remove: readonly string[];
    }
  | CommandResult;
