// The line that is typed at the bottom of a terminal, while messages pass above it. Joins keys, editor and live area to
// the streams that it is given; decides nothing about what a line means.

import { StringDecoder } from 'node:string_decoder';
import type { ReadStream, WriteStream } from 'node:tty';
import { type Completer, Editor, type Outcome } from './editor.ts';
import { InputHistory } from './input-history.ts';
import { KeyDecoder } from './keys.ts';
import { type InputLayout, layOutInput, type Row } from './layout.ts';
import { LiveArea, reflows, type ScreenSize, sizeOf } from './live-area.ts';
import { layOutQuestion } from './question.ts';
import { RawMode } from './raw-mode.ts';
import type { Surface, SurfaceEvents } from './surface.ts';

export interface InputLineEvents extends SurfaceEvents {
  readonly complete: Completer;
  /** The rows above the line that belong to it, newest last. */
  readonly rowsAbove: (columns: number) => readonly Row[];
}

export interface TerminalStreams {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly env: NodeJS.ProcessEnv;
}

interface Secret {
  readonly question: string;
  readonly editor: Editor;
  readonly answer: (text: string | undefined) => void;
}

/** How long the other half of an escape sequence may take before the Escape was a key of its own. */
const ESCAPE_MS = 100;
/** A window that is dragged changes its size many times; drawn in between, the line might be drawn for a size that has passed. */
const RESIZED_MS = 100;
const NO_COMPLETION: Completer = (before) => ({ start: before.length, candidates: [] });

export class InputLine implements Surface {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #events: InputLineEvents;
  readonly #editor: Editor;
  readonly #keys = new KeyDecoder();
  readonly #utf8 = new StringDecoder('utf8');
  readonly #area: LiveArea;
  readonly #rawMode: RawMode;
  #prompt = '> ';
  #secret: Secret | undefined;
  /** Text to be printed above, in one write a turn: a burst of messages draws the line once. */
  #printed = '';
  #flush: NodeJS.Immediate | undefined;
  #escape: NodeJS.Timeout | undefined;
  #resized: NodeJS.Timeout | undefined;
  #closed = false;

  readonly #onData = (chunk: Buffer): void => this.#read(chunk);
  readonly #onEnd = (): void => this.#tell({ type: 'end' }, this.#secret);
  readonly #onResize = (): void => {
    clearTimeout(this.#resized);
    this.#resized = setTimeout(() => this.redraw(), RESIZED_MS);
  };

  constructor({ input, output, env }: TerminalStreams, historyFile: string | undefined, events: InputLineEvents) {
    this.#area = new LiveArea(reflows(env));
    this.#input = input;
    this.#output = output;
    this.#events = events;
    this.#editor = new Editor(new InputHistory(historyFile), events.complete);
    this.#rawMode = new RawMode(input, output, {
      onStop: () => output.write(this.#area.hide(this.#size())),
      onContinue: () => this.redraw(),
    });
    this.#rawMode.enter();
    // A terminal that hangs up ends in an error.
    input.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onEnd);
    // A line that was here before has paused it.
    input.resume();
    output.on('resize', this.#onResize);
    this.redraw();
  }

  setPrompt(prompt: string): void {
    this.#prompt = prompt;
    this.redraw();
  }

  /** Prints printable `text` and a newline above the line. */
  print(text: string): void {
    this.#printed += `${text.replaceAll('\n', '\r\n')}\r\n`;
    this.redraw();
  }

  bell(): void {
    // A bell moves no cursor, so it may come with whatever is printed.
    this.#printed += '\x07';
    this.redraw();
  }

  putBack(text: string): boolean {
    if (!this.#editor.putBack(text)) return false;
    this.redraw();
    return true;
  }

  clear(): void {
    this.#area.forget();
    this.#output.write('\x1b[H\x1b[2J');
    this.redraw();
  }

  /** The answer, typed without being shown; undefined for Ctrl-C and Ctrl-D. One question at a time. */
  askHidden(question: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const answer = (text: string | undefined): void => {
        this.#secret = undefined;
        this.redraw();
        resolve(text);
      };
      this.#secret = { question, editor: new Editor(new InputHistory(), NO_COMPLETION), answer };
      this.redraw();
    });
  }

  /** Draws the line anew by the end of this turn: whatever changed, one write shows it. */
  redraw(): void {
    if (!this.#closed) this.#flush ??= setImmediate(() => this.#draw());
  }

  /** Keys are always read: they may be the wish to leave. */
  holdInput(): void {}

  /** Takes the line away and gives the terminal back. What was printed stays. */
  close(): void {
    if (this.#closed) return;
    this.#output.write(this.#area.hide(this.#size()) + this.#printed);
    this.#rawMode.leave();
    this.#stop();
  }

  /** Gives the terminal back at once and leaves the line where it is: for a way out that has no time for more. */
  restore(): void {
    if (this.#closed) return;
    this.#rawMode.abandon();
    this.#stop();
  }

  #stop(): void {
    this.#closed = true;
    clearImmediate(this.#flush);
    clearTimeout(this.#escape);
    clearTimeout(this.#resized);
    this.#input.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onEnd).pause();
    this.#output.off('resize', this.#onResize);
    this.#secret?.answer(undefined);
  }

  #draw(): void {
    this.#flush = undefined;
    const size = this.#size();
    const hidden = this.#area.hide(size) + this.#printed;
    this.#printed = '';
    this.#output.write(
      hidden + this.#area.show(this.#events.rowsAbove(size.columns), this.#layOut(size.columns), size),
    );
  }

  #layOut(columns: number): InputLayout {
    if (this.#secret !== undefined) return layOutQuestion(this.#secret.question, columns);
    return layOutInput(this.#prompt, this.#editor.text, this.#editor.cursor, columns);
  }

  #size(): ScreenSize {
    return sizeOf(this.#output);
  }

  #read(chunk: Buffer): void {
    clearTimeout(this.#escape);
    this.#press(this.#keys.decode(this.#utf8.write(chunk)));
    if (this.#keys.waits) this.#escape = setTimeout(() => this.#press(this.#keys.settle()), ESCAPE_MS);
  }

  #press(keys: ReturnType<KeyDecoder['decode']>): void {
    for (const key of keys) {
      // An outcome may have closed the line: what was typed after it is for nobody.
      if (this.#closed) return;
      const secret = this.#secret;
      const outcome = (secret?.editor ?? this.#editor).press(key);
      this.redraw();
      if (!this.#concernsScreen(outcome)) this.#tell(outcome, secret);
    }
  }

  #concernsScreen(outcome: Outcome): boolean {
    switch (outcome.type) {
      case 'clear':
        this.clear();
        return true;
      case 'suspend':
        this.#rawMode.suspend();
        return true;
      case 'refused':
        if (outcome.reason === 'too long') this.#events.onTooLong();
        this.bell();
        return true;
      default:
        return false;
    }
  }

  #tell(outcome: Outcome, secret: Secret | undefined): void {
    if (outcome.type === 'submit') {
      if (secret === undefined) this.#events.onLine(outcome.text);
      else secret.answer(outcome.text);
    } else if (outcome.type === 'interrupt' || outcome.type === 'end') {
      if (secret === undefined) this.#events.onLeave(outcome.type);
      else secret.answer(undefined);
    }
  }
}
