import { afterMs } from '../core/clock/wall-timer.ts';
import { SilentServerError } from './postgres/postgres-fault.ts';

/** What a promise gives within a time, else undefined; the promise goes on. */
export async function inTime<T>(promise: Promise<T> | undefined, ms: number): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const cancel = afterMs(ms, () => late.resolve(undefined));
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    cancel();
  }
}

/** What a promise gives; throws SilentServerError when it takes too long. */
export async function answered<T>(promise: Promise<T>, ms: number): Promise<T> {
  const silent = Promise.withResolvers<never>();
  const cancel = afterMs(ms, () => silent.reject(new SilentServerError(`no answer within ${ms / 1000} s`)));
  try {
    return await Promise.race([promise, silent.promise]);
  } finally {
    cancel();
  }
}
