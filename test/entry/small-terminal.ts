import { randomUUID } from 'node:crypto';
import { Engine } from '../../main/core/engine.ts';
import { MarketView } from '../../main/core/publisher/market-view.ts';
import { TopicBoard } from '../../main/core/publisher/topic-board.ts';
import type { RunningTerminal } from '../../main/entry/terminal-port.ts';
import { FeatureStage } from '../../main/features/feature-stage.ts';
import { instrumentOf } from '../../shared/instruments.ts';

/** An engine with one market and no feed; a command is answered with its own name, `settingsWrite` starts it anew. */
export function smallTerminal(restarts = 0, restart: () => void = () => undefined): RunningTerminal {
  const engine = new Engine({ continuity: 'live' });
  const views = new MarketView(engine, { staleAfterUs: 2_000_000 });
  engine.addStage(new FeatureStage(views));
  engine.addStage(views);
  engine.addMarket(instrumentOf('6EH6', 1, 42, undefined));
  const board = new TopicBoard();
  board.setRecord('terminal', {
    id: 'terminal',
    mode: 'SIMULATED',
    paper: true,
    version: '0',
    startedUs: 1,
    restarts,
    notice: '',
    linkId: '',
    marketIndex: null,
    source: '',
    presetLots: [1, 2, 3, 5, 10],
  });
  const command = (name: string) => {
    if (name === 'settingsWrite') restart();
    return name;
  };
  return { board, views, engine, command, engineId: randomUUID(), close: () => Promise.resolve() };
}
