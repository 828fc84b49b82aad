// How many messages are said, on one line of a terminal that is written over and goes away at the end.

const EVERY_MS = 200;
const NUMBER = new Intl.NumberFormat('en-GB');

export class Progress {
  readonly #terminal: NodeJS.WriteStream | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #said = 0;
  #shown = 0;

  /** Without a terminal it shows nothing. What is over soon is not shown either. */
  constructor(terminal: NodeJS.WriteStream | undefined) {
    this.#terminal = terminal;
    if (terminal !== undefined) this.#timer = setInterval(() => this.#show(), EVERY_MS).unref();
  }

  said(): void {
    this.#said += 1;
  }

  /** Makes room for something else; the line comes back with the next message. */
  clear(): void {
    if (this.#shown === 0) return;
    this.#shown = 0;
    this.#terminal?.write('\r\x1b[K');
  }

  stop(): void {
    clearInterval(this.#timer);
    this.clear();
  }

  #show(): void {
    if (this.#said === this.#shown) return;
    this.#shown = this.#said;
    this.#terminal?.write(`\r${NUMBER.format(this.#said)} said\x1b[K`);
  }
}

/** Standard error, where somebody looks at it and the input comes from elsewhere. */
export function progressTerminal(): NodeJS.WriteStream | undefined {
  const { stdin, stderr, env } = process;
  return stderr.isTTY && !stdin.isTTY && env.TERM !== 'dumb' ? stderr : undefined;
}
