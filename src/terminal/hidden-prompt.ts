// Asks for a password on a terminal: nothing of the answer is shown, not even its length.

import type { ReadStream, WriteStream } from 'node:tty';
import { printableLine } from '../protocol/index.ts';
import { InputLine } from './input-line.ts';

/** The answer; undefined for Ctrl-C or Ctrl-D. Gives the terminal back before it answers. */
export async function askHidden(input: ReadStream, output: WriteStream, question: string): Promise<string | undefined> {
  const line = new InputLine({ input, output, env: process.env }, undefined, {
    onLine: () => {},
    onLeave: () => {},
    onTooLong: () => {},
    complete: (before) => ({ start: before.length, candidates: [] }),
    rowsAbove: () => [],
  });
  const answer = await line.askHidden(printableLine(question));
  line.close();
  return answer;
}
