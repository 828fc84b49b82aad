// Standard output for the lines that a server sends: written once a turn, with back-pressure for whoever produces them.
// What a server sends must never reach a terminal as it is; a pipe or a file gets every byte of it.

import { escapeUnsafe } from '../protocol/index.ts';
import { BackPressure, type Producer } from './back-pressure.ts';

export class LineOutput {
  #text = '';
  #scheduled = false;
  readonly #backPressure: BackPressure;
  readonly #stream: NodeJS.WriteStream;
  /** Breaks a line into rows of a terminal. */
  readonly #rows: (line: string) => string = (line) => line;

  constructor(stream: NodeJS.WriteStream, producer: Producer, rows: (line: string) => string = (line) => line) {
    this.#stream = stream;
    this.#rows = rows;
    this.#backPressure = new BackPressure(producer, [stream]);
  }

  /** `line` is without its newline; JSON, or whatever else came. */
  print(line: string): void {
    this.#text += `${this.#stream.isTTY ? this.#rows(escapeUnsafe(line)) : line}\n`;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }

  flush(): void {
    this.#scheduled = false;
    this.#stream.write(this.#text);
    this.#text = '';
    this.#backPressure.check();
  }
}
