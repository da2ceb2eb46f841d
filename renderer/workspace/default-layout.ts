import type { DockviewApi } from 'dockview-react';

/** The panes by id, with the name on their tab. */
export const PANES = {
  ladder: 'Ladder',
  tape: 'Tape',
  heatmap: 'Heatmap',
  chart: 'Chart',
  features: 'Features',
  ticket: 'Ticket',
  agents: 'Agents',
  positions: 'Positions',
  signals: 'Signals',
} as const;

export type PaneId = keyof typeof PANES;

export type SizeClass = 'full' | 'compact' | 'small';

/** Which arrangement fits a window: all panes side by side, some folded into tabs, or three stacks of tabs. */
export function sizeClass(width: number, height: number): SizeClass {
  if (width >= 1360 && height >= 780) return 'full';
  return width >= 1000 && height >= 560 ? 'compact' : 'small';
}

const between = (low: number, value: number, high: number): number => Math.round(Math.max(low, Math.min(high, value)));

type Direction = 'right' | 'below' | 'within';

/** Lays the default workspace into an empty dock of the given size. */
export function applyDefaultLayout(api: DockviewApi, width: number, height: number, size: SizeClass): void {
  api.clear();
  const put = (id: PaneId, direction?: Direction, beside?: PaneId, inactive = false): void => {
    api.addPanel({
      id,
      component: id,
      title: PANES[id],
      inactive,
      minimumWidth: 160,
      minimumHeight: 60,
      ...(direction && beside ? { position: { direction, referencePanel: beside } } : {}),
    });
  };
  const sized = (id: PaneId, dimension: { width?: number; height?: number }): void => {
    api.getPanel(id)?.api.group.api.setSize(dimension);
  };
  put('ladder');
  put('heatmap', 'right', 'ladder');
  put('ticket', 'right', 'heatmap');
  if (size === 'full') {
    const bottom = between(196, height * 0.23, 340);
    put('tape', 'below', 'ladder');
    put('chart', 'below', 'heatmap');
    put('features', 'below', 'chart');
    put('agents', 'below', 'ticket');
    put('positions', 'below', 'agents');
    put('signals', 'below', 'positions');
    sized('ladder', { width: between(348, width * 0.17, 480) });
    sized('ticket', { width: between(340, width * 0.18, 520) });
    for (const pane of ['tape', 'features', 'signals'] as const) sized(pane, { height: bottom });
    const upper = height - bottom;
    sized('ladder', { height: upper });
    sized('heatmap', { height: upper * 0.58 });
    sized('chart', { height: upper * 0.42 });
    sized('agents', { height: between(68, upper * 0.1, 180) });
    sized('positions', { height: between(170, upper * 0.27, 420) });
    return;
  }
  if (size === 'compact') {
    put('tape', 'within', 'ladder', true);
    put('chart', 'below', 'heatmap');
    put('features', 'within', 'chart', true);
    put('positions', 'below', 'ticket');
    put('signals', 'within', 'positions', true);
    put('agents', 'within', 'positions', true);
    sized('ladder', { width: between(300, width * 0.25, 340) });
    sized('ticket', { width: between(310, width * 0.25, 340) });
    sized('chart', { height: height * 0.4 });
    sized('positions', { height: between(180, height * 0.34, 240) });
  } else {
    put('tape', 'within', 'ladder', true);
    for (const pane of ['chart', 'features', 'signals', 'agents'] as const) put(pane, 'within', 'heatmap', true);
    put('positions', 'within', 'ticket', true);
    sized('ladder', { width: between(220, width * 0.33, 300) });
    sized('ticket', { width: between(250, width * 0.36, 320) });
  }
  for (const pane of ['ladder', 'heatmap', 'ticket'] as const) api.getPanel(pane)?.api.setActive();
}
