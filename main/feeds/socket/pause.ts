import { afterMs } from '../../core/clock/wall-timer.ts';

/** Waits. @throws the signal's reason when it ends the wait */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((done, ended) => {
    signal?.throwIfAborted();
    const end = () => {
      cancel();
      ended(signal?.reason as Error);
    };
    const cancel = afterMs(ms, () => {
      signal?.removeEventListener('abort', end);
      done();
    });
    signal?.addEventListener('abort', end, { once: true });
  });
}
