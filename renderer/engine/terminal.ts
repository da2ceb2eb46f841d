import type { CommandName, CommandParams, CommandResult } from '../../shared/contract/messages.ts';
import type { BarRow } from '../../shared/contract/topics.ts';
import { FrameMetrics } from '../metrics/frame-metrics.ts';
import { BarsReplica } from '../replica/bars-replica.ts';
import { Replica } from '../replica/replica.ts';
import { useConnection } from '../stores/connection-store.ts';
import { clearRecords, takeRecord, useRecords } from '../stores/records-store.ts';
import { notify } from '../stores/refusal-store.ts';
import { selectionOf } from '../stores/selection.ts';
import { clearTables, isScreenTable, takeTable, useTables } from '../stores/tables-store.ts';
import { EngineConnection, type EngineSink, type TableMessage } from './connection.ts';
import { wantedTopics } from './topics-wanted.ts';
import type { OpenTransport } from './transport.ts';

/** What the page holds of the engine: the line, the replica of fast data and the measurements. One per page. */
export class Terminal {
  readonly metrics = new FrameMetrics();
  readonly bars = new BarsReplica();
  readonly replica: Replica;
  readonly #connection: EngineConnection;
  #topics: ReadonlySet<string> = new Set();

  constructor(open: OpenTransport) {
    this.replica = new Replica((topic) => this.#connection.resubscribe(topic));
    this.#connection = new EngineConnection(open, this.#sink());
  }

  start(): void {
    useRecords.subscribe(() => this.#follow());
    useTables.subscribe(() => this.#follow());
    this.#follow();
    this.#connection.start();
  }

  /** Sends a command; a refusal is shown in the strip with the engine's own words. */
  async command<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult> {
    const result = await this.ask(name, params);
    if (!result.ok) notify(result.code === 'refused' || result.code === 'not-now' ? 'refusal' : 'fault', result.words);
    return result;
  }

  /** Sends a command whose answer is shown where it was asked for. */
  ask<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult> {
    return this.#connection.command(name, params);
  }

  /** Asks for a topic anew: the tape's "ask again". */
  askAgain(topic: string): void {
    this.#connection.resubscribe(topic);
  }

  #follow(): void {
    const wanted = wantedTopics(selectionOf(useRecords.getState(), useTables.getState()), useTables.getState());
    if (wanted.size === this.#topics.size && [...wanted].every((topic) => this.#topics.has(topic))) return;
    this.#topics = wanted;
    this.#connection.setTopics(wanted);
  }

  /** Between frames engine time passes as the wall clock does, unless a recording is being replayed. */
  #setPace(): void {
    this.replica.clock.setSpeed(useRecords.getState().replay?.active ? 0 : 1, performance.now());
  }

  #sink(): EngineSink {
    return {
      connected: (engineId, restarted) => {
        if (restarted) {
          this.replica.clear();
          this.bars.clear();
          clearRecords();
          clearTables();
          notify('caution', 'The engine was restarted; it is disarmed. Look at positions and orders before arming.');
        }
        this.#setPace();
        useConnection.setState({ phase: 'connected', sinceMs: performance.now(), words: '', engineId });
      },
      away: (words) => {
        if (useConnection.getState().phase === 'away') return;
        this.replica.clock.setSpeed(0, performance.now());
        useConnection.setState({ phase: 'away', sinceMs: performance.now(), words });
      },
      record: (message) => {
        const before = performance.now();
        takeRecord(message.topic, message.snapshot, message.value);
        this.#setPace();
        this.metrics.spent(performance.now() - before);
      },
      table: (message) => this.#table(message),
      frame: (buffer) => {
        const before = performance.now();
        const sequence = this.replica.take(buffer, before);
        this.metrics.framesTaken++;
        this.metrics.spent(performance.now() - before);
        return sequence;
      },
      gap: () => useConnection.setState((state) => ({ sequenceGaps: state.sequenceGaps + 1 })),
    };
  }

  #table(message: TableMessage): void {
    const before = performance.now();
    const { topic, snapshot, upsert, remove } = message;
    if (topic.startsWith('bars:')) this.bars.take(topic, snapshot, upsert as readonly BarRow[], remove);
    else if (isScreenTable(topic)) takeTable(topic, snapshot, upsert, remove);
    if (topic === 'announcements' && !snapshot) {
      for (const row of useTables.getState().announcements.slice(-upsert.length)) notify(row.kind, row.words);
    }
    this.metrics.spent(performance.now() - before);
  }
}
