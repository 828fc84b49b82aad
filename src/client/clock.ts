// The client's time, by parameter, so that a test can bend it. Only waits: nothing here tells what time it is.

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Calls `run` once after `ms` milliseconds. Keeps the process alive: between two connections nothing else does. */
  after(ms: number, run: () => void): Timer;
  /** Calls `run` once when what goes on now is done, so that what is said together is sent together. */
  soon(run: () => void): void;
}

export const systemClock: Clock = {
  after(ms, run) {
    const timeout = setTimeout(run, ms);
    return { cancel: () => clearTimeout(timeout) };
  },
  soon: (run) => queueMicrotask(run),
};
