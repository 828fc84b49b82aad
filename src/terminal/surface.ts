// What a view prints on and hears from: a terminal with a line that is edited, or plain streams. Types alone.

export interface SurfaceEvents {
  /** A line, or a paste of several with `\n` between them. */
  readonly onLine: (text: string) => void;
  /** Ctrl-C, or Ctrl-D, on an empty line; or a terminal that has gone. */
  readonly onLeave: (how: 'interrupt' | 'end') => void;
  /** What was pasted or typed would not fit in a message. */
  readonly onTooLong: () => void;
}

export interface Surface {
  /** Prints printable text, its lines parted by `\n`, and a newline. `aside`: it is not what the output is for. */
  print(text: string, aside: boolean): void;
  bell(): void;
  setPrompt(prompt: string): void;
  redraw(): void;
  clear(): void;
  /** Puts a typed text back into the line; false where that cannot be, so that it has to be shown. */
  putBack(text: string): boolean;
  /** Undefined where there is nobody to ask, or who was asked declined. */
  askHidden(question: string): Promise<string | undefined>;
  /** While it is held, piped input is not read, so that it cannot pile up here. */
  holdInput(hold: boolean): void;
  close(): void;
  restore(): void;
}
