// The surface where no line can be edited: pipes, files, and terminals that know no sequences (TERM=dumb).
// Writes no sequence of its own, and leaves editing to the system.

import { StringDecoder } from 'node:string_decoder';
import type { WriteStream } from 'node:tty';
import { askHidden } from './hidden-prompt.ts';
import type { Surface, SurfaceEvents } from './surface.ts';

/** Far beyond any message: the rest of a line that does not end is not kept. */
const MAX_LINE_UNITS = 256 * 1024;

export class PlainLines implements Surface {
  readonly #input: NodeJS.ReadStream;
  readonly #output: NodeJS.WritableStream;
  readonly #errors: WriteStream;
  readonly #events: SurfaceEvents;
  readonly #utf8 = new StringDecoder('utf8');
  #held = '';
  #passingOver = false;

  readonly #onData = (chunk: Buffer): void => this.#read(this.#utf8.write(chunk));
  readonly #onEnd = (): void => this.#end();

  /** Asides go to `errors`; so do questions, so that an output that is not the terminal has none of them. */
  constructor(input: NodeJS.ReadStream, output: NodeJS.WritableStream, errors: WriteStream, events: SurfaceEvents) {
    this.#input = input;
    this.#output = output;
    this.#errors = errors;
    this.#events = events;
    input.on('data', this.#onData).on('end', this.#onEnd);
  }

  print(text: string, aside: boolean): void {
    (aside ? this.#errors : this.#output).write(`${text}\n`);
  }

  bell(): void {}

  setPrompt(): void {}

  redraw(): void {}

  clear(): void {}

  putBack(): boolean {
    return false;
  }

  async askHidden(question: string): Promise<string | undefined> {
    if (!this.#input.isTTY || !this.#errors.isTTY) return undefined;
    this.#input.off('data', this.#onData).off('end', this.#onEnd);
    const answer = await askHidden(this.#input, this.#errors, question);
    this.#input.on('data', this.#onData).on('end', this.#onEnd).resume();
    return answer;
  }

  holdInput(hold: boolean): void {
    if (hold) this.#input.pause();
    else this.#input.resume();
  }

  close(): void {
    this.restore();
  }

  restore(): void {
    this.#input.off('data', this.#onData).off('end', this.#onEnd).pause();
  }

  #read(text: string): void {
    // What is held has no newline: it is not looked through again with every piece that comes.
    const [first = '', ...further] = text.split('\n');
    this.#held += first;
    for (const start of further) {
      this.#tell(this.#held);
      this.#held = start;
    }
    if (this.#held.length <= MAX_LINE_UNITS) return;
    this.#held = '';
    this.#passingOver = true;
  }

  #tell(line: string): void {
    if (this.#passingOver) this.#events.onTooLong();
    else this.#events.onLine(line.replace(/\r$/, ''));
    this.#passingOver = false;
  }

  #end(): void {
    this.#read(this.#utf8.end());
    if (this.#held !== '') this.#tell(this.#held);
    this.#held = '';
    // The end of a pipe is not a wish to leave; Ctrl-D on a terminal is.
    if (this.#input.isTTY) this.#events.onLeave('end');
  }
}
