import { create } from 'zustand';
import { terminal } from '../engine/page-terminal.ts';

/** Where a replay is on its way to; null while it is nowhere else than it stands. */
export const useSeek = create<{ readonly toUs: number | null }>(() => ({ toUs: null }));

/** Has the replay go to a time. Until it stands there that is where it is, so that quick keys add up. */
export async function seekReplay(us: number): Promise<void> {
  const toUs = Math.round(us);
  useSeek.setState({ toUs });
  await terminal.command('replaySeek', { toUs });
  if (useSeek.getState().toUs === toUs) useSeek.setState({ toUs: null });
}
