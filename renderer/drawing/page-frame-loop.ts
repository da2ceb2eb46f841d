import { terminal } from '../engine/page-terminal.ts';
import { FrameLoop } from './frame-loop.ts';

/** The page's one frame loop. */
export const frameLoop = new FrameLoop(terminal.metrics);
