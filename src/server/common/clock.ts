// The server's time, by parameter, so that a test can bend it. The wall clock only stamps lines; every wait is measured
// on the monotonic clock, which does not jump when somebody sets the time.

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since 1970 (UTC). May jump. */
  now(): number;
  /** Milliseconds since some moment. Never jumps, never goes back. */
  monotonic(): number;
  /** Calls `run` once after `ms` monotonic milliseconds. Does not keep the process alive. */
  after(ms: number, run: () => void): Timer;
  /** Calls `run` once what has arrived by now is read. */
  afterInput(run: () => void): void;
}

export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  after(ms, run) {
    const timeout = setTimeout(run, ms);
    timeout.unref();
    return { cancel: () => clearTimeout(timeout) };
  },
  // The event loop polls its sockets between its timers and its immediates.
  afterInput: setImmediate,
};
