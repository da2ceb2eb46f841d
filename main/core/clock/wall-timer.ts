/** Takes a timer back; calling it again, or after the timer has run, does nothing. */
export type Cancel = () => void;

export interface TimerOptions {
  /** When true, the timer alone does not keep the process alive. Default false. */
  readonly unref?: boolean;
}

/** Runs `fn` once, `ms` milliseconds of wall time from now. */
export function afterMs(ms: number, fn: () => void, options: TimerOptions = {}): Cancel {
  const timer = setTimeout(fn, ms);
  if (options.unref) timer.unref();
  return () => clearTimeout(timer);
}

/** Runs `fn` about every `ms` milliseconds of wall time until cancelled; ticks that come late are not made up for. */
export function everyMs(ms: number, fn: () => void, options: TimerOptions = {}): Cancel {
  const timer = setInterval(fn, ms);
  if (options.unref) timer.unref();
  return () => clearInterval(timer);
}

/** Runs `fn` as soon as pending input and output has had its turn. */
export function soon(fn: () => void, options: TimerOptions = {}): Cancel {
  const timer = setImmediate(fn);
  if (options.unref) timer.unref();
  return () => clearImmediate(timer);
}
