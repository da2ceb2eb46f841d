import { basename } from 'node:path';
import type { Clock } from '../core/clock/clock.ts';
import type { Engine } from '../core/engine.ts';
import { CommandRefusal } from '../core/publisher/command-refusal.ts';
import type { TopicBoard } from '../core/publisher/topic-board.ts';
import { openRecording } from '../feeds/replay/open-recording.ts';
import { ReplaySource } from '../feeds/replay/replay-source.ts';
import { rewindRows } from './rewound-rows.ts';
import type { TerminalSource } from './source-port.ts';
import type { TradeLoop } from './trade-loop.ts';

export interface ReplayingSourceParts {
  readonly file: string;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly board: TopicBoard;
  readonly loop: TradeLoop;
}

type Saved = {
  readonly engine: ReturnType<Engine['snapshot']>;
  readonly book: ReturnType<TradeLoop['book']['snapshot']>;
};

/** A recorded file as the source of a terminal; its seeks restore engine and account together. */
export async function replayingSource(parts: ReplayingSourceParts): Promise<TerminalSource> {
  const { engine, loop, board } = parts;
  const source = new ReplaySource({
    recording: openRecording([parts.file], engine),
    engine,
    clock: parts.clock,
    snapshot: (): Saved => ({ engine: engine.snapshot(), book: loop.book.snapshot() }),
    restore: (saved) => {
      const { engine: engineState, book } = saved as Saved;
      engine.restore(engineState);
      loop.book.restore(book);
      rewindRows(board, loop.book, engine.nowUs);
      loop.ticket.arm(false);
      loop.desk.open();
    },
    onChange: () => undefined,
    onError: (error) => board.announce('fault', `The replay stopped: ${error.message}`, engine.nowUs),
  });
  await source.open();
  const name = `${basename(parts.file)}${source.simulated ? ' · SIMULATED data' : ''}`;
  return {
    name,
    simulated: source.simulated,
    start: async () => source.play(),
    stop: () => source.stop(),
    snapshot: () => undefined,
    oldestInputUs: () => undefined,
    commandTimeUs: () => engine.nowUs,
    standing: () => (source.state.playing ? 'replaying' : 'replay paused'),
    untradable: () => undefined,
    feeds: () => [],
    capture: () => ({ ok: true, words: 'replaying' }),
    replay: () => ({ id: 'replay', active: true, file: name, nowUs: engine.nowUs, ...source.state }),
    control: async (command, params) => {
      switch (command) {
        case 'replayPlay':
          source.play();
          return { words: 'Replay plays.' };
        case 'replayPause':
          source.pause();
          return { words: 'Replay stands.' };
        case 'replayStep':
          await source.step(params.events ?? 1);
          return { words: 'Stepped.' };
        case 'replaySpeed':
          source.setSpeed(params.speed ?? 1);
          return { words: `Speed ${params.speed}.` };
        case 'replaySeek':
          await source.seek(params.toUs ?? 0);
          return { words: 'Moved.' };
        default:
          throw new CommandRefusal('unknown-command', `The replay does not know ${command}.`);
      }
    },
  };
}
