// Takes a terminal for reading key by key, and gives it back on every way out: asked for, at the process's exit, when
// a signal ends it, and while it is stopped. Draws nothing.

import type { ReadStream, WriteStream } from 'node:tty';

// xterm's bracketed paste mode.
const PASTE_ON = '\x1b[?2004h';
const PASTE_OFF = '\x1b[?2004l';
/** The rest of what is typed, behind and below the cursor, would be mixed with what comes. */
const STEP_BELOW = '\x1b[J\r\n';

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type EndingSignal = (typeof ENDING_SIGNALS)[number];

export interface RawModeEvents {
  /** The process is about to be stopped: take away what is drawn. */
  readonly onStop: () => void;
  /** It goes on, on a screen that may hold anything now. */
  readonly onContinue: () => void;
}

export class RawMode {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #events: RawModeEvents;
  #state: 'off' | 'on' | 'stopped' = 'off';

  readonly #onExit = (): void => this.abandon();
  readonly #onEndingSignal = (signal: NodeJS.Signals): void => this.#end(signal);
  readonly #onStopSignal = (): void => this.#stop();
  readonly #onContinueSignal = (): void => this.#continue();

  constructor(input: ReadStream, output: WriteStream, events: RawModeEvents) {
    this.#input = input;
    this.#output = output;
    this.#events = events;
  }

  enter(): void {
    if (this.#state !== 'off') return;
    this.#state = 'on';
    this.#set(true);
    process.on('exit', this.#onExit);
    for (const signal of ENDING_SIGNALS) process.on(signal, this.#onEndingSignal);
    process.on('SIGTSTP', this.#onStopSignal);
    process.on('SIGCONT', this.#onContinueSignal);
  }

  /** Gives the terminal back. May be called at any time, more than once, and from an exit hook: it is synchronous. */
  leave(): void {
    if (this.#state === 'off') return;
    if (this.#state === 'on') this.#set(false);
    this.#state = 'off';
    process.off('exit', this.#onExit);
    for (const signal of ENDING_SIGNALS) process.off(signal, this.#onEndingSignal);
    process.off('SIGTSTP', this.#onStopSignal);
    process.off('SIGCONT', this.#onContinueSignal);
  }

  /** The same, with what is drawn left where it is: what comes next on the screen begins below it. */
  abandon(): void {
    if (this.#state === 'on') this.#output.write(STEP_BELOW);
    this.leave();
  }

  /** Stops the process, and with it the others of its job, as Ctrl-Z does on a terminal that is not in raw mode. */
  suspend(): void {
    process.kill(0, 'SIGTSTP');
  }

  #set(on: boolean): void {
    // A terminal that has hung up takes no mode; there is nothing to give back then.
    try {
      this.#input.setRawMode(on);
    } catch {
      return;
    }
    this.#output.write(on ? PASTE_ON : PASTE_OFF);
  }

  #end(signal: NodeJS.Signals): void {
    // A listener takes a signal's effect away. Where ours is the only one, the signal takes effect after all.
    const decidesAlone = isEnding(signal) && process.listenerCount(signal) === 1;
    if (!decidesAlone) return;
    this.abandon();
    process.kill(process.pid, signal);
  }

  #stop(): void {
    if (this.#state !== 'on') return;
    this.#events.onStop();
    this.#set(false);
    this.#state = 'stopped';
    process.off('SIGTSTP', this.#onStopSignal);
    process.kill(process.pid, 'SIGTSTP');
    // Without a shell that could continue it, the system does not stop it, and no SIGCONT comes.
    setImmediate(this.#onContinueSignal);
  }

  #continue(): void {
    if (this.#state === 'off') return;
    if (this.#state === 'stopped') process.on('SIGTSTP', this.#onStopSignal);
    // Somebody else may have set the terminal meanwhile, which setRawMode does not see unless the mode changes.
    if (this.#state === 'on') this.#set(false);
    this.#state = 'on';
    this.#set(true);
    this.#events.onContinue();
  }
}

function isEnding(signal: NodeJS.Signals): signal is EndingSignal {
  return ENDING_SIGNALS.some((ending) => ending === signal);
}
