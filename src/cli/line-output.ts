// Standard output for the lines that a server sends: written once a turn, with back-pressure for whoever produces them.
// What a server sends must never reach a terminal as it is; a pipe or a file gets every byte of it.

import { escapeUnsafe } from '../protocol/index.ts';

export interface Producer {
  pause(): void;
  resume(): void;
}

/** What may wait for a slow reader before its producer is paused. */
const HIGH_WATER_BYTES = 256 * 1024;

export class LineOutput {
  private text = '';
  private scheduled = false;

  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly producer: Producer,
    /** Breaks a line into rows of a terminal. */
    private readonly rows: (line: string) => string = (line) => line,
  ) {}

  /** `line` is without its newline; JSON, or whatever else came. */
  print(line: string): void {
    this.text += `${this.stream.isTTY ? this.rows(escapeUnsafe(line)) : line}\n`;
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.flush());
  }

  flush(): void {
    this.scheduled = false;
    this.stream.write(this.text);
    this.text = '';
    if (this.stream.writableLength <= HIGH_WATER_BYTES) return;
    this.producer.pause();
    this.stream.once('drain', () => this.producer.resume());
  }
}
