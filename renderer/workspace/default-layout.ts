import type { SerializedDockview } from 'dockview-react';

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
  news: 'News',
} as const;

export type PaneId = keyof typeof PANES;

export type SizeClass = 'full' | 'compact' | 'small';

/** A stack of tabs, the first in front, with its height in a column. */
interface Stack {
  readonly panes: readonly PaneId[];
  readonly height: number;
}

interface Column {
  readonly width: number;
  readonly stacks: readonly Stack[];
}

/** Which arrangement fits a window: all panes side by side, some folded into tabs, or three stacks of tabs. */
export function sizeClass(width: number, height: number): SizeClass {
  if (width >= 1360 && height >= 780) return 'full';
  return width >= 1000 && height >= 560 ? 'compact' : 'small';
}

const between = (low: number, value: number, high: number): number => Math.round(Math.max(low, Math.min(high, value)));

/** Columns of the default workspace for a dock of the given size, in CSS pixels. */
export function defaultColumns(width: number, height: number, size: SizeClass): Column[] {
  switch (size) {
    case 'full':
      return fullColumns(width, height);
    case 'compact': {
      const left = between(320, width * 0.25, 340);
      const right = between(340, width * 0.29, 380);
      const positions = between(190, height * 0.3, 260);
      const chart = Math.round(height * 0.4);
      return [
        { width: left, stacks: [{ panes: ['ladder', 'tape'], height }] },
        {
          width: width - left - right,
          stacks: [
            { panes: ['heatmap'], height: height - chart },
            { panes: ['chart', 'features', 'news'], height: chart },
          ],
        },
        {
          width: right,
          stacks: [
            { panes: ['ticket'], height: height - positions },
            { panes: ['positions', 'signals', 'agents'], height: positions },
          ],
        },
      ];
    }
    case 'small': {
      const left = between(220, width * 0.33, 300);
      const right = between(260, width * 0.38, 330);
      return [
        { width: left, stacks: [{ panes: ['ladder', 'tape'], height }] },
        {
          width: width - left - right,
          stacks: [{ panes: ['heatmap', 'chart', 'features', 'signals', 'news', 'agents'], height }],
        },
        { width: right, stacks: [{ panes: ['ticket', 'positions'], height }] },
      ];
    }
  }
}

/** The lowest row has one height in all three columns, so that its upper edge is one line across the screen. */
function fullColumns(width: number, height: number): Column[] {
  const left = between(348, width * 0.17, 480);
  const right = between(372, width * 0.18, 520);
  const bottom = between(190, height * 0.23, 340);
  const upper = height - bottom;
  const agents = between(60, upper * 0.1, 180);
  const ticket = between(404, upper * 0.5, 620);
  const heatmap = Math.round(upper * 0.58);
  return [
    {
      width: left,
      stacks: [
        { panes: ['ladder'], height: upper },
        { panes: ['tape'], height: bottom },
      ],
    },
    {
      width: width - left - right,
      stacks: [
        { panes: ['heatmap'], height: heatmap },
        { panes: ['chart'], height: upper - heatmap },
        { panes: ['features', 'news'], height: bottom },
      ],
    },
    {
      width: right,
      stacks: [
        { panes: ['ticket'], height: ticket },
        { panes: ['agents'], height: agents },
        { panes: ['positions'], height: upper - ticket - agents },
        { panes: ['signals'], height: bottom },
      ],
    },
  ];
}

/** The default workspace in the dock's own notation. */
export function defaultLayout(width: number, height: number, size: SizeClass): SerializedDockview {
  const columns = defaultColumns(width, height, size);
  const leaf = ({ panes, height: stackHeight }: Stack) => ({
    type: 'leaf' as const,
    size: stackHeight,
    data: { id: `stack-${panes[0]}`, views: [...panes], activeView: panes[0]! },
  });
  const branches = columns.map(({ width: columnWidth, stacks }) => {
    const [only] = stacks;
    if (stacks.length === 1 && only) return { ...leaf(only), size: columnWidth };
    return { type: 'branch' as const, size: columnWidth, data: stacks.map(leaf) };
  });
  const shown = columns.flatMap(({ stacks }) => stacks.flatMap(({ panes }) => panes));
  return {
    grid: {
      root: { type: 'branch', data: branches, size: height },
      width,
      height,
      orientation: 'HORIZONTAL',
    },
    panels: Object.fromEntries(
      shown.map((id) => [id, { id, contentComponent: id, title: PANES[id], minimumWidth: 160, minimumHeight: 48 }]),
    ),
    activeGroup: 'stack-ticket',
  } as SerializedDockview;
}
